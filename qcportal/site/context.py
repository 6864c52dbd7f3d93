"""What every template may use: the association's data and the kind of person looking."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applications.models import Association, Membership


def portal(request: HttpRequest) -> dict[str, Any]:
    """Lazy, so that a page that shows neither footer nor navigation asks nothing."""
    return {
        "association": SimpleLazyObject(lambda: Association.objects.first() or Association()),
        "membership": SimpleLazyObject(lambda: membership_of(request)),
        "demo_mode": settings.DEMO,
    }


def membership_of(request: HttpRequest) -> Membership | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, is_active=True).select_related("enterprise").first()
