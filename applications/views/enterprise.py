"""The enterprise's profile; the waiting page of people who asked to join."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications import guidance, progress
from applications.actions import drafts, enterprises, joining
from applications.forms.conflicts import CHOICE, THEIRS, Conflict, chosen, conflicts_of, entries, seen_of, with_version
from applications.forms.enterprise import JoinReasonForm, ProfileForm
from applications.forms.proofs import ProofForm
from applications.merging import digest, plain
from applications.models import Enterprise, JoinRequest, JoinState, Membership, ProofKind, Round
from applications.views.draft_page import digests, draft_page, page_key, restored_entries
from applications.views.members import membership_of
from qcportal import clock, kept
from qcportal.errors import Refusal


@kept.login_keeping_entries
@require_http_methods(["GET", "HEAD", "POST"])
def enterprise(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    if membership is None:
        return _waiting(request)
    if request.method == "POST":
        if not membership.manages:
            raise PermissionDenied
        return _save(request, membership)
    typed = restored_entries(request, _key(membership)) if membership.manages else None
    if typed is not None:
        form = ProfileForm(typed, instance=Enterprise.objects.get(pk=membership.enterprise_id))
        return _page(request, membership, form, seen=seen_of(typed), restored=True)
    form = ProfileForm(instance=membership.enterprise, initial={"seen_version": membership.enterprise.edit_version})
    return _page(request, membership, form)


def _key(membership: Membership) -> str:
    return page_key("profile", membership.enterprise.uuid)


def _page(
    request: HttpRequest,
    membership: Membership,
    form: ProfileForm,
    conflicts: list[Conflict] | None = None,
    *,
    seen: dict[str, str] | None = None,
    restored: bool = False,
) -> HttpResponse:
    if not membership.manages:
        for field in form.fields.values():
            field.disabled = True
    guidance.attach(form, guidance.Guides(prefix="enterprise."), prefix="enterprise.")
    stored = Enterprise.objects.get(pk=membership.enterprise_id) if form.is_bound else membership.enterprise
    names = enterprises.PROFILE_FIELDS if membership.manages else ()
    shown = {**digests({name: getattr(stored, name) for name in names}), **(seen or {})}
    context: dict[str, Any] = {
        "form": form,
        "membership": membership,
        "enterprise": membership.enterprise,
        "conflicts": conflicts or [],
        "draft": draft_page(request, _key(membership), membership.enterprise_id, url="", seen=shown, restored=restored),
        "section": "enterprise",
        "first_round": first_round(membership.enterprise) if membership.manages else None,
        "former_names": membership.enterprise.former_names.all(),
        "proofs": membership.enterprise.proofs.filter(join_request=None) if membership.manages else [],
        "proof_form": ProofForm(auto_id="id_proof_%s"),
    }
    return render(request, "applications/enterprise.html", context)


def _save(request: HttpRequest, membership: Membership) -> HttpResponse:
    # The form writes on its instance even when it is refused, so it gets one of its own.
    form = ProfileForm(request.POST, instance=Enterprise.objects.get(pk=membership.enterprise_id))
    if not form.is_valid():
        return _page(request, membership, form, seen=seen_of(request.POST))
    typed = {name: plain(form.cleaned_data[name]) for name in enterprises.PROFILE_FIELDS}
    values, seen = chosen(request.POST, typed, seen_of(request.POST))
    kept.forget(request, _key(membership))
    try:
        row = enterprises.update_profile(
            membership.enterprise,
            actor=request.user,  # type: ignore[arg-type]
            values=values,
            seen_version=form.cleaned_data["seen_version"],
            seen=seen,
        )
    except enterprises.StaleEdit as stale:
        return _choose(request, membership, stale, typed, seen or {})
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _page(request, membership, form)
    if membership.enterprise.is_verified and not row.is_verified:
        messages.warning(request, "单位资料已保存。单位名称有变化，需由秘书处重新核验，不影响填报。")
    else:
        messages.success(request, "单位资料已保存。")
    return _begin(request, row) if "start" in request.POST else redirect("applications:enterprise")


def first_round(enterprise: Enterprise) -> Round | None:
    """The round in which an enterprise that never filed can begin without being asked: the only one that is open."""
    if enterprise.applications.exists():
        return None
    now = clock.now()
    rounds = Round.objects.published().filter(opens_at__lte=now).prefetch_related("extensions")
    open_rounds = [one for one in rounds if now < one.deadline_for(enterprise.pk)]
    return open_rounds[0] if len(open_rounds) == 1 else None


def _begin(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    """The first filing of a new enterprise: straight on to the first section that is not filled by the profile.
    Name and type of the group are asked there, so the page of a new filing has nothing left to ask."""
    round_ = first_round(enterprise)
    if round_ is None:
        return redirect("applications:new")
    try:
        application = drafts.create_application(
            enterprise,
            round_,
            actor=request.user,  # type: ignore[arg-type]
            group_name="",
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("applications:new")
    states = progress.section_states(application)
    number = next((number for number, state in enumerate(states) if not state.is_done), 0)
    filled = f"“{states[0].section.title}”已按单位资料填好，请从这里继续。" if number else ""
    messages.success(request, f"已建立{round_}的申报草稿。{filled}填过的内容随时自动保存，可以分几次填完。")
    return redirect("applications:section", uuid=application.uuid, code=states[number].section.code)


def _choose(
    request: HttpRequest,
    membership: Membership,
    stale: enterprises.StaleEdit,
    typed: dict[str, Any],
    seen: dict[str, str],
) -> HttpResponse:
    """The page again with what was typed, and a choice for each field that both sides changed."""
    data = with_version(request.POST, stale.current.edit_version)
    stored = {name: getattr(stale.current, name) for name in typed}
    again = ProfileForm(data, instance=Enterprise.objects.get(pk=membership.enterprise_id))
    for name, value in typed.items():
        if seen.get(name) == digest(value) or request.POST.get(CHOICE + name) == THEIRS:
            data.setlist(name, entries(again.fields[name], stored[name]))
    left = [name for name in stale.fields or typed if typed[name] != stored[name]]
    conflicts = conflicts_of(again, left, stored, typed)
    return _page(request, membership, again, conflicts, seen={name: seen[name] for name in left if name in seen})


def _waiting(request: HttpRequest) -> HttpResponse:
    """For people who asked to join: the state of their request, and nothing about the enterprise."""
    asked = JoinRequest.objects.filter(user=request.user).order_by("-id").first()  # type: ignore[misc]
    if asked is None:
        raise Http404
    said = {"reason": asked.reason, "wants_ownership": asked.wants_ownership}
    form = JoinReasonForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            joining.explain(asked, user=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, "说明已补充。")
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return redirect("applications:enterprise")
    context = {
        "join_request": asked,
        "form": form,
        "waiting": asked.state == JoinState.WAITING,
        "proofs": asked.proofs.all(),
        "proof_form": ProofForm(auto_id="id_proof_%s", initial={"kind": ProofKind.OWNERSHIP}),
    }
    return render(request, "applications/enterprise_waiting.html", context)
