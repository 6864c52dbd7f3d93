"""What is still missing before an application can be submitted, and what looks odd.

An error blocks. A warning is asked about: every one that is open must be confirmed with a reason before the press
(applications.explaining); it has a stable code, and its fingerprint follows from the facts it rests on.
"""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from applications import crosschecks, statistics, validators
from applications.models import AnnualReport, Application, Member
from applications.models.evidence import REQUIRED_KINDS, EvidenceKind
from applications.models.reports import SUMMARY_SECTIONS
from applications.problems import Problem as Problem
from applications.problems import warning
from applications.sections import FIELD_LABELS, REPORT_STATISTICS, REPORT_SUMMARY, SECTIONS, section_of

# What attachment 1 needs before it can be submitted; everything else is optional (domain.md 1.1).
REQUIRED: dict[str, tuple[str, ...]] = {
    "contact": ("certificate_unit_name", "contact_name", "contact_phone", "contact_email"),
    "group": ("group_name", "leader_name", "member_count", "activity_starts_on", "activity_ends_on"),
    "topic": ("topic_name", "topic_type", "group_intro"),
    "results": ("target_value", "actual_value", "economic_benefit", "main_results"),
    "awards": (),
    "evidence": (),
}
REQUIRED_FIELDS = frozenset(name for names in REQUIRED.values() for name in names)
SUMMARY_AT_LEAST = 800  # characters; an uploaded document stands in for them
CHOSEN = frozenset({"topic_type", "activity_starts_on", "activity_ends_on"})


def problems(application: Application, comparison: crosschecks.Comparison | None = None) -> list[Problem]:
    """Everything about attachment 1, its evidence, and attachments 2 and 3 that it stands on, and cross-checks."""
    comparison = comparison or crosschecks.Comparison(application)
    report = comparison.report
    return [
        *own_problems(application),
        *crosschecks.found(comparison),
        *(report_problems(report, comparison.last_year_as_filed) if report else [_no_report(application)]),
    ]


def own_problems(application: Application) -> list[Problem]:
    """Attachment 1 and its evidence alone, in the order of the sections."""
    found = [
        *_missing_fields(application),
        *_invalid_fields(application),
        *_members(application),
        *_steps(application),
        *_dates(application),
        *_benefit_basis(application),
        *_amounts(application),
        *_awards_seen(application),
        *_evidence(application),
    ]
    order = {section.code: number for number, section in enumerate(SECTIONS)}
    return sorted(found, key=lambda problem: order[_section_code(problem.key)])


def _section_code(key: str) -> str:
    section = section_of(key)
    return section.code if section else SECTIONS[-1].code


def _missing(key: str, message: str = "") -> Problem:
    verb = "请选择" if key in CHOSEN else "请填写"
    return Problem("error", key, message or f"{verb}{FIELD_LABELS[key]}。", "missing")


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _missing_fields(application: Application) -> Iterator[Problem]:
    for names in REQUIRED.values():
        for name in names:
            if _is_empty(getattr(application, name)):
                yield _missing(name)


def _invalid_fields(application: Application) -> Iterator[Problem]:
    """Drafts are checked when they are saved; copied or carried-over ones are checked again here."""
    checks = (
        ("contact_name", validators.check_person_name),
        ("leader_name", validators.check_person_name),
        ("contact_phone", validators.check_phone),
        ("contact_email", _check_email),
    )
    for name, check in checks:
        value = getattr(application, name).strip()
        try:
            if value:
                check(value)
        except ValueError as error:
            yield Problem("error", name, f"{FIELD_LABELS[name]}：{error}")


def _check_email(value: str) -> None:
    local, _, host = value.partition("@")
    if not local or "." not in host or any(char.isspace() for char in value):
        raise ValueError("请填写有效的电子邮箱，例如 name@example.com。")


