"""Accepting an invitation: the link is the key, so the page is public."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from applications.actions import people
from applications.actions.registration import Taken
from applications.forms.registration import AcceptInvitationForm
from applications.models import Invitation, Membership, MembershipRole
from applications.views.registration import log_in, too_many
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import User


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = (
        Invitation.objects.open(clock.now())
        .select_related("enterprise", "invited_by")
        .filter(token_hash=people.token_hash(token))
        .first()
    )
    if found is None:
        # One answer for wrong, used, revoked and expired links.
        return render(request, "applications/people_invitation_closed.html", status=404)
    if request.method == "POST" and too_many("invitation"):
        return render(request, "applications/registration_too_many.html", status=429)
    if request.user.is_authenticated:
        return _as_user(request, found)
    return _as_new(request, found)


def _as_user(request: HttpRequest, found: Invitation) -> HttpResponse:
    member = Membership.objects.of_user(request.user)  # type: ignore[arg-type]
    if request.method == "POST":
        if member is not None:
            raise PermissionDenied
        try:
            people.accept_as_user(
                found, user=request.user, now=clock.now(), credit_code=request.POST.get("credit_code", "")[:40]  # type: ignore[arg-type]
            )  # fmt: skip
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect(request.path if refusal.code == "credit_code" else "home_of_user")
        messages.success(request, f"您已加入“{found.enterprise}”。")
        return redirect("applications:people")
    context = {"invitation": found, "member": member, "claims": found.role == MembershipRole.OWNER}
    return render(request, "applications/people_invitation_user.html", context)


def _as_new(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = AcceptInvitationForm(
        request.POST if request.method == "POST" else None, invited_email=found.email, initial={"name": found.name},
        claims=found.role == MembershipRole.OWNER,
    )  # fmt: skip
    if form.is_valid():
        try:
            membership = people.accept_as_new(
                found, form.person(), now=clock.now(), credit_code=form.cleaned_data.get("credit_code", "")
            )
        except Taken as taken:
            form.add_error(taken.field if taken.field in form.fields else None, taken.message)
        except Refusal as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.message)
        else:
            log_in(request, membership.user)
            messages.success(request, f"账号已建立，您已加入“{found.enterprise}”。")
            return redirect("applications:people")
    has_account = bool(found.email) and User.objects.filter(email__iexact=found.email).exists()
    context = {"invitation": found, "form": form, "has_account": has_account}
    return render(request, "applications/people_invitation_new.html", context)
