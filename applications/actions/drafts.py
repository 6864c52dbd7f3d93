"""The working copy of attachment 1: created, saved section by section, put in order of preference."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from applications import gates, merging
from applications.actions import autosaved
from applications.actions.enterprises import StaleEdit, require_manager
from applications.models import Application, CompletingUnit, Enterprise, Member, Round
from applications.sections import BY_CODE, is_open
from applications.states import State
from applications.topics import STEPS_BY_CODE, TopicType
from qcportal import audit, clock
from qcportal.clock import half_open_label
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

MEMBER_FIELDS = ("name", "gender", "education", "job_title", "group_role", "duty", "training_hours")
SPECIAL = frozenset({"members", "completing_units", "special_awards"})
# Kept with a section without being a key that remarks and returns name.
ALONGSIDE = {"awards": ("awards_section_seen",)}


def create_application(
    enterprise: Enterprise, round_: Round, *, actor: User, group_name: str, topic_type: str = ""
) -> Application:
    """A draft in ``round_`` stands last in the enterprise's order, with contact and certificate name prefilled.

    Refused: a 填报人 (design, section 2), and a round that is not open for this enterprise.
    """
    with transaction.atomic(durable=True):
        return create_in_transaction(enterprise, round_, actor=actor, group_name=group_name, topic_type=topic_type)


def create_in_transaction(
    enterprise: Enterprise, round_: Round, *, actor: User, group_name: str, topic_type: str = ""
) -> Application:
    """What create_application does, for an action that does more with the draft in the same transaction."""
    # The enterprise's row orders two people who create at the same time.
    enterprise = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    now = clock.now_in_transaction()
    require_manager(enterprise.pk, actor, "新建申报由单位负责人或质量主管办理。")
    require_open(enterprise, round_, now)
    application = new_draft(
        enterprise, round_, actor, now,
        group_name=group_name.strip(), topic_type=TopicType(topic_type) if topic_type else "",
    )  # fmt: skip
    audit.record("application.created", application, actor=actor, after={"round": str(round_)})
    return application


def new_draft(enterprise: Enterprise, round_: Round, actor: User, now: datetime, **fields: Any) -> Application:
    """A row that stands last, with contact and certificate name of the enterprise where ``fields`` say nothing."""
    mine = Application.objects.filter(enterprise=enterprise, round=round_)
    defaults = {
        "certificate_unit_name": enterprise.name_on_certificate,
        "contact_name": enterprise.contact_name,
        "contact_phone": enterprise.contact_phone,
        "contact_email": enterprise.contact_email,
    }
    return Application.objects.create(
        enterprise=enterprise,
        round=round_,
        preference=(mine.aggregate(last=Max("preference"))["last"] or 0) + 1,
        created_by=actor,
        created_at=now,
        updated_at=now,
        updated_by=actor,
        **{**defaults, **fields},
    )


def require_open(enterprise: Enterprise, round_: Round, now: datetime) -> None:
    refusal = creation_refusal(enterprise, round_, now)
    if refusal is not None:
        raise refusal


def creation_refusal(enterprise: Enterprise, round_: Round, now: datetime) -> Refusal | None:
    """Why no draft may be made in the round now, or None."""
    deadline = round_.deadline_for(enterprise.pk)
    if now < round_.opens_at:
        return Refusal(f"{round_}尚未开放填报，{half_open_label(round_.opens_at)} 开放。", "not_open")
    if now >= deadline:
        return Refusal(f"{round_}已于 {half_open_label(deadline)} 截止，不能新建申报。", "after_deadline")
    return None


def lock_for_edit(pk: int, actor: User) -> tuple[Application, datetime]:
    """The locked row and the time; refused for people who may not write on it, and when the gate is closed."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("round__programme", "enterprise")
    application = rows.get(pk=pk)
    now = clock.now_in_transaction()
    if not Application.objects.editable_by(actor).filter(pk=pk).exists():
        raise NotAllowed
    refusal = gates.edit_refusal(application, now)
    if refusal is not None:
        raise refusal
    return application, now


