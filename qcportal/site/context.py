"""What every template may use: the association's data, the head's links and the kind of person looking."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applications.models import Association, Membership
from applications.notice_pages import in_navigation
from applications.views.members import membership_of
from qcportal import clock
from qcportal.site.contact import DEFAULTS
from qcportal.site.navigation import navigation, person


def portal(request: HttpRequest) -> dict[str, Any]:
    """Lazy, so that a page that shows neither footer nor navigation asks nothing."""
    membership = SimpleLazyObject(lambda: membership_of(request))
    pages = SimpleLazyObject(lambda: in_navigation(clock.now()))
    return {
        "association": SimpleLazyObject(lambda: Association.objects.first() or Association(**DEFAULTS)),
        "membership": membership,
        "navigation": SimpleLazyObject(lambda: navigation(request, membership_of(request), pages)),
        "person": SimpleLazyObject(lambda: person(request, membership_of(request))),
        "site_pages": pages,
        "unread_messages": SimpleLazyObject(lambda: unread_of(membership_of(request))),
        "acting": getattr(request, "acting", None),
        "demo_mode": settings.DEMO,
        "service_phone": DEFAULTS["phone"],
    }


def unread_of(membership: Membership | None) -> int:
    """How many messages of the secretariat wait; asks nothing for people of no enterprise."""
    return membership.unread_messages if membership else 0
