"""同一信用代码的多方主张: who is there already and who asks in, side by side, with what decides it."""

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import areas
from applications.actions import joining
from applications.admin import staff_pages
from applications.forms.proofs import ProofForm
from applications.models import (
    Application,
    Enterprise,
    EnterpriseProof,
    JoinRequest,
    JoinState,
    MembershipRole,
    ProofKind,
)
from qcportal import clock
from qcportal.adminsite import FILING

CLERK, MANAGER, DECLINE = "clerk", "manager", "decline"


class DecisionForm(forms.Form):
    join_request = forms.IntegerField()
    decision = forms.ChoiceField(
        choices=[(CLERK, "同意，任小组填报人"), (MANAGER, "同意，任质量主管"), (DECLINE, "不同意")],
        error_messages={"invalid_choice": "请选择同意或不同意。"},
    )


@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    """Enterprises whose code somebody else claims too: waiting ones first, then those that were decided."""
    waiting = Count("join_requests", filter=Q(join_requests__state=JoinState.WAITING))
    rows = Enterprise.objects.filter(join_requests__isnull=False).annotate(
        waiting=waiting, asked=Count("join_requests"), last=Max("join_requests__created_at")
    )
    page = Paginator(rows.order_by("-waiting", "-last", "pk"), 50).get_page(request.GET.get("page"))
    return render(request, "admin/claims/list.html", staff_pages.context(request, "同码多方注册", page=page))


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """One code: the people it has, and everybody who registered it again; POST decides about one of them."""
    enterprise = get_object_or_404(Enterprise, pk=pk)
    if request.method == "POST":
        return _decide(request, enterprise)
    asking = list(enterprise.join_requests.select_related("user", "decided_by").prefetch_related("proofs__uploaded_by"))
    members = enterprise.memberships.for_list()
    filed = Application.objects.filter(enterprise=enterprise).exclude(file_number=None)
    by_author = dict(filed.values_list("created_by").annotate(number=Count("pk")))
    context = staff_pages.context(
        request,
        f"同码多方注册：{enterprise.name}",
        enterprise=enterprise,
        code=areas.read(enterprise.credit_code),
        members=[{"row": row, "filed": by_author.get(row.user_id, 0)} for row in members],
        asking=asking,
        proofs=EnterpriseProof.objects.filter(enterprise=enterprise, join_request=None).select_related("uploaded_by"),
        proof_form=ProofForm(auto_id="id_proof_%s", initial={"kind": ProofKind.OWNERSHIP}),
        choices=DecisionForm.base_fields["decision"].choices,  # type: ignore[attr-defined]
        waiting_state=JoinState.WAITING,
        roles=dict(MembershipRole.choices),
    )
    return render(request, "admin/claims/claim.html", context)


def _decide(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, staff_pages.first_error(form))
        return redirect("admin:claim", enterprise.pk)
    asked = get_object_or_404(
        JoinRequest.objects.select_related("user", "enterprise"), pk=form.cleaned_data["join_request"],
        enterprise=enterprise,
    )  # fmt: skip
    decision = form.cleaned_data["decision"]
    if decision == DECLINE:
        staff_pages.attempt(
            request,
            lambda: joining.decline(asked, actor=actor, now=clock.now()),
            f"未同意 {asked.user}，已发邮件告知。",
        )
    else:
        role = MembershipRole.CLERK if decision == CLERK else MembershipRole.MANAGER
        staff_pages.attempt(
            request, lambda: joining.accept(asked, actor=actor, role=role, now=clock.now()),
            f"已同意 {asked.user} 加入，任{role.label}，已发邮件告知。",
        )  # fmt: skip
    return redirect("admin:claim", enterprise.pk)


admin.site.add_page("claims/", claim_list, name="claims", title="同码多方注册", group=FILING, order=37, icon="users")
admin.site.add_page("claims/<int:pk>/", claim, name="claim", title="", group=FILING)
