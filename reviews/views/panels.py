"""The lead judge's view of a panel: who has handed in. Points only where the lead's own sheet is in."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from qcportal import acting
from reviews.models import Assignment, Judge, Panel, Recusal
from reviews.scoring import points_text
from reviews.states import SheetState

STATUS_LABELS = {"done": "已交", "draft": "草稿", "todo": "未评", "recused": "回避", "none": "—"}


@dataclass(frozen=True)
class Cell:
    judge: str
    status: str
    points: str = ""

    @property
    def label(self) -> str:
        return STATUS_LABELS[self.status]


@dataclass(frozen=True)
class PanelRow:
    file_number: str
    topic: str
    cells: list[Cell]

    @property
    def done(self) -> int:
        return sum(cell.status == "done" for cell in self.cells)

    @property
    def expected(self) -> int:
        return sum(cell.status in {"done", "draft", "todo"} for cell in self.cells)


@login_required
@require_safe
def panel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """404 for everybody but the panel's lead."""
    led = Panel.objects.filter(lead__user=request.user).select_related("stage__round__programme", "lead")  # type: ignore[misc]
    found = get_object_or_404(led, uuid=uuid)
    assignments = list(Assignment.objects.active().filter(panel=found).for_list())
    judges = {row.judge_id: row.judge for row in assignments}
    rows = _rows(found, assignments, judges)
    return render(
        request,
        "reviews/panel.html",
        {
            "panel": found,
            "judges": [judges[key] for key in sorted(judges)],
            "rows": rows,
            "done": sum(row.done for row in rows),
            "expected": sum(row.expected for row in rows),
        },
    )


def _rows(panel: Panel, assignments: list[Assignment], judges: dict[int, Judge]) -> list[PanelRow]:
    by_filing: dict[int, dict[int, Assignment]] = {}
    for row in assignments:
        by_filing.setdefault(row.application_id, {})[row.judge_id] = row
    recused = set(
        Recusal.objects.filter(judge__in=judges, application__in=by_filing).values_list("judge_id", "application_id")
    )
    rows = []
    for filing_id, own in by_filing.items():
        first = next(iter(own.values()))
        lead_row = own.get(panel.lead_id or 0)
        may_see = (
            not acting.looking_only() and lead_row is not None and not lead_row.is_recused and _submitted(lead_row)
        )
        cells = [
            Cell(str(judges[judge].user), *_state(own.get(judge), (judge, filing_id) in recused, may_see))
            for judge in sorted(judges)
        ]
        rows.append(PanelRow(first.application.file_number or "", first.topic_name, cells))
    return sorted(rows, key=lambda row: row.file_number)


def _submitted(assignment: Assignment) -> bool:
    return any(sheet.state == SheetState.SUBMITTED for sheet in assignment.sheets.all())


def _state(assignment: Assignment | None, recused: bool, may_see: bool) -> tuple[str, str]:
    """Status and points; the points only where the lead may see them."""
    if recused:
        return "recused", ""
    if assignment is None:
        return "none", ""
    sheet = next((row for row in assignment.sheets.all() if row.state != SheetState.REOPENED), None)
    if sheet is None:
        return "todo", ""
    if sheet.state == SheetState.DRAFT:
        return "draft", ""
    return "done", points_text(sheet.total) if may_see else ""
