"""What is still missing before an application can be submitted, and what looks odd.

An error blocks. A warning is asked about: every one that is open must be confirmed with a reason before the press
(applications.explaining); it has a stable code, and its fingerprint follows from the facts it rests on.
"""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from applications import crosschecks, gates, report_keys, statistics, validators
from applications.field_list import NEVER_REQUIRED, FieldList
from applications.models import AnnualReport, Application, Member
from applications.models.evidence import EvidenceKind
from applications.problems import Problem as Problem
from applications.problems import warning
from applications.sections import FIELD_LABELS, REPORT_STATISTICS, REPORT_SUMMARY, SECTIONS, is_open, section_of

SUMMARY_AT_LEAST = 800  # characters; an uploaded document stands in for them
CHOSEN = frozenset({"topic_type", "activity_starts_on", "activity_ends_on", "recommending_unit"})


def problems(application: Application, comparison: crosschecks.Comparison | None = None) -> list[Problem]:
    """Everything about attachment 1, its evidence, and attachments 2 and 3 that it stands on, and cross-checks."""
    comparison = comparison or crosschecks.Comparison(application)
    report, fields = comparison.report, application.fields
    found = [
        *own_problems(application),
        *_asked_for(fields, application.topic_type, crosschecks.found(comparison)),
        *(report_problems(report, comparison.last_year_as_filed, fields) if report else [_no_report(application)]),
    ]
    return _within_reach(application, found)


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
    found = _within_reach(application, _asked_for(application.fields, application.topic_type, found))
    return sorted(found, key=lambda problem: order[_section_code(problem.key)])


def _within_reach(application: Application, found: list[Problem]) -> list[Problem]:
    """Of a returned filing nothing is missed that its return did not open: what the year demands since it was filed
    could not be filled in there, and must not stop the correction."""
    opened = gates.open_keys(application)
    if opened is None:
        return found
    return [
        problem
        for problem in found
        if problem.code != "missing"
        or is_open(problem.key, opened)
        or any(key.startswith(f"{problem.key}.") for key in opened)
    ]


def _asked_for(fields: FieldList, kind: str, found: list[Problem]) -> list[Problem]:
    """Without what is about fields that the programme hides; in the names it gives the others."""
    if not fields.rules:
        return found
    return [
        problem._replace(message=fields.worded(problem.message))
        for problem in found
        if not fields.hidden(problem.key, kind)
    ]


def _section_code(key: str) -> str:
    section = section_of(key)
    return section.code if section else SECTIONS[-1].code


def _missing(key: str, message: str = "") -> Problem:
    verb = "请选择" if key in CHOSEN else "请填写"
    return Problem("error", key, message or f"{verb}{FIELD_LABELS[key]}。", "missing")


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _missing_fields(application: Application) -> Iterator[Problem]:
    """Steps and lists have questions of their own; what is called otherwise for one type is named here."""
    fields, kind = application.fields, application.topic_type
    for section in SECTIONS:
        for name in section.fields:
            if name in NEVER_REQUIRED or not fields.required(name, kind):
                continue
            if name == "completing_units":
                empty = not application.completing_units.all()
            else:
                empty = _is_empty(getattr(application, name))
            if empty:
                given = fields.given(name, kind)
                yield _missing(name, f"{'请选择' if name in CHOSEN else '请填写'}{given}。" if given else "")


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
    yield from _member_columns(members, application.fields)


def _member_columns(members: list[Member], fields: FieldList) -> Iterator[Problem]:
    """Columns that this year demands; one sentence for each, with the lines that lack it."""
    for name, label in fields.member_columns().items():
        if not fields.required(f"members.{name}"):
            continue
        lacking = [str(place) for place, one in enumerate(members, 1) if getattr(one, name) in (None, "")]
        if lacking:
            yield _missing("members", f"成员名单第 {'、'.join(lacking)} 位还没有填写{label}。")


def _steps(application: Application) -> Iterator[Problem]:
    for step in application.step_list:
        if not application.fields.required(f"steps.{step.code}", application.topic_type):
            continue
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
    if application.fields.hidden("economic_benefit", application.topic_type):
        return
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
    no_benefit = application.economic_benefit == 0 or application.fields.hidden(
        "economic_benefit", application.topic_type
    )
    for kind in application.fields.required_kinds():
        if kind == EvidenceKind.BENEFIT and no_benefit:
            continue
        if kind not in present:
            yield Problem("error", "evidence", f"请上传{application.fields.evidence_kind(kind)}。", "missing")


def _no_report(application: Application) -> Problem:
    year = application.round.programme.data_year
    return Problem("error", REPORT_SUMMARY, f"请先填写 {year} 年度的附件 2 活动总结和附件 3 统计表。", "missing")


def report_problems(report: AnnualReport, before: AnnualReport | None, fields: FieldList) -> list[Problem]:
    """Everything about attachments 2 and 3; ``before`` is what was filed last year."""
    found = []
    parts = fields.summary_sections()
    length = sum(len("".join(getattr(report, name).split())) for name, _title, _help in parts)
    if not report.summary_file_id and length < SUMMARY_AT_LEAST:
        found.append(
            Problem(
                "error",
                REPORT_SUMMARY,
                f"附件 2 活动总结应不少于 {SUMMARY_AT_LEAST} 字（现有 {length} 字），或上传总结文件。",
                "" if length else "missing",
            )
        )
    for name, title, _help in parts if not report.summary_file_id else ():
        key = report_keys.KEYS[name]
        if fields.required(key) and not getattr(report, name).strip():
            found.append(Problem("error", key, f"附件 2：请填写“{title.split('、', 1)[1]}”。", "missing"))
    values = fields.masked({name: getattr(report, name) for name in statistics.FIELDS})
    absent = statistics.missing(values, fields.statistics_rows())
    found += [problem_of(finding._replace(code="missing")) for finding in absent]
    for name, label in fields.signers().items():
        key = f"{REPORT_STATISTICS}.{name}"
        if fields.required(key) and not getattr(report, name).strip():
            found.append(Problem("error", key, f"附件 3：请填写“{label}”。", "missing"))
    then = fields.masked({name: getattr(before, name) for name in statistics.FIELDS}) if before else None
    found += [problem_of(finding) for finding in statistics.check(values, then)]
    return _asked_for(fields, "", found)


def problem_of(finding: statistics.Finding) -> Problem:
    """A finding about a cell of attachment 3, as it stands among the problems of a filing."""
    key = f"{REPORT_STATISTICS}.{finding.field}"
    return Problem(finding.level, key, f"附件 3：{finding.message}", finding.code, finding.facts)
