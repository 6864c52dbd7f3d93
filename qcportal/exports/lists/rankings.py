"""结果: the rows of published rankings, each scope's last announced version."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table
from reviews.models import Ranking

COLUMNS = [
    Column("范围", 28), Column("版本", 7, "whole"), Column("名次", 8, "whole"), Column("文件编号", 15),
    Column("单位名称", 32), Column("小组名称", 20), Column("课题名称", 40), Column("总分", 9, "points"),
    Column("等级", 12), Column("公布时间", 20, "moment"), Column("SHA-256", 68),
]  # fmt: skip


def results(scope: Scope) -> list[Table]:
    notes = [scope.label, "只含已公布的结果；同一范围多次公布的，取最后一版。"]
    return [Table("获奖与结果", COLUMNS, _rows(scope), notes)]


def published(scope: Scope) -> list[Ranking]:
    """The last announced version of each scope: rounds first, then special awards."""
    rows = Ranking.objects.exclude(announced_at=None).filter(programme=scope.programme)
    if scope.round is not None:
        rows = rows.filter(round=scope.round)
    rows = rows.select_related("programme", "round__programme", "special_award").order_by("version")
    last = {(row.round_id or 0, row.special_award_id or 0): row for row in rows}
    return [last[key] for key in sorted(last)]


def _rows(scope: Scope) -> Iterator[list[Any]]:
    for ranking in published(scope):
        name = str(ranking.special_award or ranking.round or ranking.programme)
        for row in ranking.data.get("rows", []):
            total = row.get("total")
            yield [
                name, ranking.version, row.get("rank"), row.get("file_number"), row.get("enterprise"),
                row.get("group"), row.get("topic"), Decimal(str(total)) if total not in (None, "") else None,
                row.get("award"), ranking.announced_at, ranking.sha256,
            ]  # fmt: skip
