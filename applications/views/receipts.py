"""The receipt of the latest version, and its mail once more."""

import uuid as uuids

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import receipts
from applications.actions import receipts as actions
from applications.views.filing_desk import Desk
from qcportal.errors import NotAllowed, Refusal
from qcportal.templatetags.portal import mask_email


@login_required
@require_safe
def receipt(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The latest version as received; 404 for a filing never submitted."""
    desk = Desk(request, uuid)
    submission = (
        desk.application.submissions.select_related("submitted_by", "report_version").order_by("-version").first()
    )
    if submission is None:
        raise Http404
    submitter = desk.application.enterprise.memberships.filter(user=submission.submitted_by_id).first()
    context = desk.context(
        submission=submission,
        submitter_role=submitter.get_role_display() if submitter else "",
        qr=_qr(receipts.signed_url(submission)),
        signed_code=receipts.signed_code(submission),
        received=receipts.received(submission),
        explained=receipts.explained(submission),
        sha256=[submission.sha256[start : start + 4] for start in range(0, 64, 4)],
        unsent=desk.application.has_unsubmitted_changes,
    )
    return render(request, "applications/receipt.html", context)


def _qr(address: str) -> str:
    """A data URI (img-src allows data:), so that nobody outside learns of the code."""
    return str(segno.make(address, error="m").svg_data_uri(scale=3, dark="#083e48", border=2))


@login_required
@require_POST
def resend(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    try:
        addresses = actions.resend(desk.application, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, f"回执邮件已重新发送至 {'、'.join(mask_email(one) for one in addresses)}。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        if refusal.code == "never_submitted":
            return redirect("applications:detail", uuid=uuid)
    return redirect("applications:receipt", uuid=uuid)
