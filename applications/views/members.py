"""Who is asking: the active membership of the person at the door."""

from django.http import Http404, HttpRequest

from applications.models import Membership


def membership_or_404(request: HttpRequest) -> Membership:
    """Pages of an enterprise do not exist for people who belong to none. Asks the database once a request."""
    membership = Membership.objects.of_user(request.user)  # type: ignore[arg-type]
    if membership is None:
        raise Http404
    return membership
