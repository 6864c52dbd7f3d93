"""Judges, panels, sheets: all of the finished round, half of the one in review."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from applications.models import Enterprise, Programme, Round
from qcportal.demo import people
from qcportal.demo.filing import Filed
from qcportal.demo.logins import Logins, give_roles
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User
from qcportal.roles import Role
from reviews import pledge
from reviews.actions.rubrics import create_stages
from reviews.models import (
    Assignment,
    Availability,
    ExpertiseField,
    ItemScore,
    Judge,
    Panel,
    Pledge,
    Recusal,
    RecusalKind,
    Rubric,
    RubricItem,
    ScoreSheet,
    Stage,
    StageKind,
)
from reviews.states import SheetState

PANEL_SIZE = 5
RESERVES = 6
EMPLOYERS = (
    "青海省质量技术研究中心", "", "青海高原能源职业学院", "西宁卓越管理咨询有限公司", "青海河湟计量检测院",
    "青海省建筑工程质量研究会", "格尔木盐湖技术服务中心", "海东农牧业技术推广站",
)  # fmt: skip
EXPERTISE = ("化工与冶金", "电力与新能源", "农畜产品加工", "机械制造", "建筑施工", "信息通信", "质量管理", "统计方法")
COMMENTS = (
    "选题来源清楚，数据翔实，程序规范。", "要因确认有现场数据支撑，建议补充对策目标的检查结果。",
    "效果真实，效益计算口径正确。", "统计方法运用恰当，巩固期数据可再延长。", "团队分工明确，体现小、实、活、新。",
)  # fmt: skip


class Scored(NamedTuple):
    """One submitted sheet as the ranking needs it."""

    judge: Judge
    total: Decimal
    tie_item: Decimal


class Bench:
    """The judges and the panels they sit in."""

    def __init__(self, source: Source, trail: Trail, secretary: User) -> None:
        self.source, self.trail, self.secretary = source, trail, secretary
        self.judges: list[Judge] = []
        self._items: dict[int, list[RubricItem]] = {}

    def appoint(self, logins: Logins, staff: dict[str, User], count: int, employer: Enterprise) -> None:
        """demo-lead first, then demo-judge-1 (employed by ``employer``: recused from its filings) to 7, then others."""
        named = [staff["demo-lead"], *(staff[f"demo-judge-{number}"] for number in range(1, 8))]
        chance = self.source.stream("judge")
        others = [
            logins.user(f"judge-{number:04d}", people.any_name(chance), with_mobile=False)
            for number in range(1, count - len(named) + 1)
        ]
        User.objects.bulk_create(others, batch_size=500)
        give_roles([(user, Role.JUDGE) for user in others])
        self.judges = [self._judge(user, place, employer) for place, user in enumerate([*named, *others])]
        Judge.objects.bulk_create(self.judges, batch_size=500)
        self._place_in_fields()

    def _place_in_fields(self) -> None:
        """The field each wrote in words, and for every third the methods as a second one."""
        fields = {field.name: field.pk for field in ExpertiseField.objects.all()}
        through = Judge.expertise_fields.through
        rows = []
        for place, judge in enumerate(self.judges):
            names = {judge.expertise, "统计方法"} if place % 3 == 1 else {judge.expertise}
            rows += [through(judge_id=judge.pk, expertisefield_id=fields[name]) for name in sorted(names & set(fields))]
        through.objects.bulk_create(rows, batch_size=500)

    def reserve(self, logins: Logins, round_: Round) -> None:
        """Judges who sit in no panel yet, for proposals to choose from; one is away, one takes a few."""
        chance = self.source.stream("reserve")
        users = [
            logins.user(f"judge-reserve-{number}", people.any_name(chance), with_mobile=False)
            for number in range(1, RESERVES + 1)
        ]
        User.objects.bulk_create(users, batch_size=500)
        give_roles([(user, Role.JUDGE) for user in users])
        seated = self.judges
        self.judges = [self._judge(user, place, None) for place, user in enumerate(users, len(seated))]
        Judge.objects.bulk_create(self.judges, batch_size=500)
        self._place_in_fields()
        Availability.objects.bulk_create([
            Availability(judge=self.judges[-1], round=round_, takes_part=False, note="出差"),
            Availability(judge=self.judges[-2], round=round_, at_most=12, note="时间有限"),
        ])  # fmt: skip
        self.judges = [*seated, *self.judges]

    def _judge(self, user: User, place: int, employer: Enterprise | None) -> Judge:
        own = place == 1
        return Judge(
            user=user,
            employer_name=employer.name
            if own and employer
            else EMPLOYERS[place % len(EMPLOYERS)] or "青海省标准化研究会",
            employer_code=employer.credit_code if own and employer else "",
            city="6301",
            expertise=EXPERTISE[place % len(EXPERTISE)],
            title="正高级工程师" if place % 3 == 0 else "高级工程师",
            certificate_level="高级" if place % 3 == 0 else "中级",
            certificate_number=f"QCPW-{2022 + place % 4}-{place + 101:04d}",
            certificate_valid_until=self.source.day(400 + place * 11).date(),
            is_senior=place % 3 == 0,
        )

    def pledge(self, programme: Programme, at: datetime) -> None:
        Pledge.objects.bulk_create(
            [
                Pledge(
                    judge=judge,
                    programme=programme,
                    version=pledge.VERSION,
                    accepted_at=at + timedelta(hours=place % 9),
                )
                for place, judge in enumerate(self.judges)
            ],
            batch_size=500,
        )

    def panels(self, stage: Stage) -> list[tuple[Panel, list[Judge]]]:
        """Panels of five; with few judges some sit in two."""
        count = max(2, len(self.judges) // PANEL_SIZE)
        made = []
        for number in range(count):
            seats = [self.judges[(number * PANEL_SIZE + seat) % len(self.judges)] for seat in range(PANEL_SIZE)]
            seats = list(dict.fromkeys(seats))
            lead = self.judges[0] if self.judges[0] in seats else seats[0]
            panel = Panel(uuid=self.source.uuid("panel"), stage=stage, name=f"第 {number + 1} 评审组", lead=lead)
            made.append((panel, seats))
        Panel.objects.bulk_create([panel for panel, _seats in made])
        through = Panel.judges.through
        through.objects.bulk_create(
            [through(panel_id=panel.pk, judge_id=judge.pk) for panel, seats in made for judge in seats], batch_size=500
        )
        return made

    def assign(self, stage: Stage, filed: list[Filed], at: datetime) -> list[list[Assignment]]:
        """Every filing goes to one panel; judges employed by the filer are recused. One list for each filing."""
        panels = self.panels(stage)
        given = []
        for place, item in enumerate(filed):
            panel, seats = panels[place % len(panels)]
            given.append(
                [
                    Assignment(
                        uuid=self.source.uuid("assignment"), stage=stage, application=item.application, judge=judge,
                        panel=panel, position=place + 1, assigned_by=self.secretary, assigned_at=at,
                    )
                    for judge in seats
                ]
            )  # fmt: skip
        with transaction.atomic():
            Assignment.objects.bulk_create([row for rows in given for row in rows], batch_size=500)
        for rows in given:
            application = rows[0].application
            self.trail.add("assignment.made", application, at, self.secretary, stage=stage.kind, judges=len(rows))
        return given

    def recuse(self, given: list[list[Assignment]], at: datetime) -> set[tuple[int, int]]:
        """By employer; returns the recused pairs of judge and application."""
        rows = [
            Recusal(
                uuid=self.source.uuid("recusal"), judge=row.judge, application=row.application,
                kind=RecusalKind.EMPLOYER, reason="评委工作单位与申报单位相同，系统自动回避。", created_at=at,
            )
            for assigned in given
            for row in assigned
            if row.judge.employer_code and row.judge.employer_code == row.application.enterprise.credit_code
        ]  # fmt: skip
        Recusal.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
        return {(row.judge.pk, row.application.pk) for row in rows}

    def declare(self, assignment: Assignment, at: datetime) -> tuple[int, int]:
        """One judge asks to be left out."""
        Recusal.objects.create(
            uuid=self.source.uuid("recusal"), judge=assignment.judge, application=assignment.application,
            kind=RecusalKind.DECLARED, reason="曾辅导该小组开展活动，申请回避。", created_at=at,
            created_by=assignment.judge.user,
        )  # fmt: skip
        self.trail.add("recusal.recorded", assignment.application, at, assignment.judge.user, kind="declared")
        return assignment.judge.pk, assignment.application.pk

    def score(
        self, given: list[list[Assignment]], filed: list[Filed], recused: set[tuple[int, int]],
        window: tuple[datetime, datetime], *, share: float,
    ) -> dict[int, list[Scored]]:  # fmt: skip
        """``share`` of each panel's sheets are submitted, then one draft for each judge. By application."""
        chance = self.source.stream("score")
        rubrics = {link.topic_type: link.rubric for link in given[0][0].stage.stage_rubrics.select_related("rubric")}
        finished = int(len(given) * share)
        scored: dict[int, list[Scored]] = {}
        drafted: set[int] = set()
        sheets: list[ScoreSheet] = []
        scores: list[ItemScore] = []
        for place, (rows, item) in enumerate(zip(given, filed, strict=True)):
            quality = 0.70 + 0.26 * chance.random()
            for row in rows:
                if (row.judge.pk, row.application.pk) in recused or (place >= finished and row.judge.pk in drafted):
                    continue
                done = place < finished
                sheet, points = self._sheet(
                    row, item, rubrics[item.application.topic_type], quality, window, done, chance
                )
                sheets.append(sheet)
                scores += points
                if done:
                    tie = next(point.points for point in points if point.item.position == 2)
                    scored.setdefault(item.application.pk, []).append(
                        Scored(row.judge, sheet.total or Decimal(0), tie or Decimal(0))
                    )
                else:
                    drafted.add(row.judge.pk)
        self._save(sheets, scores)
        return scored

    def _sheet(
        self, row: Assignment, item: Filed, rubric: Rubric, quality: float, window: tuple[datetime, datetime],
        done: bool, chance: random.Random,
    ) -> tuple[ScoreSheet, list[ItemScore]]:  # fmt: skip
        saved = self.source.between(*window, "score")
        items = self._items_of(rubric) if done else self._items_of(rubric)[:3]
        points = [_points(rubric_item, quality, chance) for rubric_item in items]
        sheet = ScoreSheet(
            assignment=row, rubric=rubric, submission=item.latest, edit_version=3 if done else 2,
            state=SheetState.SUBMITTED if done else SheetState.DRAFT,
            comment=chance.choice(COMMENTS) if done else "", total=sum(points, Decimal(0)) if done else None,
            saved_at=saved, submitted_at=saved if done else None,
        )  # fmt: skip
        rows = [
            ItemScore(
                sheet=sheet, item=rubric_item, points=value, comment=chance.choice(COMMENTS) if place == 0 else ""
            )
            for place, (rubric_item, value) in enumerate(zip(items, points, strict=True))
        ]
        return sheet, rows

    def _items_of(self, rubric: Rubric) -> list[RubricItem]:
        if rubric.pk not in self._items:
            self._items[rubric.pk] = list(rubric.items.order_by("position"))
        return self._items[rubric.pk]

    def _save(self, sheets: list[ScoreSheet], scores: list[ItemScore]) -> None:
        with transaction.atomic():
            ScoreSheet.objects.bulk_create(sheets, batch_size=500)
        for sheet in sheets:
            if sheet.submitted_at is not None:
                judge, total = sheet.assignment.judge.user, str(sheet.total)
                self.trail.add("sheet.submitted", sheet, sheet.submitted_at, judge, version=sheet.version, total=total)
        for start in range(0, len(scores), 20_000):
            with transaction.atomic():
                ItemScore.objects.bulk_create(scores[start : start + 20_000], batch_size=500)


def _points(item: RubricItem, quality: float, chance: random.Random) -> Decimal:
    """A multiple of the item's step near ``quality`` of its points."""
    wanted = float(item.max_points) * min(max(quality + chance.uniform(-0.07, 0.07), 0.4), 1.0)
    return (Decimal(round(wanted / float(item.step))) * item.step).quantize(Decimal("0.01"))


def stages(round_: Round) -> dict[str, Stage]:
    """The round's stages as the secretariat's action makes them, by kind."""
    create_stages(round_)
    return {stage.kind: stage for stage in Stage.objects.filter(round=round_).select_related("round__programme")}


def set_window(stage: Stage, opens: datetime, closes: datetime) -> None:
    stage.opens_at, stage.closes_at = opens, closes
    stage.save(update_fields=["opens_at", "closes_at"])


def document_stage(by_kind: dict[str, Stage]) -> Stage:
    return by_kind[StageKind.DOCUMENT]


def of_round(filed: Iterable[Filed], round_: Round) -> list[Filed]:
    return [item for item in filed if item.drafted.plan.round == round_ and item.submissions]
