"""The enterprise's profile: changed by its managers."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from applications import validators
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
    """Somebody else saved in between; ``current`` is what is stored now."""

    def __init__(self, current: Any) -> None:
        super().__init__("您打开页面之后，他人保存过修改。您填写的内容没有丢失，请逐项核对后再次保存。", "stale")
        self.current = current


def require_manager(enterprise_id: int, actor: User, message: str = "") -> None:
    """Owner and 质量主管 go on, everybody else is refused."""
    if not Membership.objects.managing().filter(enterprise=enterprise_id, user=actor).exists():
        raise NotAllowed(message or "只有单位负责人或质量主管可以修改。")


def update_profile(enterprise: Enterprise, *, actor: User, values: Mapping[str, Any], seen_version: int) -> Enterprise:
    """The profile holds ``values``. The credit code never changes.

    A verified enterprise whose name becomes another one must be verified again: the licence that staff saw
    named the old one, which stays on record as former name.
    Refused: people who do not manage it; a save over somebody else's (StaleEdit).
    """
    with transaction.atomic(durable=True):
        row = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        require_manager(row.pk, actor)
        if row.edit_version != seen_version:
            raise StaleEdit(row)
        changed = {
            name: values[name] for name in PROFILE_FIELDS if name in values and values[name] != getattr(row, name)
        }
        if not changed:
            return row
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
    return row


def record_former_name(enterprise: Enterprise, name: str, *, actor: User) -> FormerName:
    """``name`` was used until now. Runs in the caller's transaction, beside the change itself."""
    return FormerName.objects.create(enterprise=enterprise, name=name, until=clock.now(), changed_by=actor)


def _public(values: Mapping[str, Any]) -> dict[str, Any]:
    """Audit rows name personal fields, never their values (design, section 6)."""
    return {name: value for name, value in values.items() if name not in PERSONAL_FIELDS}
