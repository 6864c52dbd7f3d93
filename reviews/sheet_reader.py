"""The score sheets of some filings as scoring takes them, in a fixed number of queries. Reads only."""

import hashlib
from base64 import b32encode
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from applications.models import Application
from qcportal.models import User
from reviews import scoring
from reviews.models import Assignment, ItemScore, Recusal, ScoreSheet, Stage
from reviews.rubric_seeds import TIE_ITEM_CODE
from reviews.states import SheetState


@dataclass
class JudgeProgress:
    """How far one judge is in one stage; recused filings ask nothing of anyone."""

    stage: Stage
    user: User
    assigned: int = 0
    submitted: int = 0

    @property
    def missing(self) -> int:
        return self.assigned - self.submitted


def judge_code(user: User, programme_id: int) -> str:
    """What stands for a judge where names are not shown: the same through one year, another the next."""
    made = hashlib.sha256(f"{programme_id}:{user.uuid}".encode()).digest()
    return f"评委 {b32encode(made).decode()[:5]}"


class SheetReader:
    """All sheets of some filings in a fixed number of queries."""

    def __init__(self, stages: list[Stage], filings: "QuerySet[Application]") -> None:
        self.stages = {stage.pk: stage for stage in stages}
        ids = filings.values("pk")
        given = Assignment.objects.active().filter(stage__in=self.stages, application__in=ids)
        self.assignments = list(given.select_related("judge__user").order_by("judge_id"))
        # By stage alone, and unordered: nested subqueries over unanalysed tables took PostgreSQL minutes,
        # and a few sheets more than this view needs cost nothing.
        current = ScoreSheet.objects.filter(assignment__stage__in=self.stages, state=SheetState.SUBMITTED).order_by()
        self.totals: dict[int, Decimal | None] = dict(current.values_list("assignment_id", "total"))
        tie_items = ItemScore.objects.filter(
            sheet__assignment__stage__in=self.stages, sheet__state=SheetState.SUBMITTED, item__code=TIE_ITEM_CODE
        ).order_by()
        self.tie_items = dict(tie_items.values_list("sheet__assignment_id", "points"))
        self.recusals = list(
            Recusal.objects.filter(application__in=ids).select_related("judge__user").order_by("judge_id")
        )
        self.recused = {(recusal.judge_id, recusal.application_id) for recusal in self.recusals}
        self.presenting = {
            row.application_id for row in self.assignments if self._kind(row) == scoring.Kind.PRESENTATION
        }
        self._programme_id = next((stage.round.programme_id for stage in stages), 0)
        self._sheets = self._build()

    def _code(self, user: User) -> str:
        return judge_code(user, self._programme_id)

    def _kind(self, assignment: Assignment) -> scoring.Kind:
        return scoring.Kind(self.stages[assignment.stage_id].kind)

    def _build(self) -> dict[int, dict[scoring.Kind, list[scoring.Sheet]]]:
        found: dict[int, dict[scoring.Kind, list[tuple[int, scoring.Sheet]]]] = defaultdict(lambda: defaultdict(list))
        seen = set()
        for row in self.assignments:
            sheet = scoring.Sheet(
                judge=str(row.judge.user),
                code=self._code(row.judge.user),
                points=self.totals.get(row.pk),
                recused=(row.judge_id, row.application_id) in self.recused,
                tie_item=self.tie_items.get(row.pk),
            )
            found[row.application_id][self._kind(row)].append((row.judge_id, sheet))
            seen.add((row.stage_id, row.judge_id, row.application_id))
        self._add_refused(found, seen)
        return {
            pk: {
                kind: [sheet for _judge, sheet in sorted(rows, key=lambda pair: pair[0])]
                for kind, rows in kinds.items()
            }
            for pk, kinds in found.items()
        }

    def _add_refused(
        self,
        found: dict[int, dict[scoring.Kind, list[tuple[int, scoring.Sheet]]]],
        seen: set[tuple[int, int, int]],
    ) -> None:
        """A judge whose assignment was refused for a conflict appears as 回避 beside the panel's other judges."""
        judging = {(row.stage_id, row.judge_id) for row in self.assignments}
        for recusal in self.recusals:
            for stage_id, judge_id in judging:
                if judge_id != recusal.judge_id or (stage_id, judge_id, recusal.application_id) in seen:
                    continue
                kind = scoring.Kind(self.stages[stage_id].kind)
                if kind in found[recusal.application_id]:
                    user = recusal.judge.user
                    sheet = scoring.Sheet(judge=str(user), recused=True, code=self._code(user))
                    found[recusal.application_id][kind].append((judge_id, sheet))

    def of(self, filing: Application) -> dict[scoring.Kind, list[scoring.Sheet]]:
        return self._sheets.get(filing.pk, {})

    def progress(self) -> list[JudgeProgress]:
        rows: dict[tuple[int, int], JudgeProgress] = {}
        for row in self.assignments:
            if (row.judge_id, row.application_id) in self.recused:
                continue
            entry = rows.setdefault(
                (row.stage_id, row.judge_id), JudgeProgress(self.stages[row.stage_id], row.judge.user)
            )
            entry.assigned += 1
            entry.submitted += self.totals.get(row.pk) is not None
        return [rows[key] for key in sorted(rows)]
