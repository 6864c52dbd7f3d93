"""Who may do what: the roles of the portal's own people. Enterprise roles are applications.models.Membership."""

from django.db.models import TextChoices


class Role(TextChoices):
    """Stored as Django groups of the same name, made by migration 0002. Rights are the union of a person's roles."""

    SECRETARIAT = "secretariat", "秘书处"
    JUDGE = "judge", "评委"
    LEAD_JUDGE = "lead_judge", "评审组长"
    EVENT_STAFF = "event_staff", "会务"
    AUDITOR = "auditor", "审计员"
    RECOMMENDER = "recommender", "推荐单位"


def roles_of(user: object) -> frozenset[str]:
    """The role codes of a user; none for anonymous and inactive people. One query per user object."""
    if not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", False):
        return frozenset()
    cached = getattr(user, "_role_codes", None)
    if cached is None:
        cached = frozenset(user.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
        user._role_codes = cached  # type: ignore[attr-defined]
    return cached


def has_role(user: object, *roles: str) -> bool:
    """True when the user holds one of ``roles``, or is a superuser (system administrator)."""
    if getattr(user, "is_superuser", False) and getattr(user, "is_active", False):
        return True
    return not roles_of(user).isdisjoint(roles)


def remember_roles(user: object) -> frozenset[str]:
    """From groups that were prefetched, so that a list of people asks once and not for each of them."""
    found = frozenset(group.name for group in user.groups.all())  # type: ignore[attr-defined]
    user._role_codes = found  # type: ignore[attr-defined]
    return found


def is_last_active(user: object, role: str) -> bool:
    """Whether ``user`` holds the role and nobody else who may log in does."""
    if getattr(user, "pk", None) is None or not getattr(user, "is_active", False):
        return False
    holders = type(user)._default_manager.filter(is_active=True, groups__name=role)  # type: ignore[attr-defined]
    return set(holders.values_list("pk", flat=True)) == {user.pk}  # type: ignore[attr-defined]