def save_section(
    application: Application,
    *,
    actor: User,
    section: str,
    values: Mapping[str, Any],
    seen_version: int,
    seen: Mapping[str, str] | None = None,
    autosave: bool = False,
    tab: str = "",
) -> Application:
    """The section holds ``values``; nothing is required of a draft, and keys not given stay as they are.

    Values of keys that belong to another section or that a return did not open are left out. ``seen`` are the
    digests of what the page showed: with them, keys that only one side changed go through. Refused: a closed
    gate (gates.edit_refusal); keys that both sides changed (StaleEdit; the others are stored), and without
    ``seen`` any save over somebody else's, in which nothing is stored. The text of steps of another topic type
    is kept. A submitted filing now differs from its last version. An ``autosave`` writes no audit row; the next
    save by hand and the next submission name what was autosaved (actions.autosaved).
    """
    with transaction.atomic(durable=True):
        row, now = lock_for_edit(application.pk, actor)
        fresh = row.edit_version == seen_version
        if not fresh and seen is None:
            raise StaleEdit(row)
        wanted = _permitted(row, section, values)
        stored = partial(stored_value, row)
        seen = autosaved.seen_by(row, actor, tab, seen, stored)
        decision = merging.decide(wanted, stored, seen, fresh=fresh)
        changed = {key: wanted[key] for key in decision.changed}
        _write(row, actor, now, section, changed, noted=autosaved.noted(row, actor, changed, tab) if autosave else None)
    if decision.conflicts:
        raise StaleEdit(row, decision.conflicts)
    return row


def _write(
    row: Application,
    actor: User,
    now: datetime,
    section: str,
    changed: dict[str, Any],
    *,
    noted: dict[str, Any] | None,
) -> None:
    """``noted``: an autosave's note, instead of a row in the trail."""
    earlier = autosaved.settle(row, actor) if noted is None else {}
    if changed:
        _store(row, actor, now, changed, noted or {})
    if noted is None and (changed or earlier):
        audit.record("application.saved", row, actor=actor, section=section, fields=sorted({*changed, *earlier}))


def _store(row: Application, actor: User, now: datetime, changed: dict[str, Any], more: dict[str, Any]) -> None:
    plain = {key: value for key, value in changed.items() if key not in SPECIAL}
    _touch(row, actor, now, row.edit_version, {**_fields(row, plain), **more})
    for key in changed:
        if key in SPECIAL:
            _save_special(row, key, changed[key])


def write_sections(row: Application, *, actor: User, now: datetime, values: Mapping[str, Any], source: str) -> None:
    """Values of any sections, read from the file with the sha256 ``source``, on a row that the caller locked.

    In the caller's transaction, with one audit row for all.
    """
    names: list[str] = []
    for code in BY_CODE:
        mine = {key: value for key, value in values.items() if key.split(".", 1)[0] in BY_CODE[code].fields}
        wanted = _permitted(row, code, mine) if mine else {}
        changed = {key: value for key, value in wanted.items() if stored_value(row, key) != value}
        if changed:
            _store(row, actor, now, changed, {})
            names += changed
    if names:
        audit.record("application.imported", row, actor=actor, fields=sorted(names), file_sha256=source)


def _touch(row: Application, actor: User, now: datetime, seen_version: int, fields: dict[str, Any]) -> None:
    """The conditional UPDATE that only one of two savers wins, also where rows cannot be locked (SQLite)."""
    fields |= {"updated_at": now, "updated_by": actor}
    if row.state == State.SUBMITTED:
        fields["has_unsubmitted_changes"] = True
    updated = Application.objects.filter(pk=row.pk, edit_version=seen_version, state=row.state).update(
        edit_version=F("edit_version") + 1, **fields
    )
    if updated != 1:
        raise StaleEdit(Application.objects.get(pk=row.pk))
    for name, value in {**fields, "edit_version": seen_version + 1}.items():
        setattr(row, name, value)


