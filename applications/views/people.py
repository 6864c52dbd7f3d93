"""The people of an enterprise: members, invitations, requests to join, who may edit which application."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from applications.actions import joining, people
from applications.forms.enterprise import ClerkApplicationsForm, InvitationForm, JoinDecisionForm, RoleForm
from applications.models import Application, Enterprise, Invitation, JoinRequest, Membership
from applications.views.members import membership_or_404
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal


def _owner_or_403(request: HttpRequest) -> Membership:
    membership = membership_or_404(request)
    if not membership.is_owner:
        raise PermissionDenied
    return membership


def _other(membership: Membership, user_uuid: UUID) -> Membership:
    """Another active member of the same enterprise."""
    found = membership.enterprise.memberships.active().select_related("user", "enterprise")
    return get_object_or_404(found, user__uuid=user_uuid)


def _done(request: HttpRequest, message: str, action: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Run one action and go back to the list, saying how it went."""
    try:
        action(*args, **kwargs)
        messages.success(request, message)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("applications:people")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people_list(request: HttpRequest) -> HttpResponse:
    membership = membership_or_404(request)
    form = None
    if membership.is_owner:
        form = InvitationForm(request.POST or None, enterprise=membership.enterprise)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and _invite(request, membership.enterprise, form):
            return redirect("applications:people")
    return render(request, "applications/people.html", _list_context(membership, form))


def _invite(request: HttpRequest, enterprise: Enterprise, form: InvitationForm) -> bool:
    try:
        people.invite(
            enterprise,
            actor=request.user,  # type: ignore[arg-type]
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            role=form.cleaned_data["role"],
            applications=form.cleaned_data.get("applications", ()),
            now=clock.now(),
        )
    except Refusal as refusal:
        form.add_error("email", refusal.message)
        return False
    messages.success(request, f"邀请已发送到 {form.cleaned_data['email']}。")
    return True


def _list_context(membership: Membership, form: InvitationForm | None) -> dict[str, Any]:
    enterprise = membership.enterprise
    now = clock.now()
    clerk_of = defaultdict(list)
    pairs = Application.clerks.through.objects.filter(application__enterprise=enterprise)
    for user_id, name in pairs.order_by("application_id").values_list("user_id", "application__group_name"):
        clerk_of[user_id].append(name or "未命名小组")
    members = [(member, clerk_of[member.user_id]) for member in enterprise.memberships.for_list()]
    context: dict[str, Any] = {
        "membership": membership,
        "enterprise": enterprise,
        "members": members,
        "section": "people",
        "form": form,
    }
    if membership.is_owner:
        unanswered = enterprise.invitations.filter(accepted_at=None, revoked_at=None)
        context["invitations"] = [(one, one.expires_at <= now) for one in unanswered]
        context["join_requests"] = enterprise.join_requests.waiting().for_list()
        context["decisions"] = JoinDecisionForm.base_fields["decision"].choices  # type: ignore[attr-defined]
    return context


@login_required
@require_POST
def invitation_resend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = _owner_or_403(request)
    invitation = get_object_or_404(Invitation, uuid=uuid, enterprise=membership.enterprise)
    return _done(
        request, "邀请已重新发送，原链接失效。", people.resend, invitation, actor=request.user, now=clock.now()
    )


@login_required
@require_POST
def invitation_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = _owner_or_403(request)
    invitation = get_object_or_404(Invitation, uuid=uuid, enterprise=membership.enterprise)
    return _done(request, "邀请已撤销。", people.revoke, invitation, actor=request.user, now=clock.now())


@login_required
@require_POST
def join_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = _owner_or_403(request)
    asked = get_object_or_404(JoinRequest.objects.select_related("user", "enterprise"), uuid=uuid,
                              enterprise=membership.enterprise)  # fmt: skip
    form = JoinDecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请选择同意或不同意。")
        return redirect("applications:people")
    decision = form.cleaned_data["decision"]
    if decision == "decline":
        return _done(request, "已回复：不同意加入。", joining.decline, asked, actor=request.user, now=clock.now())
    return _done(
        request,
        f"{asked.user} 已加入本单位。",
        joining.accept,
        asked,
        actor=request.user,
        role=decision,
        now=clock.now(),
    )


@login_required
@require_POST
def person_role(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = _other(_owner_or_403(request), uuid)
    form = RoleForm(request.POST)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    return _done(request, f"{member.user} 的身份已修改。", people.change_role, member, actor=request.user, role=role)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_deactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = _owner_or_403(request)
    member = _other(membership, uuid)
    if request.method == "POST":
        return _done(request, f"{member.user} 已停用。", people.deactivate, member, actor=request.user)
    context = {"membership": membership, "member": member, "section": "people"}
    return render(request, "applications/people_deactivate.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_hand_over(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = _owner_or_403(request)
    member = _other(membership, uuid)
    if request.method == "POST":
        return _done(request, f"单位负责人已移交给 {member.user}。", people.hand_over, member, actor=request.user)
    context = {"membership": membership, "member": member, "section": "people"}
    return render(request, "applications/people_hand_over.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Leaving by oneself; the owner is told to hand over first."""
    membership = membership_or_404(request)
    if request.method == "POST":
        try:
            people.leave(membership, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, f"您已退出“{membership.enterprise.name}”。")
            return redirect("applications:workspace")
        except Refusal as refusal:
            messages.error(request, refusal.message)
    context = {"membership": membership, "enterprise": membership.enterprise, "section": "people"}
    return render(request, "applications/people_leave.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_applications(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = membership_or_404(request)
    if not membership.manages:
        raise PermissionDenied
    member = _other(membership, uuid)
    held = Application.objects.filter(enterprise=membership.enterprise, clerks=member.user)
    form = ClerkApplicationsForm(
        request.POST if request.method == "POST" else None,
        enterprise=membership.enterprise,
        initial={"applications": held},
    )
    if form.is_valid():
        return _done(
            request, f"{member.user} 可填报的申报已更新。",
            people.set_clerk_applications, member, form.cleaned_data["applications"], actor=request.user,
        )  # fmt: skip
    context = {"membership": membership, "member": member, "form": form, "section": "people"}
    return render(request, "applications/people_applications.html", context)
