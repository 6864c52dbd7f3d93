"""The assignment board of a stage: choose filings, choose a panel or judges, assign; recusals are shown and refused."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application
from qcportal.adminsite import JUDGING
from qcportal.errors import NotAllowed, Refusal
from qcportal.roles import Role, has_role
from reviews import board
from reviews.actions import assigning
from reviews.models import Assignment, Judge, Panel, Stage

PER_PAGE = 100
REFUSED_SHOWN = 12


class AssignForm(forms.Form):
    """A panel stands for its judges; single judges may be added to it."""

    panel = forms.ModelChoiceField(Panel.objects.none(), label="评审组", required=False, empty_label="不按评审组")
    judges = forms.ModelMultipleChoiceField(Judge.objects.none(), label="评委", required=False)
    filings = forms.ModelMultipleChoiceField(
        Application.objects.none(), label="申报", error_messages={"required": "请勾选要分派的申报。"}
    )

    def __init__(self, stage: Stage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["panel"].queryset = stage.panels.all()  # type: ignore[attr-defined]
        self.fields["judges"].queryset = Judge.objects.filter(is_active=True).select_related("user")  # type: ignore[attr-defined]
        self.fields["filings"].queryset = board.filings_of(stage)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = list(data.get("judges") or [])
        panel = data.get("panel")
        if panel is not None:
            chosen += [judge for judge in panel.judges.select_related("user") if judge not in chosen]
        if not chosen:
            raise forms.ValidationError("请选择评审组或评委。")
        data["everyone"] = chosen
        return data


class WithdrawForm(forms.Form):
    assignment = forms.ModelChoiceField(Assignment.objects.none())

    def __init__(self, stage: Stage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignment"].queryset = Assignment.objects.active().filter(stage=stage)  # type: ignore[attr-defined]


@require_safe
def stages(request: HttpRequest) -> HttpResponse:
    """The stages of all rounds, the newest first."""
    rows = Stage.objects.filter(is_active=True).select_related("round__programme")
    context = {
        **admin.site.each_context(request),
        "title": "评审组与分派",
        "stages": rows.order_by("-round__programme__year", "-round__number", "pk"),
    }
    return TemplateResponse(request, "admin/reviews/stages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    stage = get_object_or_404(Stage.objects.select_related("round__programme"), pk=pk)
    form = AssignForm(stage)
    if request.method == "POST":
        if not has_role(request.user, Role.SECRETARIAT):
            raise PermissionDenied
        if request.POST.get("step") == "withdraw":
            _withdraw(request, stage)
            return redirect(request.get_full_path())
        form = AssignForm(stage, request.POST)
        if form.is_valid():
            _assign(request, stage, form.cleaned_data)
            return redirect(request.get_full_path())
    return TemplateResponse(request, "admin/reviews/assign.html", _context(request, stage, form))


def _assign(request: HttpRequest, stage: Stage, data: dict[str, Any]) -> None:
    result = assigning.assign_many(
        stage,
        data["filings"],
        data["everyone"],
        actor=request.user,  # type: ignore[arg-type]
        panel=data["panel"],
    )
    if result.made:
        messages.success(request, f"已分派 {len(result.made)} 份。")
    for text in result.refused[:REFUSED_SHOWN]:
        messages.warning(request, text)
    if len(result.refused) > REFUSED_SHOWN:
        messages.warning(request, f"另有 {len(result.refused) - REFUSED_SHOWN} 份因回避等原因未分派。")


def _withdraw(request: HttpRequest, stage: Stage) -> None:
    form = WithdrawForm(stage, request.POST)
    if not form.is_valid():
        messages.error(request, "该份分派已不存在，请刷新页面。")
        return
    assignment = form.cleaned_data["assignment"]
    try:
        assigning.withdraw_assignment(assignment, actor=request.user)  # type: ignore[arg-type]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已取消：{assignment.application} → {assignment.judge.user}")


def _context(request: HttpRequest, stage: Stage, form: AssignForm) -> dict[str, Any]:
    unassigned = request.GET.get("show") == "unassigned"
    filings = board.filings_of(stage, without_judges=unassigned).prefetch_related("completing_units", "submissions")
    page = Paginator(filings, PER_PAGE).get_page(request.GET.get("page"))
    loads = board.loads(stage)
    chosen = set(form.data.getlist("judges")) if form.is_bound else set()  # type: ignore[attr-defined]
    return {
        **admin.site.each_context(request),
        "title": f"{stage}分派",
        "stage": stage,
        "form": form,
        "page": page,
        "rows": board.rows_of(stage, list(page), [load.judge for load in loads]),
        "loads": loads,
        "chosen": chosen,
        "panels": stage.panels.select_related("lead__user").prefetch_related("judges__user"),
        "unassigned": unassigned,
        "may_change": has_role(request.user, Role.SECRETARIAT),
    }


admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/assign/", stages, name="reviews_assign_stages", title="评审组与分派", group=JUDGING, order=10, icon="users"
)
admin.site.add_page(  # type: ignore[attr-defined]
    "reviews/assign/<int:pk>/", assign, name="reviews_assign", title="", group=JUDGING
)
