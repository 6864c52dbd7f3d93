"""Builders of valid objects. Each takes overrides by keyword; nothing here is random."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from applications import completeness, explaining
from applications.models import (
    AnnualReport,
    Application,
    Enterprise,
    Evidence,
    Member,
    Membership,
    Programme,
    Round,
    SpecialAward,
    WarningConfirmation,
)
from applications.models.programmes import day_end
from applications.topics import steps_of
from applications.validators import credit_code_check_char
from qcportal import clock, files
from qcportal.models import User
from qcportal.roles import Role

PASSWORD = "Qinghai-2026"
_serial = count(1)


def at(year, month, day, hour=0, minute=0, second=0) -> datetime:
    """A moment in Asia/Shanghai."""
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone.get_default_timezone())


def credit_code(number: int | None = None, area: str = "630104") -> str:
    first = f"91{area}MA{next(_serial) if number is None else number:07d}"
    return first + credit_code_check_char(first)


def user(*, username=None, name="测试用户", role: str | None = None, **fields) -> User:
    serial = next(_serial)
    username = username or f"user{serial}"
    person = User.objects.create_user(
        username, fields.pop("email", f"{username}@example.test"), PASSWORD, name=name, **fields
    )
    if role:
        person.groups.add(Group.objects.get(name=role))
    return person


def staff(*, role: str = Role.SECRETARIAT, **fields) -> User:
    return user(role=role, is_staff=True, **fields)


def enterprise(**fields) -> Enterprise:
    defaults = {
        "credit_code": credit_code(),
        "name": "青海湖光盐化股份有限公司",
        "city": "6328",
        "address": "海西州格尔木市察尔汗工业园创新路8号",
        "postcode": "816000",
        "industry": "salt_lake",
        "scale": "large",
        "contact_name": "马启明",
        "contact_phone": "13900000042",
        "contact_email": "zlb@huguang.example",
        "created_at": clock.now(),
    }
    return Enterprise.objects.create(**{**defaults, **fields})


def enterprise_owner(*, username="owner", name="马启明", enterprise_name="青海湖光盐化股份有限公司") -> User:
    person = user(username=username, name=name)
    Membership.objects.create(
        enterprise=enterprise(name=enterprise_name), user=person, role="owner", created_at=clock.now()
    )
    return person


def colleague(owner: User, *, username: str, name: str, role: str) -> User:
    person = user(username=username, name=name)
    Membership.objects.create(enterprise=enterprise_of(owner), user=person, role=role, created_at=clock.now())
    return person


def enterprise_of(person: User) -> Enterprise:
    return person.memberships.get().enterprise


def programme(year: int = 2026, **fields) -> Programme:
    defaults = {"edition": year - 1978, "data_year": year - 1, "title": f"{year} 年度青海省质量管理小组活动"}
    row, _created = Programme.objects.get_or_create(year=year, defaults={**defaults, **fields})
    for position, (code, name) in enumerate(
        [
            ("salt-lake", "盐湖化工产业质量管理小组奖"),
            ("clean-energy", "清洁能源产业质量管理小组奖"),
            ("organic-farming", "绿色有机农畜产品领域质量管理小组奖"),
        ],
        1,
    ):
        SpecialAward.objects.get_or_create(programme=row, code=code, defaults={"name": name, "position": position})
    return row


def round_of(year: int = 2026, number: int = 1, **fields) -> Round:
    """The rounds of the notice: 30 June and 20 October, 24:00."""
    opens, closes = (at(year, 6, 1), day_end(year, 6, 30)) if number == 1 else (at(year, 7, 1), day_end(year, 10, 20))
    defaults = {
        "opens_at": opens,
        "closes_at": closes,
        "stamped_due_at": closes + timedelta(days=7),
        "paper_due_at": closes + timedelta(days=7),
    }
    row, _created = Round.objects.get_or_create(
        programme=programme(year), number=number, defaults={**defaults, **fields}
    )
    return row


def open_round(days_left: int = 10) -> Round:
    """A round that is open at the real present moment."""
    now = clock.now()
    return round_of(
        timezone.localtime(now).year,
        1,
        opens_at=now - timedelta(days=20),
        closes_at=now + timedelta(days=days_left),
        stamped_due_at=now + timedelta(days=days_left + 7),
        paper_due_at=now + timedelta(days=days_left + 7),
    )


def report(of: Enterprise, programme_: Programme, **fields) -> AnnualReport:
    """A complete attachment 2 and 3."""
    now = clock.now()
    defaults = {
        **{
            name: f"{title}：本单位坚持开展质量管理小组活动，成效明显。" * 8
            for name, title in [
                ("summary_basics", "基本情况"),
                ("summary_leadership", "组织领导"),
                ("summary_training", "教育培训"),
                ("summary_results", "活动成果"),
                ("summary_problems", "存在问题"),
                ("summary_plans", "下一步打算"),
            ]
        },
        "employees": 1250,
        "groups_cumulative": 120,
        "groups_registered": 20,
        "groups_active": 18,
        "participants": 160,
        "results_count": 12,
        "direct_benefit": Decimal("3862500.00"),
        "cumulative_benefit": Decimal("38625000.00"),
        "filled_by": "李文静",
        "responsible_person": "马启明",
        "created_at": now,
        "updated_at": now,
    }
    return AnnualReport.objects.create(enterprise=of, programme=programme_, **{**defaults, **fields})


def draft(owner: User, round_: Round | None = None, **fields) -> Application:
    """An empty draft."""
    now = clock.now()
    defaults = {"created_by": owner, "created_at": now, "updated_at": now}
    return Application.objects.create(
        enterprise=enterprise_of(owner), round=round_ or open_round(), **{**defaults, **fields}
    )


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
)


def evidence(
    application: Application, kind: str = "report", name: str = "成果报告.pdf", content: bytes = PDF
) -> Evidence:
    return Evidence.objects.create(
        application=application,
        kind=kind,
        name=name,
        file=files.store(content, "application/pdf"),
        pages=1,
        position=application.evidence.count() + 1,
        uploaded_by=application.created_by,
        uploaded_at=clock.now(),
    )


def complete_draft(owner: User, round_: Round | None = None, **fields) -> Application:
    """A draft that lacks nothing, with the enterprise's annual report."""
    round_ = round_ or open_round()
    year = round_.programme.data_year
    defaults = {
        "certificate_unit_name": enterprise_of(owner).name,
        "contact_name": "李文静",
        "contact_phone": "13900000043",
        "contact_email": "lwj@huguang.example",
        "group_name": "红柳QC小组",
        "group_registration_number": f"HG-QC-{year}-011",
        "group_registered_on": date(year, 2, 10),
        "leader_name": "韩志远",
        "member_count": 2,
        "activity_starts_on": date(year, 3, 1),
        "activity_ends_on": date(year, 11, 30),
        "activity_count": 24,
        "attendance_rate": Decimal("96.50"),
        "training_hours": Decimal("48.0"),
        "topic_name": "提高碳酸锂包装一次合格率",
        "topic_type": "self_set",
        "group_intro": "小组成立于包装车间，成员长期从事一线生产与检验。",
        "steps": {
            step.code: f"{step.label}：依据现场数据开展，过程真实完整，结论清楚。" for step in steps_of("self_set")
        },
        "target_value": "一次合格率由 96.00% 提高到 97.70%",
        "actual_value": "97.95%",
        "economic_benefit": Decimal("462000.00"),
        "activity_cost": Decimal("92000.00"),
        "benefit_basis": "按减少返工和包材损失计算，经财务部核实。",
        "social_benefit": "减少粉尘外溢，改善作业环境。",
        "main_results": "形成包装机封口温度控制标准。",
        "awards_section_seen": True,
    }
    application = draft(owner, round_, **{**defaults, **fields})
    for position, (name, role) in enumerate([("韩志远", "leader"), ("扎西多杰", "member")], 1):
        Member.objects.create(
            application=application, position=position, name=name, group_role=role, gender="m", education="本科",
            job_title="工程师", duty="现场实施、数据采集", training_hours=Decimal("48.0"),
        )  # fmt: skip
    for kind, name in [("report", "成果报告.pdf"), ("records", "小组活动记录.pdf"), ("benefit", "财务效益证明.pdf")]:
        evidence(application, kind, name)
    if not AnnualReport.objects.filter(enterprise=application.enterprise, programme=round_.programme).exists():
        report(application.enterprise, round_.programme)
    for filing in Application.objects.filter(enterprise=application.enterprise_id):
        explain(filing, owner)
    return application


def explain(application: Application, person: User, reason: str = "已与财务、人事部门核对，填写无误。") -> list[str]:
    """Confirms every warning of the filing; returns their codes."""
    asked = explaining.asked(application, completeness.problems(application))
    for one in asked:
        report_ = application.enterprise.reports.get(programme=application.round.programme)
        of_report = one.problem.of_report
        WarningConfirmation.objects.update_or_create(
            application=None if of_report else application,
            report=report_ if of_report else None,
            code=one.problem.code,
            defaults={
                "fingerprint": one.problem.fingerprint, "message": one.problem.message, "reason": reason,
                "confirmed_by": person, "confirmed_at": clock.now(),
            },
        )  # fmt: skip
    return [one.problem.code for one in asked]
