"""Files that were uploaded and wait for confirmation."""

from datetime import timedelta

from applications.imports import groups_sheet
from applications.imports.cells import ReadCell, as_json
from applications.imports.groups_sheet import GroupRow, Problem
from applications.models import PendingImport
from applications.statistics import COMPUTED, ROWS
from qcportal import clock
from tests import factories


def pending(user, round_, **fields) -> PendingImport:
    now = clock.now()
    defaults = {"programme": round_.programme, "file_name": "表.xlsx", "sha256": "0" * 64, "created_at": now,
                "expires_at": now + timedelta(hours=24)}  # fmt: skip
    return PendingImport.objects.create(user=user, enterprise=factories.enterprise_of(user), **{**defaults, **fields})


def statistics_cells(count: int) -> list[ReadCell]:
    found = [
        ReadCell(row.field, row.label, f"E{5 + number}", str(1000 + number), str(1000 + number))
        for number, row in enumerate(ROWS)
        if row.field not in COMPUTED
    ]
    wrong = ReadCell("unknown.B30", "获奖总数", "E30", "3", problem="附件 3 没有这个项目，未导入。")
    return [*found[:count], *[wrong._replace(key=f"unknown.B{30 + number}") for number in range(count)]]


def statistics(user, round_, count: int) -> PendingImport:
    return pending(user, round_, kind="statistics", cells=as_json(statistics_cells(count)))


def groups(user, round_, count: int) -> PendingImport:
    """``count`` sound rows and as many with a problem."""
    rows = [
        GroupRow(number, f"第{number}小组", "课题", {"group_name": f"第{number}小组", "topic_name": "课题"},
                 {"group_name": f"A{number}"}, {"group_name": f"第{number}小组"}, [])
        for number in range(4, 4 + 2 * count)
    ]  # fmt: skip
    problem = Problem("C4", "课题类型", "乱写", "课题类型不对。")
    rows = [row._replace(problems=[problem] if row.number % 2 else []) for row in rows]
    return pending(user, round_, kind="groups", round=round_, cells=groups_sheet.as_json(rows))
