"""The assignment board of a stage: filings, who scores them, who must not, and how much each judge has. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Application
from applications.states import State
from reviews import conflicts
from reviews.models import Assignment, Judge, Recusal, ScoreSheet, Stage
from reviews.states import LABELS, SheetState

ASSIGNABLE = (State.ACCEPTED, State.IN_REVIEW)


@dataclass
class Given:
    """One assignment on the board."""

    assignment: Assignment
    state_label: str

    @property
    def may_withdraw(self) -> bool:
        return self.state_label != LABELS[SheetState.SUBMITTED]


@dataclass
class BoardRow:
    filing: Application
    given: list[Given] = field(default_factory=list)
    recused: list[str] = field(default_factory=list)

    @property
    def may_assign(self) -> bool:
        return self.filing.state in ASSIGNABLE


@dataclass
class Load:
    """What one judge has in this stage."""

    judge: Judge
    assigned: int = 0
    submitted: int = 0


def filings_of(stage: Stage, *, without_judges: bool = False) -> QuerySet[Application]:
    """The filings of the stage's round that are or may be judged; ``without_judges``: those nobody was given yet."""
    filings = Application.objects.filter(round=stage.round_id, state__in=[*ASSIGNABLE, State.SCORED])
    if without_judges:
        given = Assignment.objects.active().filter(stage=stage, application=OuterRef("pk"))
        filings = filings.filter(~Exists(given))
    return filings.select_related("enterprise", "round__programme").order_by("file_number")


def loads(stage: Stage) -> list[Load]:
    """All judges that can be assigned, and those who already have something here."""
    rows = {judge.pk: Load(judge) for judge in Judge.objects.filter(is_active=True).select_related("user")}
    submitted = ScoreSheet.objects.filter(assignment=OuterRef("pk"), state=SheetState.SUBMITTED)
    given = Assignment.objects.active().filter(stage=stage).annotate(is_in=Exists(submitted))
    for judge_id, is_in in given.values_list("judge_id", "is_in"):
        if judge_id in rows:
            rows[judge_id].assigned += 1
            rows[judge_id].submitted += is_in
    return list(rows.values())


def rows_of(stage: Stage, filings: Sequence[Application], judges: Sequence[Judge]) -> list[BoardRow]:
    """In a fixed number of queries: assignments, recorded recusals, and conflicts not yet recorded."""
    rows = {filing.pk: BoardRow(filing) for filing in filings}
    given = Assignment.objects.active().filter(stage=stage, application__in=rows).select_related("judge__user")
    sheets = dict(
        ScoreSheet.objects.filter(assignment__in=given)
        .exclude(state=SheetState.REOPENED)
        .values_list("assignment_id", "state")
    )
    recusals = list(Recusal.objects.filter(application__in=rows).select_related("judge__user"))
    recorded = {(recusal.judge_id, recusal.application_id) for recusal in recusals}
    for assignment in given.order_by("judge__user__name"):
        if (assignment.judge_id, assignment.application_id) in recorded:
            continue  # stands among the recused
        state = sheets.get(assignment.pk)
        label = LABELS[SheetState(state)] if state else "未评"
        rows[assignment.application_id].given.append(Given(assignment, label))
    for recusal in recusals:
        kind = recusal.get_kind_display()  # type: ignore[attr-defined]
        rows[recusal.application_id].recused.append(f"{recusal.judge.user}（{kind}）")
    names = {judge.pk: judge.user for judge in judges}
    for (judge_id, filing_id), found in conflicts.between(judges, filings).items():
        if (judge_id, filing_id) not in recorded:
            rows[filing_id].recused.append(f"{names[judge_id]}（{found.label}）")
    return list(rows.values())
