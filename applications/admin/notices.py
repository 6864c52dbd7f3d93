"""What the public pages show: notices and fixed pages with their files, blank forms, the association's data."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from applications import evidence_check
from applications.actions import notices
from applications.models import Association, DownloadTemplate, Notice, NoticeFile
from applications.notice_pages import files_of, shown_body
from qcportal import clock, files
from qcportal.adminsite import EVENTS, StaffAdmin
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role

MAX_TEMPLATE_BYTES = 20 * 1024 * 1024
# What the first bytes must be, and what is then said to browsers.
_TYPES = {
    "pdf": (b"%PDF-", "application/pdf"),
    "docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "doc": (b"\xd0\xcf\x11\xe0", "application/msword"),
    "xls": (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
}


class NoticeForm(forms.ModelForm):
    class Meta:
        model = Notice
        fields = (
            "kind", "title", "slug", "body", "published_on", "is_published", "publish_at", "is_pinned", "place",
            "position",
        )  # fmt: skip
        widgets = {
            "title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "body": forms.Textarea(attrs={"rows": 22, "class": "vLargeTextField", "data-marks": ""}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "position"):
            if name in self.fields:
                self.fields[name].required = False

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or self.instance.kind

    def clean_position(self) -> int:
        given = self.cleaned_data["position"]
        return self.instance.position if given is None else given


@admin.register(Notice)
class NoticeAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = EVENTS, 20, "bell"
    form = NoticeForm
    list_display = ("title", "kind", "published_on", "state", "is_pinned", "where")
    list_filter = ("kind", "is_published")
    search_fields = ("title", "body")
    prepopulated_fields: dict[str, Any] = {}
    change_form_template = "admin/applications/notice/change_form.html"
    fieldsets = (
        (None, {"fields": ("kind", "title", "body")}),
        ("发布", {"fields": (("published_on", "is_published"), "publish_at", "is_pinned", "slug")}),
        ("固定页面在导航中的位置", {"fields": (("place", "position"),)}),
    )

    @admin.display(description="状态")
    def state(self, row: Notice) -> str:
        if not row.is_published:
            return "草稿"
        return "已公布" if row.is_public(clock.now()) else "定时发布"

    @admin.display(description="导航")
    def where(self, row: Notice) -> str:
        return row.get_place_display() if row.place else "—"  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(require_POST(self.preview_typed)), name="applications_notice_preview_typed"),
            path("<int:pk>/preview/", wrap(require_safe(self.preview)), name="applications_notice_preview"),
            path("<int:pk>/files/add/", wrap(require_POST(self.add_file)), name="applications_notice_file_add"),
            path("<int:pk>/files/<uuid:uuid>/remove/", wrap(require_POST(self.remove_file)),
                 name="applications_notice_file_remove"),
            path("<int:pk>/files/<uuid:uuid>/up/", wrap(require_POST(self.move_file)),
                 name="applications_notice_file_move"),
            path("<int:pk>/restore/<int:number>/", wrap(require_POST(self.restore)),
                 name="applications_notice_restore"),
            *super().get_urls(),
        ]  # fmt: skip

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        row = Notice.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        context = {
            "notice_files": list(row.files.select_related("file")) if row else [],
            "notice_versions": list(row.versions.select_related("saved_by")[:20]) if row else [],
            "accept": evidence_check.ACCEPT,
            "may_edit": has_role(request.user, Role.SECRETARIAT),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Notice, form: Any, change: bool) -> None:
        notices.save(obj, actor=request.user)  # type: ignore[arg-type]

    def preview_typed(self, request: HttpRequest) -> HttpResponse:
        """What is typed in the form, as the public would see it; nothing is stored."""
        self._require(request)
        pk = request.POST.get("notice", "")
        row = Notice.objects.filter(pk=pk).first() if pk.isdigit() else None
        typed = Notice(
            pk=row.pk if row else None,
            kind=request.POST.get("kind") or Notice._meta.get_field("kind").default,
            title=request.POST.get("title", "")[:120] or "（还没有标题）",
            body=request.POST.get("body", ""),
            published_on=row.published_on if row else clock.now().date(),
        )
        return self._preview(request, typed, row)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Notice, pk=pk)
        return self._preview(request, row, row)

    def _preview(self, request: HttpRequest, typed: Notice, stored: Notice | None) -> HttpResponse:
        found = files_of(stored) if stored is not None else []
        context = {"notice": typed, "body": shown_body(typed, found), "files": found, "is_preview": True}
        return TemplateResponse(request, "site/notice.html", context)

    def add_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require(request)
        row, upload = get_object_or_404(Notice, pk=pk), request.FILES.get("file")
        if upload is None:
            messages.error(request, "请选择要上传的文件。")
            return self._back(row)
        try:
            added = notices.add_file(row, upload.file, upload.name or "", actor=request.user)  # type: ignore[arg-type]
            messages.success(request, f"“{added.name}”已上传。")
        except Refusal as refusal:
            messages.error(request, refusal.message)
        except ValueError as error:
            messages.error(request, f"“{upload.name}”没有上传：{error}")
        return self._back(row)

    def remove_file(self, request: HttpRequest, pk: int, uuid: Any) -> HttpResponse:
        self._require(request)
        row = get_object_or_404(NoticeFile.objects.select_related("notice"), notice=pk, uuid=uuid)
        notices.remove_file(row, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, f"“{row.name}”已删除。")
        return self._back(row.notice)

    def move_file(self, request: HttpRequest, pk: int, uuid: Any) -> HttpResponse:
        self._require(request)
        row = get_object_or_404(NoticeFile.objects.select_related("notice"), notice=pk, uuid=uuid)
        notices.move_file_up(row, actor=request.user)  # type: ignore[arg-type]
        return self._back(row.notice)

    def restore(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        self._require(request)
        row = get_object_or_404(Notice, pk=pk)
        try:
            notices.restore(row, number, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, f"已恢复第 {number} 版的标题和正文。")
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return self._back(row)

    def _require(self, request: HttpRequest) -> None:
        if not has_role(request.user, Role.SECRETARIAT):
            raise PermissionDenied

    def _back(self, row: Notice) -> HttpResponse:
        return redirect(f"{reverse('admin:applications_notice_change', args=[row.pk])}#files")


class DownloadTemplateForm(forms.ModelForm):
    upload = forms.FileField(
        label="上传文件", required=False, help_text="PDF、Word 或 Excel，不超过 20 MB；不选则保留原文件。"
    )

    class Meta:
        model = DownloadTemplate
        fields = ["annex", "title", "slug", "file_name", "position"]

    def clean_upload(self) -> Any:
        """Allow-list by name and by first bytes, so that a renamed program is not offered to the public."""
        upload = self.cleaned_data["upload"]
        if upload is None:
            return None
        kind = _TYPES.get(upload.name.rsplit(".", 1)[-1].lower())
        if kind is None:
            raise forms.ValidationError("只接受 PDF、Word（doc、docx）或 Excel（xls、xlsx）文件。")
        if upload.size > MAX_TEMPLATE_BYTES:
            raise forms.ValidationError("文件超过 20 MB。")
        start = upload.read(8)
        upload.seek(0)
        if not start.startswith(kind[0]):
            raise forms.ValidationError("文件内容与扩展名不符，请重新保存后上传。")
        self.content_type = kind[1]
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.instance.file_id and not data.get("upload") and "upload" not in self.errors:
            self.add_error("upload", "请选择要提供下载的文件。")
        return data


@admin.register(DownloadTemplate)
class DownloadTemplateAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = EVENTS, 30, "download"
    may_delete = True
    form = DownloadTemplateForm
    list_display = ("annex", "title", "file_name", "size", "position")
    list_select_related = ("file",)

    @admin.display(description="大小")
    def size(self, row: DownloadTemplate) -> str:
        return format_html("{} KB", f"{row.file.size / 1024:,.0f}")

    def save_model(self, request: HttpRequest, obj: DownloadTemplate, form: Any, change: bool) -> None:
        upload = form.cleaned_data.get("upload")
        if upload is not None:
            obj.file = files.store(upload, form.content_type)
        super().save_model(request, obj, form, change)


@admin.register(Association)
class AssociationAdmin(StaffAdmin):
    """One row; a second would never be shown."""

    nav_group, nav_order, nav_icon = EVENTS, 40, "phone"
    list_display = ("name", "office", "phone", "email")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return super().has_add_permission(request, *args) and not Association.objects.exists()
