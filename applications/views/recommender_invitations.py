"""Accepting an invitation to work for a recommending unit: the link is the key, so the page is public."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from applications.actions import recommenders
from applications.actions.people import token_hash
from applications.actions.registration import Taken
from applications.forms.registration import AcceptInvitationForm
from applications.models import UnitInvitation
from applications.views.registration import log_in, too_many
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import User


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    open_ones = UnitInvitation.objects.open(clock.now()).select_related("unit", "invited_by")
    found = open_ones.filter(token_hash=token_hash(token)).first()
    if found is None:
        # One answer for wrong, used, revoked and expired links.
        return render(request, "applications/people_invitation_closed.html", status=404)
    if request.method == "POST" and too_many("unit-invitation"):
        return render(request, "applications/registration_too_many.html", status=429)
    if request.user.is_authenticated:
        return _as_user(request, found)
    return _as_new(request, found)


def _as_user(request: HttpRequest, found: UnitInvitation) -> HttpResponse:
    """Also for people of an enterprise: one person may do both."""
    if request.method == "POST":
        try:
            recommenders.accept_as_user(found, user=request.user, now=clock.now())  # type: ignore[arg-type]
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("home_of_user")
        messages.success(request, f"您可以代表“{found.unit}”出具推荐意见了。")
        return redirect("applications:recommend")
    return render(request, "applications/recommend_invitation.html", {"invitation": found})


def _as_new(request: HttpRequest, found: UnitInvitation) -> HttpResponse:
    form = AcceptInvitationForm(
        request.POST if request.method == "POST" else None, invited_email=found.email, initial={"name": found.name}
    )
    if form.is_valid():
        try:
            member = recommenders.accept_as_new(found, form.person(), now=clock.now())
        except Taken as taken:
            form.add_error(taken.field if taken.field in form.fields else None, taken.message)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            log_in(request, member.user)
            messages.success(request, f"账号已建立，您可以代表“{found.unit}”出具推荐意见了。")
            return redirect("applications:recommend")
    has_account = User.objects.filter(email__iexact=found.email).exists()
    context = {"invitation": found, "form": form, "has_account": has_account}
    return render(request, "applications/recommend_invitation.html", context)
