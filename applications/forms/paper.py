"""Handing in a stamped scan."""

from typing import Any

from django import forms

from applications.forms.filing import MultipleFileField, MultipleFileInput
from applications.models import PaperPart
from applications.paper_status import Row
from applications.scans.upload import ACCEPT

WHOLE = ""


class ScanUploadForm(forms.Form):
    """``part`` is the PaperPart, or None for the whole set in one file."""

    part = forms.ChoiceField(
        label="这是哪一件",
        required=False,
        error_messages={"invalid_choice": "这一件已不能上传，请刷新页面后重新选择。"},
        help_text="整套扫描成一个文件时选“整套”，系统按每页的二维码自动分开。",
    )
    files = MultipleFileField(
        label="选择文件",
        widget=MultipleFileInput(attrs={"multiple": True, "accept": ACCEPT}),
        help_text="彩色扫描，300 dpi，PDF；也可用手机逐页拍照，一次选中全部照片（JPG、PNG），按页码先后排列。",
    )

    def __init__(self, *args: Any, rows: list[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts: dict[str, PaperPart] = {
            row.part.code: row.part for row in rows if row.part is not None and row.may_upload
        }
        choices = [(code, f"{part.label}（{part.pages} 页）") for code, part in self.parts.items()]
        self.fields["part"].choices = [(WHOLE, "整套（全部材料在一个文件里）"), *choices]  # type: ignore[attr-defined]

    def clean_part(self) -> PaperPart | None:
        return self.parts.get(self.cleaned_data["part"])
