"""Writing to the secretariat."""

from typing import Any

from django import forms

from applications.actions.messages import BODY_LENGTH
from applications.models import Application
from qcportal.models import User


class MessageForm(forms.Form):
    body = forms.CharField(
        label="留言内容",
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请填写留言内容。", "max_length": f"留言最多 {BODY_LENGTH} 字。"},
    )


class NewThreadForm(MessageForm):
    application = forms.ModelChoiceField(
        label="关于哪项申报", queryset=Application.objects.none(), empty_label="请选择"
    )
    field_order = ("application", "body")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"].queryset = Application.objects.editable_by(user).for_list()  # type: ignore[attr-defined]
        self.fields["application"].label_from_instance = lambda one: f"{one.display_name}（{one.round}）"  # type: ignore[attr-defined]
