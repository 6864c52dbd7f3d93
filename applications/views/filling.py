"""填报完成: the button of those who fill in a filing and may not submit it."""

import uuid as uuids

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from applications.actions import filling
from applications.views.filing_desk import Desk
from qcportal.errors import NotAllowed, Refusal


@login_required
@require_POST
def mark(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    undo = "undo" in request.POST
    try:
        if undo:
            filling.unmark_filled(desk.application, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, "已取消“填报完成”，可以继续填写。")
        else:
            filling.mark_filled(desk.application, actor=request.user)  # type: ignore[arg-type]
            told = "" if desk.manages else "，已通知单位负责人和质量主管核对提交"
            messages.success(request, f"已标记填报完成{told}。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("applications:detail", uuid=uuid)
