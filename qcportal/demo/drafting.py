"""Attachment 1 of one group: the unsaved application with its members, units, awards and evidence."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from applications.models import Application, CompletingUnit, Enterprise, Evidence, Member, Round
from applications.states import State
from qcportal.demo import people, texts
from qcportal.demo.evidence import Pool, PooledFile
from qcportal.demo.source import Source
from qcportal.demo.topics import GROUP_NAMES, SPECIAL_AWARD, Topic, topics_for
from qcportal.models import User


class Plan(NamedTuple):
    """What is to be built: filled in before anything is written, so that file numbers follow the times."""

    round: Round
    state: State
    enterprise: Enterprise
    owner: User
    created_at: datetime
    submitted_at: datetime | None  # None: never submitted
    place: int  # within the round


class Drafted(NamedTuple):
    plan: Plan
    application: Application
    topic: Topic
    members: list[Member]
    units: list[CompletingUnit]
    evidence: list[Evidence]
    award: str  # code of the special award asked for, or ""

    @property
    def is_full(self) -> bool:
        return self.plan.submitted_at is not None or self.plan.place % 8 == 0


def draft(
    plan: Plan, source: Source, pool: Pool, *, serial: int, file_number: str | None, unit_id: int | None
) -> Drafted:
    """Everything follows from ``plan``, the stream ``filing`` and ``serial``, the enterprise's filings so far."""
    chance = source.stream("filing")
    topics = topics_for(plan.enterprise.industry)
    topic = topics[(serial + plan.enterprise.pk) % len(topics)]
    year = plan.round.programme.data_year
    full = plan.submitted_at is not None or plan.place % 8 == 0
    crew = people.group_of(chance, chance.randrange(6, 11))
    application = _application(plan, source, file_number)
    _fill_group(application, plan, crew, year, chance)
    _fill_topic(application, topic, plan, serial, chance)
    if full:
        _fill_results(application, topic, chance)
        application.recommending_unit_id = unit_id
        application.awards_section_seen = True
    members = [_member(application, place, person, chance) for place, person in enumerate(crew, 1)]
    units = [CompletingUnit(application=application, position=1, name=plan.enterprise.name)]
    evidence = _evidence(application, topic, source, pool, plan) if full else []
    award = SPECIAL_AWARD.get(topic.industry, "") if full and topic.industry == plan.enterprise.industry else ""
    return Drafted(plan, application, topic, members, units, evidence, award)


def _application(plan: Plan, source: Source, file_number: str | None) -> Application:
    enterprise = plan.enterprise
    updated = plan.submitted_at or plan.created_at + timedelta(hours=5)
    return Application(
        uuid=source.uuid("application"),
        enterprise=enterprise,
        round=plan.round,
        state=plan.state,
        file_number=file_number,
        preference=plan.place // 16 + 1,
        edit_version=7,
        created_by=plan.owner,
        created_at=plan.created_at,
        updated_at=updated,
        updated_by=plan.owner,
        certificate_unit_name=enterprise.name,
        contact_name=enterprise.contact_name,
        contact_phone=enterprise.contact_phone,
        contact_email=enterprise.contact_email,
    )


def _fill_group(
    application: Application, plan: Plan, crew: list[people.Person], year: int, chance: random.Random
) -> None:
    group = f"{GROUP_NAMES[(plan.place * 7 + plan.enterprise.pk * 3 + plan.round.pk) % len(GROUP_NAMES)]}QC小组"
    registered = date(year, 1, 4) + timedelta(days=chance.randrange(20))
    start = registered + timedelta(days=chance.randrange(1, 45))
    serial = plan.place % 90 + 1
    application.group_name = group
    application.group_registration_number = f"QC-{year}-{serial:03d}"
    application.group_registered_on = registered
    application.group_founded_on = date(year - chance.randrange(1, 8), 3, 12)
    application.topic_registration_number = f"KT-{year}-{serial:03d}"
    application.leader_name = crew[0].name
    application.member_count = len(crew)
    application.activity_starts_on = start
    application.activity_ends_on = date(year, 10, 1) + timedelta(days=chance.randrange(20))
    application.activity_count = chance.randrange(18, 36)
    application.attendance_rate = Decimal(chance.randrange(9300, 10000)) / 100
    application.training_hours = Decimal(chance.randrange(72, 160)) / 2
    application.group_intro = texts.group_intro(group.removesuffix("QC小组"), plan.enterprise.name, len(crew), chance)


def _fill_topic(application: Application, topic: Topic, plan: Plan, serial: int, chance: random.Random) -> None:
    year = plan.round.programme.data_year
    application.topic_name = topic.name.format(
        n=1 + serial // len(topics_for(plan.enterprise.industry)) + plan.enterprise.pk % 3
    )
    application.topic_type = topic.kind
    application.economic_benefit = Decimal(chance.randrange(80, 3200) * 1000)
    application.steps = texts.steps(topic, application.topic_name, year, application.economic_benefit, chance)
    if plan.submitted_at is None and plan.place % 8:  # a draft in the middle of its work
        written = list(application.steps.items())[:4]
        application.steps = dict(written)
        application.economic_benefit = None


def _fill_results(application: Application, topic: Topic, chance: random.Random) -> None:
    word = "提高" if topic.rises else "降低"
    application.target_value = f"{topic.indicator}由 {topic.base}{topic.unit} {word}到 {topic.target}{topic.unit}"
    application.actual_value = f"{topic.actual}{topic.unit}"
    application.activity_cost = Decimal(chance.randrange(8, 160) * 1000)
    application.benefit_basis = (
        f"效益来源：{topic.basis}。按活动期内实际数量乘以结算单价计算，扣除活动投入，经财务部门核实。"
    )
    application.social_benefit = texts.social_benefit(chance)
    application.main_results = (
        f"{topic.indicator}达到 {topic.actual}{topic.unit}，形成《{topic.standard}》，成果已在生产现场应用。"
    )
    application.honours = chance.choice(("", "获公司优秀质量管理小组一等奖。", "申请实用新型专利 1 项。"))


def _member(application: Application, place: int, person: people.Person, chance: random.Random) -> Member:
    role = Member.GroupRole.LEADER if place == 1 else Member.GroupRole.DEPUTY if place == 2 else Member.GroupRole.MEMBER
    return Member(
        application=application,
        position=place,
        name=person.name,
        gender=person.gender,
        education=person.education,
        job_title=person.job_title,
        group_role=role,
        duty=people.DUTIES[(place - 1) % len(people.DUTIES)],
        training_hours=Decimal(chance.randrange(72, 160)) / 2,
    )


def _evidence(application: Application, topic: Topic, source: Source, pool: Pool, plan: Plan) -> list[Evidence]:
    def pick(kept: list[PooledFile]) -> PooledFile:
        return kept[plan.place % len(kept)]

    rows: list[tuple[str, str, PooledFile]] = [
        ("report", "成果报告.pdf", pool.report_for(topic)),
        ("records", "小组活动记录.xlsx", pick(pool.records)),
        ("benefit", "财务效益证明.pdf", pick(pool.benefits)),
        ("photo", "现场照片.jpg", pick(pool.photos)),
    ]
    if plan.place % 3 == 0:
        rows.append(("standard", f"{topic.standard}.pdf", pick(pool.standards)))
    return [
        Evidence(
            uuid=source.uuid("evidence"),
            application=application,
            kind=kind,
            name=name,
            file=pooled.file,
            pages=pooled.pages,
            position=position,
            uploaded_by=plan.owner,
            uploaded_at=application.updated_at - timedelta(minutes=30 - position),
        )
        for position, (kind, name, pooled) in enumerate(rows, 1)
    ]
