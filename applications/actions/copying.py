"""Nothing typed twice: a draft from an earlier filing, carrying over, members of an earlier group."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from applications import gates
from applications.actions import drafts
from applications.actions.enterprises import StaleEdit, require_manager
from applications.models import Application, Enterprise, Evidence, Round, SpecialAward
from applications.sections import is_open
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

# What a person may take from an earlier filing: code, words, and the fields that keep their value ...
PARTS = {
    "contact": ("联系人和证书用单位名称", ("certificate_unit_name", "contact_name", "contact_phone", "contact_email")),
    "units": ("完成单位", ()),
    "group": ("小组名称、组长、成立时间和小组简介", ("group_name", "leader_name", "group_founded_on", "group_intro")),
    "members": ("成员名单", ()),
    "topic": ("课题名称、类型和各步骤的文字", ("topic_name", "topic_type", "steps")),
    "results": (
        "成果与效益的文字",
        ("target_value", "actual_value", "benefit_basis", "social_benefit", "main_results", "honours"),
    ),
}
# ... and those that another year's filing must state anew: dates, registrations, figures.
ANEW = {
    "group": (
        "group_registration_number", "group_registered_on", "activity_starts_on", "activity_ends_on",
        "activity_count", "attendance_rate", "training_hours", "member_count",
    ),
    "topic": ("topic_registration_number",),
    "results": ("economic_benefit", "activity_cost"),
}  # fmt: skip
CARRIED = frozenset({State.LAPSED, State.DEFERRED})


def is_same_year(source: Application, round_: Round) -> bool:
    """Whether dates and figures of ``source`` still hold in ``round_``."""
    return source.round.programme_id == round_.programme_id


def create_from(
    source: Application,
    round_: Round,
    *,
    actor: User,
    group_name: str,
    parts: Iterable[str],
    evidence: Iterable[str] = (),
) -> Application:
    """A new draft in ``round_`` holds the chosen ``parts`` of ``source`` and says where they came from.

    Dates, registrations and figures of another year stay empty. Files only those that ``evidence`` names (their
    uuids), by their hash. Refused: a 填报人, another enterprise's filing, a round that is not open.
    """
    wanted = [part for part in PARTS if part in set(parts)]
    with transaction.atomic(durable=True):
        enterprise, row, now = _locked(source, round_, actor)
        fields = _fields_of(row, wanted, keep_figures=is_same_year(row, round_))
        fields["group_name"] = group_name.strip() or fields.get("group_name", "")
        application = drafts.new_draft(enterprise, round_, actor, now, copied_from=row, **fields)
        _copy_rows(row, application, wanted, keep_figures=is_same_year(row, round_))
        files = _attach(row, application, actor, now, evidence)
        audit.record(
            "application.copied", application, actor=actor, after={"round": str(round_)}, source=str(row.uuid),
            parts=wanted, files=files,
        )  # fmt: skip
    return application


def carry_refusal(source: Application, round_: Round | None) -> Refusal | None:
    """Why ``source`` may not be carried over into ``round_``, or None when it may (design, section 5)."""
    if source.state not in CARRIED:
        return Refusal("只有逾期失效或缓评的申报可以结转到下一期。", "bad_state")
    if round_ is None:
        return Refusal("现在没有可以结转的期次，下一期开放后可以结转。", "not_open")
    if round_.pk == source.round_id or round_.closes_at <= source.round.closes_at:
        return Refusal("只能结转到后面的期次。", "not_later")
    if source.carried_to.exclude(state=State.WITHDRAWN).exists():
        return Refusal("该申报已经结转，请在工作台查看新的草稿。", "already_carried")
    return None


def carry_over(source: Application, round_: Round, *, actor: User, evidence: Iterable[str] = ()) -> Application:
    """A new draft in ``round_`` holds everything of a lapsed or deferred filing, dates and figures too; it gets its
    own file number when it is submitted. Files only those named. Refused: see carry_refusal, and like create_from.
    """
    with transaction.atomic(durable=True):
        enterprise, row, now = _locked(source, round_, actor)
        refusal = carry_refusal(row, round_)
        if refusal is not None:
            raise refusal
        fields = _fields_of(row, list(PARTS), keep_figures=True)
        fields |= {"recommending_unit_id": row.recommending_unit_id, "awards_section_seen": row.awards_section_seen}
        application = drafts.new_draft(enterprise, round_, actor, now, carried_from=row, **fields)
        _copy_rows(row, application, list(PARTS), keep_figures=True)
        codes = row.special_awards.values_list("code", flat=True)
        application.special_awards.set(SpecialAward.objects.filter(programme=round_.programme_id, code__in=codes))
        files = _attach(row, application, actor, now, evidence)
        audit.record(
            "application.carried_over", application, actor=actor, after={"round": str(round_)},
            source=str(row.uuid), files=files,
        )  # fmt: skip
    return application


def _locked(source: Application, round_: Round, actor: User) -> tuple[Enterprise, Application, datetime]:
    """The enterprise's row orders two people who press at the same time."""
    enterprise = Enterprise.objects.select_for_update().get(pk=source.enterprise_id)
    now = clock.now_in_transaction()
    require_manager(enterprise.pk, actor, "新建申报由单位负责人或质量主管办理。")
    row = Application.objects.visible_to(actor).select_related("round__programme").filter(pk=source.pk).first()
    if row is None:
        raise NotAllowed
    drafts.require_open(enterprise, round_, now)
    return enterprise, row, now


