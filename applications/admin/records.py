"""What the portal itself wrote and nobody edits: versions, attempts, consents, packets, receipts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from applications.models import (
    Consent,
    Packet,
    PaperReceipt,
    ReportVersion,
    Submission,
    SubmitAttempt,
    Upload,
    WarningConfirmation,
)
from qcportal.adminsite import RECORDS, ReadOnlyAdmin

TAKEN = ("accepted", "repeated")  # outcomes of a press that are no refusal


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Names and telephone numbers of a version are read on the check page, where reading is recorded."""

    nav_group, nav_order, nav_icon = RECORDS, 60, "files"
    list_display = ("file_number", "version", "application", "submitted_at", "submitted_by", "code")
    list_select_related = ("application", "submitted_by")
    search_fields = ("file_number", "code", "sha256")
    fields = (
        "application",
        "file_number",
        "version",
        "report_version",
        "submitted_at",
        "submitted_by",
        "code",
        "sha256",
    )


@admin.register(ReportVersion)
class ReportVersionAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 61, "files"
    list_display = ("report", "version", "frozen_at", "frozen_by", "code")
    list_select_related = ("report__enterprise", "report__programme", "frozen_by")
    search_fields = ("report__enterprise__name", "code", "sha256")
    fields = ("report", "version", "frozen_at", "frozen_by", "code", "sha256")


class RefusedFilter(admin.SimpleListFilter):
    title = "结果"
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("accepted", "成功或重复"), ("refused", "被拒绝")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SubmitAttempt]) -> QuerySet[SubmitAttempt]:
        if self.value() == "refused":
            return queryset.exclude(outcome__in=TAKEN)
        return queryset.filter(outcome__in=TAKEN) if self.value() else queryset


@admin.register(SubmitAttempt)
class SubmitAttemptAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 62, "history"
    list_display = ("application", "user", "arrived_at", "outcome_label", "message")
    list_filter = (RefusedFilter, ("arrived_at", admin.DateFieldListFilter))
    list_select_related = ("application", "user")
    search_fields = ("application__file_number", "application__group_name", "user__name")

    @admin.display(description="结果", ordering="outcome")
    def outcome_label(self, row: SubmitAttempt) -> str:
        return {"accepted": "成功", "repeated": "重复提交"}.get(row.outcome, "被拒绝")


@admin.register(Packet)
class PacketAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 63, "archive"
    list_display = ("submission", "kind", "pages", "built_at", "template_version")
    list_filter = ("kind",)
    list_select_related = ("submission",)
    search_fields = ("submission__file_number",)


@admin.register(PaperReceipt)
class PaperReceiptAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 64, "box"
    nav_title = "签收记录"
    list_display = ("submission", "received_at", "received_by", "shelf", "note")
    list_select_related = ("submission", "received_by")
    search_fields = ("submission__file_number", "submission__code", "shelf")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = RECORDS, 65, "check"
    list_display = ("kind", "version", "user", "enterprise", "application", "at", "ip")
    list_filter = ("kind",)
    list_select_related = ("user", "enterprise", "application")


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Who is stuck in the middle of a file, when somebody phones."""

    nav_group, nav_order, nav_icon = RECORDS, 66, "upload"
    list_display = ("name", "application", "user", "received", "size", "updated_at", "completed_at", "refused")
    list_select_related = ("application", "user")
    search_fields = ("name", "application__group_name", "application__file_number", "user__name")
    exclude = ("fingerprint",)


@admin.register(WarningConfirmation)
class WarningConfirmationAdmin(ReadOnlyAdmin):
    """As it stands in the working copy; what a submission froze is on the check page."""

    nav_group, nav_order, nav_icon = RECORDS, 66, "check"
    list_display = ("application", "report", "message", "reason", "confirmed_by", "confirmed_at")
    list_select_related = ("application", "report__enterprise", "report__programme", "confirmed_by")
    search_fields = ("application__file_number", "application__group_name", "report__enterprise__name", "reason")