def _members(application: Application) -> Iterator[Problem]:
    members = list(application.members.all())
    if not members:
        yield _missing("members", "请填写小组成员名单。")
        return
    count = application.member_count
    if count is not None and count != len(members):
        yield Problem(
            "error", "member_count", f"小组人数填 {count} 人，成员名单为 {len(members)} 人，请补全名单或修改人数。"
        )
    leaders = [member.name for member in members if member.group_role == Member.GroupRole.LEADER]
    if len(leaders) > 1:
        yield Problem("error", "members", "成员名单中只应有一位组长。")
    elif not leaders:
        yield Problem("error", "members", "成员名单中没有组长，请把组长的组内职务选为“组长”。")
    elif application.leader_name and validators.comparable_name(application.leader_name) != validators.comparable_name(
        leaders[0]
    ):
        yield Problem("error", "leader_name", f"组长姓名与成员名单中的组长（{leaders[0]}）不一致。")
    names = [member.name for member in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"成员名单中“{'、'.join(twice)}”出现不止一次，请核对是否重名。"
        yield warning("member_twice", "members", message, *twice, names_people=True)


def _steps(application: Application) -> Iterator[Problem]:
    for step in application.step_list:
        if not str(application.steps.get(step.code, "")).strip():
            yield _missing(f"steps.{step.code}", f"请填写“{step.label}”。")


def _dates(application: Application) -> Iterator[Problem]:
    start, end = application.activity_starts_on, application.activity_ends_on
    if start and end and start >= end:
        yield Problem("error", "activity_ends_on", "活动结束日期应晚于开始日期。")
    earliest = date(application.round.programme.data_year - 1, 1, 1)
    if start and start < earliest:
        message = f"活动开始日期早于 {earliest.year} 年，请核对是否为本年度成果。"
        yield warning("activity_too_early", "activity_starts_on", message, start)
    latest = timezone.localdate(application.deadline())
    if end and end > latest:
        message = "活动结束日期晚于申报截止日期，请核对。"
        yield warning("activity_after_deadline", "activity_ends_on", message, end)
    registered = application.group_registered_on
    if registered and start and start < registered:
        days = (registered - start).days
        message = f"活动开始日期比小组注册日期早 {days} 天，请核对。"
        yield warning("activity_before_registration", "activity_starts_on", message, start, registered)


def _benefit_basis(application: Application) -> Iterator[Problem]:
    if application.economic_benefit and _is_empty(application.benefit_basis):
        yield _missing("benefit_basis", "填写了直接经济效益，请写明效益计算依据。")


def _amounts(application: Application) -> Iterator[Problem]:
    """元 typed as 万元 and the like (design, section 6)."""
    for name in ("economic_benefit", "activity_cost"):
        found = statistics.slip(getattr(application, name))
        if found is not None:
            yield warning(f"slip_{name}", name, f"{FIELD_LABELS[name]}{found.message}", getattr(application, name))


def _awards_seen(application: Application) -> Iterator[Problem]:
    if not application.awards_section_seen:
        yield warning("awards_not_seen", "special_awards", "尚未选择申报哪项单项奖或不申报，提交后视为不申报单项奖。")


def _evidence(application: Application) -> Iterator[Problem]:
    """小组活动记录等证实性材料 (notice, section 3); no proof of a benefit that is zero."""
    present = {item.kind for item in application.evidence.all()}
    for kind in REQUIRED_KINDS:
        if kind == EvidenceKind.BENEFIT and application.economic_benefit == 0:
            continue
        if kind not in present:
            yield Problem("error", "evidence", f"请上传{EvidenceKind(kind).label}。", "missing")


def _no_report(application: Application) -> Problem:
    year = application.round.programme.data_year
    return Problem("error", REPORT_SUMMARY, f"请先填写 {year} 年度的附件 2 活动总结和附件 3 统计表。", "missing")


def report_problems(report: AnnualReport, before: AnnualReport | None) -> list[Problem]:
    """Everything about attachments 2 and 3; ``before`` is what was filed last year."""
    found = []
    length = sum(len("".join(getattr(report, name).split())) for name, _title, _help in SUMMARY_SECTIONS)
    if not report.summary_file_id and length < SUMMARY_AT_LEAST:
        found.append(
            Problem(
                "error",
                REPORT_SUMMARY,
                f"附件 2 活动总结应不少于 {SUMMARY_AT_LEAST} 字（现有 {length} 字），或上传总结文件。",
                "" if length else "missing",
            )
        )
    values = {name: getattr(report, name) for name in statistics.FIELDS}
    absent = statistics.missing(values)
    found += [problem_of(finding._replace(code="missing")) for finding in absent]
    then = {name: getattr(before, name) for name in statistics.FIELDS} if before else None
    found += [problem_of(finding) for finding in statistics.check(values, then)]
    return found


def problem_of(finding: statistics.Finding) -> Problem:
    """A finding about a cell of attachment 3, as it stands among the problems of a filing."""
    key = f"{REPORT_STATISTICS}.{finding.field}"
    return Problem(finding.level, key, f"附件 3：{finding.message}", finding.code, finding.facts)
