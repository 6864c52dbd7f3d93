"""Who is asking: the active membership of the person at the door."""

from django.http import Http404, HttpRequest

from applications.models import Membership


def membership_of(request: HttpRequest) -> Membership | None:
    """The person's active membership with its enterprise: the page, its guard and its head ask the database once."""
    if not hasattr(request, "_membership"):
        user = getattr(request, "user", None)
        known = user is not None and user.is_authenticated
        request._membership = Membership.objects.of_user(user) if known else None  # type: ignore[attr-defined,arg-type]
    return request._membership  # type: ignore[attr-defined,no-any-return]


def membership_or_404(request: HttpRequest) -> Membership:
    """Pages of an enterprise do not exist for people who belong to none."""
    membership = membership_of(request)
    if membership is None:
        raise Http404
    return membership
