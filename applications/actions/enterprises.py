"""The enterprise's profile: changed by its managers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from applications import merging, validators
from applications.models import Enterprise, FormerName, Membership
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

PROFILE_FIELDS = (
    "name", "certificate_name", "city", "address", "postcode", "industry", "scale", "parent_group",
    "contact_name", "contact_phone", "contact_email",
)  # fmt: skip
PERSONAL_FIELDS = frozenset({"contact_name", "contact_phone", "contact_email"})


class StaleEdit(Refusal):
    """Somebody else saved in between; ``current`` is what is stored now, ``fields`` what both sides changed.

    Without ``fields`` nothing of the save was stored; with them everything else of it was (applications.merging).
    """

    def __init__(self, current: Any, fields: Sequence[str] = ()) -> None:
        super().__init__("您打开页面之后，他人保存过修改。您填写的内容没有丢失，请逐项核对后再次保存。", "stale")
        self.current = current
        self.fields = list(fields)


def require_manager(enterprise_id: int, actor: User, message: str = "") -> None:
    """Owner and 质量主管 go on, everybody else is refused."""
    if not Membership.objects.managing().filter(enterprise=enterprise_id, user=actor).exists():
        raise NotAllowed(message or "只有单位负责人或质量主管可以修改。")


def update_profile(
    enterprise: Enterprise,
    *,
    actor: User,
    values: Mapping[str, Any],
    seen_version: int,
    seen: Mapping[str, str] | None = None,
) -> Enterprise:
    """The profile holds ``values``. The credit code never changes.

    A verified enterprise whose name becomes another one must be verified again: the licence that staff saw
    named the old one, which stays on record as former name. ``seen`` are the page's digests
    (applications.merging): with them fields that only one side changed go through.
    Refused: people who do not manage it; fields that both sides changed (StaleEdit).
    """
    with transaction.atomic(durable=True):
        row = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        require_manager(row.pk, actor)
        fresh = row.edit_version == seen_version
        if not fresh and seen is None:
            raise StaleEdit(row)
        wanted = {name: values[name] for name in PROFILE_FIELDS if name in values}
        decision = merging.decide(wanted, lambda name: getattr(row, name), seen, fresh=fresh)
        _write_profile(row, actor, {name: wanted[name] for name in decision.changed})
    if decision.conflicts:
        raise StaleEdit(row, decision.conflicts)
    return row


def _write_profile(row: Enterprise, actor: User, changed: dict[str, Any]) -> None:
    if changed:
        renamed = validators.comparable_name(str(changed.get("name", row.name))) != validators.comparable_name(row.name)
        before = _public({name: getattr(row, name) for name in changed})
        if "name" in changed:
            record_former_name(row, row.name, actor=actor)
        for name, value in changed.items():
            setattr(row, name, value)
        unverified = renamed and row.is_verified
        if unverified:
            row.verified_at = row.verified_by = None
        row.edit_version += 1
        row.save(update_fields=[*changed, "verified_at", "verified_by", "edit_version"])
        audit.record(
            "enterprise.changed",
            row,
            actor=actor,
            before=before,
            after=_public(changed),
            fields=sorted(changed),
            unverified=unverified,
        )


def record_former_name(enterprise: Enterprise, name: str, *, actor: User) -> FormerName:
    """``name`` was used until now. Runs in the caller's transaction, beside the change itself."""
    return FormerName.objects.create(enterprise=enterprise, name=name, until=clock.now(), changed_by=actor)


def _public(values: Mapping[str, Any]) -> dict[str, Any]:
    """Audit rows name personal fields, never their values (design, section 6)."""
    return {name: value for name, value in values.items() if name not in PERSONAL_FIELDS}
