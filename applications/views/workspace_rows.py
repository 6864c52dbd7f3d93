"""What the workspace says about each filing and what comes next; built from prefetched rows, asks nothing itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from applications import progress
from applications.guidance import Guides
from applications.models import Application, Enterprise, FormalCheck, Round, Submission
from applications.models.checking import Outcome
from applications.progress import SectionState
from applications.sections import SECTIONS
from applications.states import State
from applications.views.filing_desk import chip_of, day_label, label_of, problem_url
from applications.views.workspace_deferred import Deferred
from qcportal.models import User

TOTAL = len(SECTIONS)


def filings(user: User, enterprise: Enterprise, rounds: Iterable[Round]) -> list[Application]:
    """Everything ``user`` may see of the enterprise, with all that the rows below speak of; the count of queries
    does not depend on the count of filings. ``rounds`` come with their extensions."""
    returned = FormalCheck.objects.filter(outcome=Outcome.RETURN).exclude(decided_at=None).order_by("-id")
    found = list(
        Application.objects.visible_to(user)
        .filter(enterprise=enterprise)
        .for_list()
        .select_related("updated_by", "carry_answer")
        .prefetch_related(
            Prefetch("carried_to", Application.objects.select_related("round__programme")),
            "members",
            "evidence",
            Prefetch("submissions", Submission.objects.defer("data", "personal")),
            Prefetch("checks", returned.prefetch_related("remarks")),
        )
    )
    known = {one.pk: one for one in rounds}
    for application in found:
        application.round = known.setdefault(application.round_id, application.round)
    prefetch_related_objects(list(known.values()), "extensions")  # of rounds that nobody read before
    return found


@dataclass(frozen=True)
class Row:
    application: Application
    number: int
    chip: tuple[str, str, str]
    number_line: str
    version_line: str
    note: str
    note_is_urgent: bool
    action: str
    url: str
    style: str
    first: bool
    last: bool
    deferred: Deferred | None = None


@dataclass(frozen=True)
class Step:
    """The card 下一步. ``tone`` is amber for what needs a person now, edge for the rest."""

    title: str
    text: str
    action: str
    url: str
    tone: str = "edge"
    more: str = ""


def row_of(
    application: Application, number: int, count: int, *, manages: bool, at: datetime, guides: Guides,
    put_off: Deferred | None = None,
) -> Row:  # fmt: skip
    submission = application.latest_submission
    states = progress.section_states(application)
    done = sum(state.is_done for state in states)
    open_now = application.round.opens_at <= at < application.deadline()
    action, url, style = _action(application, states, manages=manages, open_now=open_now)
    minutes = sum(progress.minutes_left(state.problems, guides, application.topic_type) for state in states)
    note, urgent = _note(application, done, open_now, progress.spoken_minutes(minutes))
    if put_off is not None:
        note, urgent = put_off.note, put_off.asks
        if manages and put_off.moved is None:
            carry = reverse("applications:carry_over", args=[application.uuid])
            action, url, style = ("选择", carry, "primary") if put_off.asks else ("重新选择", carry, "plain")
    return Row(
        application=application,
        number=number,
        chip=chip_of(application),
        number_line=application.file_number or ("未提交" if not open_now else "提交后编号"),
        version_line=(
            f"第 {submission.version} 版，{_day(submission.submitted_at)}" if submission else _edited(application)
        ),
        note=note,
        note_is_urgent=urgent,
        action=action,
        url=url,
        style=style,
        first=number == 1,
        last=number == count,
        deferred=put_off,
    )


def _day(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.month}月{local.day}日"


def _edited(application: Application) -> str:
    who = application.updated_by.name if application.updated_by else ""
    return f"{who} {_day(application.updated_at)}修改".strip()


def _action(
    application: Application, states: list[SectionState], *, manages: bool, open_now: bool
) -> tuple[str, str, str]:
    done = sum(state.is_done for state in states)
    detail = reverse("applications:detail", args=[application.uuid])
    submit = reverse("applications:submit", args=[application.uuid])
    if application.state == State.RETURNED and open_now_for_correction(application, open_now):
        return "按意见补正", detail, "primary"
    if application.state == State.DRAFT and open_now:
        if done == TOTAL and manages:
            return "核对并提交", submit, "secondary"
        return "继续填写", _first_open(application, states), "secondary"
    if application.state == State.SUBMITTED and application.has_unsubmitted_changes and open_now and manages:
        return "核对并提交", submit, "secondary"
    return "查看", detail, "plain"


def open_now_for_correction(application: Application, open_now: bool) -> bool:
    return application.correction_due_at is None or open_now


def _first_open(application: Application, states: list[SectionState]) -> str:
    place = progress.next_problem(states)
    if place is None:
        return reverse("applications:detail", args=[application.uuid])
    return problem_url(application, place.key)


def _note(application: Application, done: int, open_now: bool, minutes: str) -> tuple[str, bool]:
    if application.state == State.RETURNED:
        return f"{day_label(application.deadline())} 前交回", True
    if application.state == State.DRAFT:
        if not open_now:
            return "已过截止时间", True
        if application.filling == "done":
            return "填报人已标记填报完成，待核对提交", True
        if application.filling == "changed":
            return "标记填报完成后又有修改", False
        if done == TOTAL:
            return f"{TOTAL} 部分已填完，待核对提交", False
        return f"{TOTAL} 部分中完成 {done} 部分" + (f"，还需{minutes}" if minutes else ""), False
    if application.state == State.SUBMITTED:
        if application.has_unsubmitted_changes:
            return "有修改未提交，仍以已提交版本为准", True
        return "等待秘书处形式审查", False
    if application.state == State.ACCEPTED:
        return "形式审查通过", False
    if application.state == State.LAPSED:
        return "截止前未提交", False
    return "", False


def next_step(
    rows: list[Row], *, manages: bool, open_round: Round | None, report_done: bool, at: datetime
) -> Step | None:
    """The one thing that helps most now, in order of urgency. None when there is nothing to do but wait."""
    returned = [row for row in rows if row.application.state == State.RETURNED and row.style == "primary"]
    if returned:
        return _correct(min(returned, key=lambda row: row.application.deadline()))
    asked = [row for row in rows if row.deferred and row.deferred.asks and manages]
    if asked:
        return _choose(asked[0])
    changed = [row for row in rows if row.application.has_unsubmitted_changes and row.action == "核对并提交"]
    ready = [row for row in rows if row.action == "核对并提交"]
    if manages and open_round and not report_done and rows:
        year = open_round.programme.year
        return Step(
            "附件 2 和附件 3 还没有填完",
            f"{open_round.programme.data_year} 年度的活动总结和统计表每单位一份，填完后各组才能提交。",
            "填写年度材料",
            reverse("applications:report", args=[year]),
            "amber",
        )
    for row in changed or ready:
        text = "上次提交之后有修改，再次提交后以新版本为准。" if changed else "六部分已填完，请核对后正式提交。"
        return Step(f"{row.application.display_name}可以提交", text, "核对并提交", row.url, "amber")
    unfinished = [row for row in rows if row.action == "继续填写"]
    if unfinished:
        row = unfinished[0]
        return Step(f"继续填写{row.application.display_name}", f"{row.note}。", "继续填写", row.url)
    return _idle(rows, manages=manages, open_round=open_round, at=at)


def _choose(row: Row) -> Step:
    put_off = row.deferred
    assert put_off is not None  # noqa: S101 -- asked for above
    until = ""
    if put_off.until:
        until = f"要赶上{put_off.target}，请在 {day_label(put_off.until)} 24:00 前选择并提交新草稿，"
    return Step(
        f"{row.application.display_name}缓评，是否转入下一期？",
        f"{until}不选择就不转入。",
        "选择",
        row.url,
        "amber",
    )


def _correct(row: Row) -> Step:
    application = row.application
    check = next(iter(application.checks.all()), None)
    remarks = list(check.remarks.all()) if check else []
    labels = "、".join(dict.fromkeys(label_of(remark.field, application.fields) for remark in remarks)) or "见审查意见"
    when = f" {_day(check.decided_at)}" if check and check.decided_at else ""
    submission = application.latest_submission
    version = submission.version + 1 if submission else 1
    count = len(remarks) or len(application.open_fields)
    return Step(
        f"{application.display_name}有 {count} 处需要补正" if count else f"{application.display_name}需要补正",
        f"秘书处{when}退回：{labels}。",
        "按意见补正",
        row.url,
        "amber",
        f"{day_label(application.deadline())} 24:00 前补正后重新提交，生成第 {version} 版，文件编号不变。",
    )


def _idle(rows: list[Row], *, manages: bool, open_round: Round | None, at: datetime) -> Step | None:
    if open_round and not rows and manages:
        return Step(
            "开始第一项申报",
            f"{open_round}正在填报，每个小组填一份附件 1，申报数量不限，择优推荐。",
            "新建申报",
            reverse("applications:new"),
        )
    submitted = [row for row in rows if row.application.state == State.SUBMITTED]
    if submitted:
        round_ = submitted[0].application.round
        if at < round_.paper_due_at:
            return Step(
                "打印、盖章并寄送纸质材料",
                f"{round_}已提交 {len(submitted)} 项。纸质材料一套，{round_.paper_due_label} 前寄达或以邮戳为准。",
                "打印、盖章与上传" if manages else "查看回执",
                reverse("applications:paper", args=[round_.programme.year, round_.number])
                if manages
                else reverse("applications:receipt", args=[submitted[0].application.uuid]),
            )
    return None