def _fields_of(source: Application, parts: list[str], *, keep_figures: bool) -> dict[str, Any]:
    names = [name for part in parts for name in PARTS[part][1]]
    if keep_figures:
        names += [name for part in parts for name in ANEW.get(part, ())]
    found = {name: getattr(source, name) for name in names}
    # An empty contact of a purged filing says less than the enterprise's.
    return {name: value for name, value in found.items() if value not in ("", None)}


def _copy_rows(source: Application, target: Application, parts: list[str], *, keep_figures: bool) -> None:
    if "units" in parts:
        drafts._save_special(target, "completing_units", drafts.stored_value(source, "completing_units"))
    if "members" in parts:
        members = drafts.stored_value(source, "members")
        drafts._save_special(target, "members", members if keep_figures else _without_hours(members))
        if members and target.member_count is None:
            target.member_count = len(members)
            target.save(update_fields=["member_count"])


def _without_hours(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**member, "training_hours": None} for member in members]


def _attach(source: Application, target: Application, actor: User, now: datetime, wanted: Iterable[str]) -> list[str]:
    """The same stored bytes under the new draft; the hashes, for the trail."""
    names = {str(one) for one in wanted}
    chosen = [item for item in source.evidence.select_related("file") if str(item.uuid) in names]
    if len(chosen) > settings.EVIDENCE_MAX_FILES:
        raise Refusal(f"每项申报最多 {settings.EVIDENCE_MAX_FILES} 个文件。", "too_many")
    Evidence.objects.bulk_create(
        Evidence(
            application=target, kind=target.fields.kind_taken(item.kind), name=item.name, file=item.file,
            pages=item.pages, position=position, uploaded_by=actor, uploaded_at=now,
        )
        for position, item in enumerate(chosen, 1)
    )  # fmt: skip
    return [item.file_id for item in chosen]


def carry_members(
    application: Application,
    source: Application,
    *,
    actor: User,
    names: Iterable[str],
    replace: bool,
    seen_version: int,
) -> Application:
    """The chosen people of an earlier group stand behind the present members, or instead of them.

    Who is there already is not added twice; hours of training belong to their year and stay empty. Refused: a
    closed gate or list, a filing that ``actor`` may not see, and a list changed since the preview (StaleEdit).
    """
    wanted = set(names)
    with transaction.atomic(durable=True):
        row, now = drafts.lock_for_edit(application.pk, actor)
        opened = gates.open_keys(row)
        if opened is not None and not is_open("members", opened):
            raise Refusal("本次补正未开放成员名单。", "closed_key")
        if row.edit_version != seen_version:
            raise StaleEdit(row)
        mine = Application.objects.visible_to(actor).filter(enterprise=row.enterprise_id)
        if not mine.filter(pk=source.pk).exists():
            raise NotAllowed
        present = [] if replace else drafts.stored_value(row, "members")
        there = {member["name"] for member in present}
        taken = [one for one in drafts.stored_value(source, "members") if one["name"] in wanted - there]
        if not taken:
            raise Refusal("没有选择要带入的成员。", "nothing_chosen")
        _store_members(row, actor, now, [*present, *_without_hours(taken)], opened)
        audit.record("application.members_carried", row, actor=actor, source=str(source.uuid), count=len(taken))
    return row


def _store_members(
    row: Application, actor: User, now: datetime, members: list[dict[str, Any]], opened: list[str] | None
) -> None:
    """The count follows the list where it is open and was no number of its own."""
    before = row.members.count()
    fields: dict[str, Any] = {}
    if row.member_count in (None, before) and (opened is None or is_open("member_count", opened)):
        fields["member_count"] = len(members)
    drafts._touch(row, actor, now, row.edit_version, fields)
    drafts._save_special(row, "members", members)
