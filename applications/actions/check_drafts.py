"""The draft of a check: answers, note, remarks, what the checker means to decide. Seen by the secretariat alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from applications import check_keys, claims
from applications.actions.enterprises import StaleEdit
from applications.actions.rights import require_secretariat
from applications.models import Application, Evidence, FormalCheck, Remark
from applications.states import State
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import User

# A filing that already takes part may be looked at again; the only new outcome then is a return.
CHECKABLE = frozenset({State.SUBMITTED, State.ACCEPTED, State.IN_REVIEW})
ANSWERS = frozenset({"yes", "no", ""})


class RemarkText(NamedTuple):
    """A remark as typed: on a key of check_keys.LABELS, maybe on one file, maybe on one page of it."""

    field: str
    text: str
    evidence: UUID | None = None
    page: int | None = None


class StaleCheck(StaleEdit):
    """Saved from another window meanwhile; ``current`` is the check as stored. Nothing of this save was kept."""

    def __init__(self, current: FormalCheck) -> None:
        super().__init__(current)
        self.message = "您打开页面之后，这次审查在别处保存过。两边的内容都在下面，请核对后再次保存。"


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal("请写明理由，理由会随通知发给申报单位。", "no_reason")


def require_future(due: datetime) -> None:
    if due <= clock.now_in_transaction():
        raise Refusal("补正截止时间应晚于现在。", "due_in_past")


def own_open_check(check: FormalCheck, actor: User) -> FormalCheck:
    """The check, its application locked. Refused when decided, or in someone else's hands."""
    require_secretariat(actor)
    Application.objects.select_for_update().get(pk=check.application_id)
    check = FormalCheck.objects.select_related(
        "application__enterprise", "application__round__programme", "submission", "checker"
    ).get(pk=check.pk)
    if check.outcome:
        raise StaleState("这次审查已经作出决定，请刷新页面后再试。")
    if check.application.state not in CHECKABLE:  # withdrawn meanwhile: the check ends without a decision
        label = check.application.state_label
        raise StaleState(f"申报当前状态为“{label}”，不再需要审查。")
    if check.checker_id != actor.pk:
        raise NotAllowed(f"这份申报由 {check.checker} 审查，请先接手再处理。")
    return check


def save_check(
    check: FormalCheck,
    *,
    actor: User,
    answers: Mapping[int, str],
    note: str,
    remarks: Sequence[RemarkText],
    seen: int | None = None,
) -> FormalCheck:
    """Checklist, note and remarks are kept as a draft for the secretariat alone. No audit row: nothing is decided.

    ``seen`` is the revision that the page was made from: another one is stored and says something else, nothing
    is kept (StaleCheck). Refused as well: what own_open_check refuses, places that do not exist.
    """
    with transaction.atomic(durable=True):
        check = own_open_check(check, actor)
        if seen is not None and seen != check.revision and not _says(check, answers, note, remarks):
            raise StaleCheck(check)
        for line in check.checklist:
            answer = answers.get(line["item"], line["answer"])
            line["answer"] = answer if answer in ANSWERS else ""
        check.note = note
        check.revision += 1
        check.save(update_fields=["checklist", "note", "revision"])
        replace_remarks(check, remarks)
        claims.touch(check.application_id, actor, clock.now())
    return check


def _says(check: FormalCheck, answers: Mapping[int, str], note: str, remarks: Sequence[RemarkText]) -> bool:
    """The stored draft is word for word what is being saved: the same press twice."""
    stored = [
        RemarkText(one.field, one.text, one.file_uuid, one.page) for one in check.remarks.select_related("evidence")
    ]
    same_answers = all(answers.get(line["item"], line["answer"]) == line["answer"] for line in check.checklist)
    return same_answers and note == check.note and list(remarks) == stored


def replace_remarks(check: FormalCheck, remarks: Sequence[RemarkText]) -> None:
    unknown = [remark.field for remark in remarks if remark.field not in check_keys.LABELS]
    if unknown:
        raise Refusal(f"审查意见指向了不存在的项目：{'、'.join(unknown)}。", "unknown_field")
    frozen = {item["uuid"]: item for item in check.submission.data.get("evidence", [])}
    for remark in remarks:
        _require_page(remark, frozen)
    wanted = [remark.evidence for remark in remarks if remark.evidence]
    files = {item.uuid: item for item in Evidence.objects.filter(application=check.application_id, uuid__in=wanted)}
    check.remarks.all().delete()
    Remark.objects.bulk_create(
        Remark(
            formal_check=check,
            position=position,
            field=remark.field,
            evidence=files.get(remark.evidence) if remark.evidence else None,
            evidence_uuid=remark.evidence,
            file_name=frozen.get(str(remark.evidence), {}).get("name", "") if remark.evidence else "",
            page=remark.page,
            text=remark.text,
        )
        for position, remark in enumerate(remarks, 1)
    )


def _require_page(remark: RemarkText, frozen: Mapping[str, Mapping[str, Any]]) -> None:
    if remark.page is None:
        return
    item = frozen.get(str(remark.evidence))
    if item is None:
        raise Refusal("页码只能写在针对某个文件的意见上。", "page_without_file")
    pages = item.get("pages")
    if remark.page < 1 or (pages and remark.page > pages):
        raise Refusal(f"《{item['name']}》没有第 {remark.page} 页。", "no_such_page")
