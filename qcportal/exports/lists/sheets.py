"""评分: every handed-in sheet with its points; read only, for the secretariat."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch

from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table
from reviews.models import ItemScore, ScoreSheet
from reviews.states import SheetState

CHUNK = 500
COLUMNS = [
    Column("文件编号", 15), Column("期", 9), Column("单位名称", 32), Column("小组名称", 20), Column("阶段", 10),
    Column("评委", 12), Column("评审表", 22), Column("所评版本", 9, "whole"), Column("总分", 9, "points"),
    Column("提交时间", 20, "moment"), Column("总体评语", 60),
]  # fmt: skip
ITEM_COLUMNS = [
    Column("文件编号", 15), Column("阶段", 10), Column("评委", 12), Column("评审项目", 26), Column("满分", 9, "points"),
    Column("得分", 9, "points"), Column("评语", 60),
]  # fmt: skip


def scores(scope: Scope) -> list[Table]:
    return [
        Table("评分表", COLUMNS, _rows(scope), [scope.label, "只含已提交的评分表。"]),
        Table("逐项得分", ITEM_COLUMNS, _item_rows(scope), [scope.label]),
    ]


def _sheets(scope: Scope) -> Any:
    rows = ScoreSheet.objects.filter(
        assignment__application__in=scope.applications(), state=SheetState.SUBMITTED
    ).select_related("assignment__application__enterprise", "assignment__application__round__programme",
                     "assignment__stage", "assignment__judge__user", "rubric", "submission")  # fmt: skip
    return rows.defer("submission__data", "submission__personal").order_by(
        "assignment__application__file_number", "assignment__stage_id", "assignment__judge_id", "pk"
    )


def _rows(scope: Scope) -> Iterator[list[Any]]:
    for row in _sheets(scope).iterator(chunk_size=CHUNK):
        given, filing = row.assignment, row.assignment.application
        yield [
            filing.file_number, filing.round.label, filing.enterprise.name, filing.group_name,
            given.stage.get_kind_display(), str(given.judge.user), row.rubric.name, row.submission.version,
            row.total, row.submitted_at, row.comment,
        ]  # fmt: skip


def _item_rows(scope: Scope) -> Iterator[list[Any]]:
    items = ItemScore.objects.select_related("item").order_by("item__position", "pk")
    for row in _sheets(scope).prefetch_related(Prefetch("scores", items)).iterator(chunk_size=CHUNK):
        given = row.assignment
        for item in row.scores.all():
            yield [
                given.application.file_number, given.stage.get_kind_display(), str(given.judge.user),
                item.item.name, item.item.max_points, item.points, item.comment,
            ]  # fmt: skip
