"""申报一览: what was filed, a line each."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from applications import statistics
from applications.models import Application, Submission
from qcportal.exports.tables import Column, Table

CHUNK = 500
COLUMNS = [
    Column("文件编号", 15), Column("年度", 8, "whole"), Column("期", 9), Column("状态", 12), Column("单位名称", 32),
    Column("统一社会信用代码", 21), Column("所在市（州）", 13), Column("行业", 16), Column("规模", 8),
    Column("小组名称", 20), Column("课题名称", 40), Column("课题类型", 18), Column("组长", 10),
    Column("小组人数", 9, "whole"), Column("活动开始", 12, "date"), Column("活动结束", 12, "date"),
    Column("直接经济效益（万元）", 15, "wan"), Column("活动投入（万元）", 13, "wan"), Column("单项奖", 26),
    Column("推荐单位", 24), Column("版本", 7, "whole"), Column("首次提交", 20, "moment"),
    Column("最近提交", 20, "moment"), Column("提交后有修改", 10), Column("校验码", 15), Column("SHA-256", 68),
]  # fmt: skip


def applications(queryset: "QuerySet[Application]", *, title: str = "申报一览", notes: tuple[str, ...] = ()) -> Table:
    """``queryset`` may be filtered and ordered as its page shows it; text is the working copy's, which differs from
    the last version where 提交后有修改 says so. Two questions for 500 rows, whatever they hold."""
    return Table(title, COLUMNS, _rows(queryset), notes)


def in_order(queryset: "QuerySet[Application]") -> "QuerySet[Application]":
    return queryset.order_by("round__programme__year", "round__number", "file_number", "pk")


def _rows(queryset: "QuerySet[Application]") -> Iterator[list[Any]]:
    versions = Submission.objects.only("application", "version", "submitted_at", "code", "sha256").order_by("version")
    rows = queryset.select_related("enterprise", "round__programme", "recommending_unit")
    rows = rows.prefetch_related("special_awards", Prefetch("submissions", versions))
    for row in rows.iterator(chunk_size=CHUNK):
        yield _line(row)


def _line(row: Application) -> list[Any]:
    enterprise, sent = row.enterprise, list(row.submissions.all())
    first, last = (sent[0], sent[-1]) if sent else (None, None)
    return [
        row.file_number, row.round.programme.year, row.round.label, row.state_label, enterprise.name,
        enterprise.credit_code, enterprise.city_label, enterprise.get_industry_display(),  # type: ignore[attr-defined]
        enterprise.get_scale_display(), row.group_name, row.topic_name, row.topic_type_label,  # type: ignore[attr-defined]
        row.leader_name, row.member_count, row.activity_starts_on, row.activity_ends_on,
        statistics.to_wan(row.economic_benefit), statistics.to_wan(row.activity_cost),
        "；".join(award.name for award in row.special_awards.all()),
        row.recommending_unit.name if row.recommending_unit else "", last.version if last else None,
        first.submitted_at if first else None, last.submitted_at if last else None, row.has_unsubmitted_changes,
        last.code_grouped if last else "", last.sha256 if last else "",
    ]  # fmt: skip
