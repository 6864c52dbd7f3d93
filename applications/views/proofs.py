"""单位证明: given in by the enterprise or by who asks to join, looked at by staff."""

import uuid as uuids

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from applications.actions import ownership
from applications.forms.proofs import ProofForm
from applications.models import EnterpriseProof, JoinRequest
from applications.views.members import membership_of
from qcportal import files
from qcportal.errors import NotAllowed, Refusal


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Of the own enterprise; of the one asked to join for people who belong to none."""
    membership = membership_of(request)
    asked = None if membership else JoinRequest.objects.waiting().filter(user=request.user).first()  # type: ignore[misc]
    if membership is None and asked is None:
        raise Http404
    form = ProofForm(request.POST, request.FILES)
    if not form.is_valid():
        for error in (error for errors in form.errors.values() for error in errors):
            messages.error(request, str(error))
        return redirect("applications:enterprise")
    checked = form.cleaned_data["file"]
    try:
        ownership.add_proof(
            membership.enterprise if membership else asked.enterprise,  # type: ignore[union-attr]
            actor=request.user,  # type: ignore[arg-type]
            kind=form.cleaned_data["kind"],
            file=ownership.ProofFile(files.store(checked.stream, checked.content_type), checked.name),
            join_request=asked,
        )
        messages.success(request, "证明材料已上传，秘书处核对后处理。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("applications:enterprise")


@login_required
@require_safe
def file(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    proof = get_object_or_404(
        EnterpriseProof.objects.visible_to(request.user).select_related("file"), uuid=uuid  # type: ignore[arg-type]
    )  # fmt: skip
    return files.response(proof.file, proof.name)
