"""Correcting after a return: the answer to each remark."""

import uuid as uuids

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from applications.actions import replying
from applications.models import Remark
from applications.views.filing_desk import Desk
from qcportal.errors import NotAllowed, Refusal


@login_required
@require_POST
def reply(request: HttpRequest, uuid: uuids.UUID, pk: int) -> HttpResponse:
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    remark = get_object_or_404(
        Remark.objects.select_related("formal_check"), pk=pk, formal_check__application=desk.application
    )
    try:
        replying.reply_to_remark(remark, actor=request.user, text=request.POST.get("text", ""))  # type: ignore[arg-type]
        messages.success(request, "答复已保存，重新提交后秘书处可以看到。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(reverse("applications:detail", args=[uuid]) + "#check")
