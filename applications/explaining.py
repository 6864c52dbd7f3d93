"""已核实，原因: which warnings were confirmed, which are open, and how the answers are frozen and shown.

A confirmation counts while the fingerprint of its warning is the same. Those about attachments 2 and 3 belong to
the enterprise's report: confirmed once, they hold for all its filings of the year.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from applications.field_list import NOTHING_CHANGED, FieldList
from applications.models import AnnualReport, Application, WarningConfirmation
from applications.models.confirming import REASON_MAX, REASON_MIN
from applications.problems import Problem
from applications.sections import ALL_LABELS

# Reasons that fit often, offered beside the field; by the start of the code, the longest that fits.
READY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("benefit", (
        "附件 3 按统计年度填报，本课题效益跨年度实现，已由财务部门核实。",
        "附件 3 只计入已结算部分，本课题已单独核实。",
    )),
    ("members_above", ("附件 3 中同一人只计一次，本小组含外聘或跨单位成员。",)),
    ("filings_above", ("申报的小组中有上年度结转的成果。",)),
    ("member_twice", ("确有重名的两位成员，已核实。",)),
    ("activity_too_early", ("课题为跨年度持续改进项目，效果在本年度验证。",)),
    ("activity_after", ("活动按计划延续到截止日之后，提交时成果已验证。",)),
    ("activity_before", ("小组先开展活动，随后补办注册登记手续。",)),
    ("awards_not_seen", ("本小组不申报单项奖。",)),
    ("award_", ("课题属于该产业领域，单位行业按主营业务登记。",)),
    ("group_", ("同一小组以不同课题申报，成果各自独立。", "两个小组名称相近，成员和课题不同。")),
    ("topic_twice", ("同类设备分别立项攻关，数据和成果各自独立。", "在原课题基础上继续改进，目标和对策均已更新。")),
    ("topic_published", ("课题由本小组独立完成，与该成果只是题目相近。",)),
    ("statistics_jump", (
        "组织机构或统计口径调整，数据已与财务、人事部门核对。",
        "本年度推进力度加大，数据已逐级核对。",
    )),
    ("statistics_", ("数据已与相关部门核对，确认无误。",)),
    ("", ("已核对，填写无误。",)),
)  # fmt: skip


class Asked(NamedTuple):
    """A warning and the answer on record, if there is one; ``stale`` when that answer was given on other facts."""

    problem: Problem
    confirmation: WarningConfirmation | None
    fields: FieldList = NOTHING_CHANGED

    @property
    def confirmed(self) -> bool:
        return self.confirmation is not None and not self.stale

    @property
    def stale(self) -> bool:
        return self.confirmation is not None and self.confirmation.fingerprint != self.problem.fingerprint

    @property
    def reason(self) -> str:
        return self.confirmation.reason if self.confirmation else ""

    @property
    def label(self) -> str:
        return self.fields.label(self.problem.key) if self.problem.key in ALL_LABELS else ""

    @property
    def ready(self) -> tuple[str, ...]:
        return next(reasons for start, reasons in READY if self.problem.code.startswith(start))


def confirmations_of(application: Application) -> Q:
    """Those of the filing itself, and of the report it stands on."""
    return Q(application=application) | Q(
        report__enterprise=application.enterprise_id, report__programme=application.round.programme_id
    )


def asked(application: Application, problems: Iterable[Problem]) -> list[Asked]:
    """Every warning among ``problems``, in their order, with its answer. One query."""
    warnings = [problem for problem in problems if not problem.blocks]
    if not warnings:
        return []
    rows = WarningConfirmation.objects.filter(confirmations_of(application)).select_related("confirmed_by")
    known = {(row.report_id is not None, row.code): row for row in rows}
    return [Asked(problem, known.get((problem.of_report, problem.code)), application.fields) for problem in warnings]


def asked_of_report(report: AnnualReport, problems: Iterable[Problem]) -> list[Asked]:
    """Like ``asked`` for warnings that rest on attachments 2 and 3 alone. One query, none for a report not stored."""
    warnings = [problem for problem in problems if not problem.blocks]
    rows = WarningConfirmation.objects.filter(report=report).select_related("confirmed_by") if report.pk else ()
    known = {row.code: row for row in rows}
    return [Asked(problem, known.get(problem.code), report.programme.fields) for problem in warnings]


def unanswered(application: Application, problems: Iterable[Problem]) -> list[Problem]:
    return [one.problem for one in asked(application, problems) if not one.confirmed]


def reason_error(reason: str) -> str:
    """Why ``reason`` is not taken, or ""."""
    length = len(reason.strip())
    if not length:
        return "请写明核实的情况，或返回修改后消除这条提醒。"
    if length < REASON_MIN:
        return f"请写得具体一些，至少 {REASON_MIN} 个字（现有 {length} 个字）。"
    if length > REASON_MAX:
        return f"最多 {REASON_MAX} 个字（现有 {length} 个字）。"
    return ""


def freeze(answers: Iterable[Asked]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The public and the personal part of what a version freezes: warnings that name people go to the second."""
    public: list[dict[str, str]] = []
    personal: list[dict[str, str]] = []
    for one in answers:
        if one.confirmed:
            row = {
                "code": one.problem.code,
                "key": one.problem.key,
                "label": one.label,
                "message": one.problem.message,
                "reason": one.reason,
            }
            (personal if one.problem.names_people else public).append(row)
    return public, personal


def with_answers(public: dict[str, Any], personal: dict[str, Any], answers: Iterable[Asked]) -> None:
    """Adds the key ``explanations`` where there are any: a filing nobody asked about freezes as it always did."""
    for part, rows in zip((public, personal), freeze(answers), strict=True):
        if rows:
            part["explanations"] = rows


def frozen(data: dict[str, Any], personal: dict[str, Any] | None) -> list[dict[str, str]]:
    """The answers of a frozen version, of whichever schema; those about people only while they are kept."""
    return [*data.get("explanations", []), *(personal or {}).get("explanations", [])]
