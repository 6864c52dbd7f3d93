"""One Office file to read from."""

from typing import Any

from django import forms

from applications.imports.gate import OFFICE, Kind


class OfficeFileForm(forms.Form):
    file = forms.FileField(
        label="选择文件",
        error_messages={"required": "请先选择文件。", "empty": "文件是空的（0 字节），请检查后重新上传。",
                        "max_length": "文件名太长，请改短后再上传。"},
    )  # fmt: skip

    def __init__(self, *args: Any, office: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = OFFICE[office].upload_at_most // 1024 // 1024
        self.fields["file"].help_text = f"{OFFICE[office].name}，不超过 {limit} MB。"
        self.fields["file"].widget = forms.FileInput(attrs={"accept": f".{office}"})
