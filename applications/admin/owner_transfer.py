"""变更单位负责人 by the secretariat, on a proof."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.actions import ownership
from applications.forms.proofs import TransferForm
from applications.models import Enterprise, MembershipRole
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Who becomes owner, on which proof, why; what happens to the present one. Only the secretariat."""
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied
    enterprise = get_object_or_404(Enterprise, pk=pk)
    form = TransferForm(request.POST if request.method == "POST" else None, enterprise=enterprise)
    if request.method == "POST" and form.is_valid():
        try:
            ownership.transfer_ownership(
                enterprise, form.cleaned_data.pop("successor"), actor=request.user, now=clock.now(), **form.cleaned_data  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, "单位负责人已变更，双方已收到邮件。")
            return redirect("admin:applications_enterprise_change", pk)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    context = {
        **admin.site.each_context(request),
        "title": f"变更单位负责人：{enterprise}",
        "enterprise": enterprise,
        "form": form,
        "owner": enterprise.memberships.active().filter(role=MembershipRole.OWNER).select_related("user").first(),
        "asking": enterprise.join_requests.waiting().filter(wants_ownership=True).select_related("user"),
        "proofs": enterprise.proofs.select_related("uploaded_by"),
    }
    return render(request, "admin/applications/enterprise/owner.html", context)
