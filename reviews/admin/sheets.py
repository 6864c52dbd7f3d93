"""Score sheets: staff read them (audited) and may send one back; nobody here edits a score."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from qcportal.adminsite import ReadOnlyAdmin
from qcportal.errors import NotAllowed, Refusal
from qcportal.roles import Role, has_role
from reviews.actions import rankings, sheets
from reviews.admin.filters import StageFilter
from reviews.models import ScoreSheet
from reviews.points import plain
from reviews.states import SheetState


@admin.register(ScoreSheet)
class ScoreSheetAdmin(ReadOnlyAdmin):
    nav_order = 62
    nav_icon = "pencil"
    change_form_template = "admin/reviews/scoresheet/change_form.html"
    list_display = ("file_number", "group_name", "judge_name", "stage_name", "state", "version", "submitted_at")
    list_filter = ("state", ("assignment__stage", StageFilter))
    list_select_related = ("assignment__application", "assignment__judge__user", "assignment__stage__round__programme")
    search_fields = ("assignment__application__file_number", "assignment__judge__user__name")
    fields = (
        "assignment",
        "state",
        "version",
        "rubric",
        "submission",
        "submitted_at",
        "reopened_by",
        "reopened_reason",
    )

    @admin.display(description="文件编号", ordering="assignment__application__file_number")
    def file_number(self, sheet: ScoreSheet) -> str:
        return sheet.assignment.application.file_number or ""

    @admin.display(description="小组")
    def group_name(self, sheet: ScoreSheet) -> str:
        return sheet.assignment.application.group_name

    @admin.display(description="评委", ordering="assignment__judge__user__name")
    def judge_name(self, sheet: ScoreSheet) -> str:
        return str(sheet.assignment.judge.user)

    @admin.display(description="阶段")
    def stage_name(self, sheet: ScoreSheet) -> str:
        return str(sheet.assignment.stage)

    def get_urls(self) -> list[URLPattern]:
        reopen = path("<int:pk>/reopen/", self.admin_site.admin_view(self.reopen), name="reviews_scoresheet_reopen")
        return [reopen, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        sheet = ScoreSheet.objects.select_related("assignment__application").filter(pk=object_id).first()
        context: dict[str, Any] = {}
        if sheet is not None and sheet.state != SheetState.DRAFT:
            # A draft is the judge's own affair: its points are not shown to anyone.
            rankings.record_score_view(sheet, actor=request.user, what="sheet")  # type: ignore[arg-type]
            context = {
                "scores": list(sheet.scores.select_related("item").order_by("item__position")),
                "total": sheet.total,
                "total_points": plain(sheet.rubric.declared_total),
                "current": sheet,
                "may_reopen": sheet.state == SheetState.SUBMITTED and has_role(request.user, Role.SECRETARIAT),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def reopen(self, request: HttpRequest, pk: int) -> HttpResponse:
        """退回重评, with the reason typed beside the button."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sheet = get_object_or_404(ScoreSheet, pk=pk)
        try:
            sheets.reopen_sheet(sheet, actor=request.user, reason=request.POST.get("reason", "")[:500])  # type: ignore[arg-type]
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, "已退回重评，评委会看到上一版分数并可修改；原表已留存。")
        return redirect("admin:reviews_scoresheet_change", pk)