def _permitted(row: Application, section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Only keys of this section, and of a returned filing only those that the return names."""
    allowed = (*BY_CODE[section].fields, *ALONGSIDE.get(section, ()))
    opened = gates.open_keys(row)
    wanted: dict[str, Any] = {}
    for key, value in values.items():
        base, _, code = key.partition(".")
        known = base in allowed and (base != "steps" or code in STEPS_BY_CODE)
        if known and (opened is None or is_open(key, opened)):
            wanted[key] = value
    if "special_awards" in wanted:
        # Without the box 不申报 beside it, only a chosen award answers the question.
        wanted.setdefault("awards_section_seen", bool(wanted["special_awards"]))
    return wanted


def stored_value(row: Application, key: str) -> Any:
    """What is stored under a key, in the shape in which forms hand values in."""
    if key == "members":
        return [
            row.fields.member({name: getattr(member, name) for name in MEMBER_FIELDS}) for member in row.members.all()
        ]
    if key == "completing_units":
        return [unit.name for unit in row.completing_units.all()]
    if key == "special_awards":
        return sorted(award.pk for award in row.special_awards.all())
    if key.startswith("steps."):
        return row.steps.get(key.removeprefix("steps."), "")
    return getattr(row, key)


def _fields(row: Application, plain: dict[str, Any]) -> dict[str, Any]:
    fields = {key: value for key, value in plain.items() if not key.startswith("steps.")}
    texts = {key.removeprefix("steps."): value for key, value in plain.items() if key.startswith("steps.")}
    if texts:
        fields["steps"] = {**row.steps, **texts}
    return fields


def _save_special(row: Application, key: str, value: Any) -> None:
    if key == "special_awards":
        row.special_awards.set(value)
    elif key == "members":
        kept = _hidden_columns(row)
        row.members.all().delete()
        Member.objects.bulk_create(
            Member(application=row, position=position, **{**kept.get(member["name"], {}), **row.fields.member(member)})
            for position, member in enumerate(value, 1)
        )
    else:
        row.completing_units.all().delete()
        CompletingUnit.objects.bulk_create(
            CompletingUnit(application=row, position=position, name=name) for position, name in enumerate(value, 1)
        )


def _hidden_columns(row: Application) -> dict[str, dict[str, Any]]:
    """What was typed before its column was hidden, by name of the member: it stays in the working copy."""
    hidden = [name for name in MEMBER_FIELDS if row.fields.hidden(f"members.{name}")]
    return {one.pop("name"): one for one in row.members.values("name", *hidden)} if hidden else {}


def move_application(application: Application, *, actor: User, up: bool) -> None:
    """One place up or down in the enterprise's order of preference (择优) within the round.

    Refused: a 填报人, and anything after the round's deadline, when the order is fixed.
    """
    with transaction.atomic(durable=True):
        Enterprise.objects.select_for_update().get(pk=application.enterprise_id)
        now = clock.now_in_transaction()
        require_manager(application.enterprise_id, actor, "申报的先后次序由单位负责人或质量主管调整。")
        if now >= application.round.deadline_for(application.enterprise_id):
            raise Refusal("已过截止时间，不能再调整先后次序。", "after_deadline")
        rows = list(
            Application.objects.filter(enterprise=application.enterprise_id, round=application.round_id)
            .exclude(state=State.WITHDRAWN)
            .order_by("preference", "id")
        )
        place = next((number for number, row in enumerate(rows) if row.pk == application.pk), None)
        if place is None:
            raise Refusal("该申报不在排序之列。", "bad_state")
        other = place - 1 if up else place + 1
        if not 0 <= other < len(rows):
            return
        rows[place], rows[other] = rows[other], rows[place]
        for number, row in enumerate(rows, 1):
            if row.preference != number:
                Application.objects.filter(pk=row.pk).update(preference=number)
        audit.record("application.reordered", application, actor=actor, after={"preference": other + 1})
