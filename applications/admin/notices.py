"""What the public pages show: notices, blank forms, the association's data."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from applications.models import Association, DownloadTemplate, Notice
from qcportal import files
from qcportal.adminsite import EVENTS, StaffAdmin

MAX_TEMPLATE_BYTES = 20 * 1024 * 1024
# What the first bytes must be, and what is then said to browsers.
_TYPES = {
    "pdf": (b"%PDF-", "application/pdf"),
    "docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "doc": (b"\xd0\xcf\x11\xe0", "application/msword"),
    "xls": (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
}


@admin.register(Notice)
class NoticeAdmin(StaffAdmin):
    nav_group, nav_order, nav_icon = EVENTS, 20, "bell"
    list_display = ("title", "published_on", "is_published")
    list_filter = ("is_published",)
    search_fields = ("title",)
    prepopulated_fields: dict[str, Any] = {}


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
