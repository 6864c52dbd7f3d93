"""Scans that show who an enterprise is, and a change of its owner."""

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from applications import evidence_check
from applications.models import Enterprise, EnterpriseProof, MembershipRole, ProofKind
from qcportal.models import User

SHOWN_TYPES = {"application/pdf", "image/jpeg", "image/png"}


class Scan(NamedTuple):
    stream: Any
    content_type: str
    name: str


class ProofForm(forms.Form):
    kind = forms.ChoiceField(label="证明种类", choices=ProofKind.choices)
    file = forms.FileField(
        label="选择文件",
        help_text="PDF 或清晰的照片（JPG、PNG）。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": "该文件是空的，请重新选择。"},
    )

    def clean_file(self) -> Scan:
        uploaded: UploadedFile = self.cleaned_data["file"]
        try:
            checked = evidence_check.check(uploaded, uploaded.name or "")  # type: ignore[arg-type]
        except ValueError as error:
            raise ValidationError(str(error), code="file") from error
        if checked.content_type not in SHOWN_TYPES:
            raise ValidationError("请上传 PDF 或照片（JPG、PNG）。", code="type")
        return Scan(uploaded, checked.content_type, checked.name)


class SuccessorField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.username}，{obj.email}）"


class ProofChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}（{obj.uploaded_by}，{obj.uploaded_at:%Y-%m-%d}）"


class TransferForm(forms.Form):
    """Staff make a member, or somebody who asks to join, the owner."""

    successor = SuccessorField(
        label="接任的单位负责人",
        queryset=User.objects.none(),
        help_text="本单位现有成员，或正在申请加入的人。",
        empty_label="请选择",
        error_messages={"invalid_choice": "请选择列出的人。"},
    )
    proof = ProofChoice(
        label="依据的证明材料",
        queryset=EnterpriseProof.objects.none(),
        help_text="加盖公章的负责人变更证明，由单位或申请人上传。",
        empty_label="请选择",
        error_messages={"invalid_choice": "请选择列出的材料。"},
    )
    reason = forms.CharField(
        label="原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="记入操作记录，例如“原负责人离职，单位来函”。",
    )
    former_stays = forms.BooleanField(label="原负责人留在单位，改任质量主管", required=False)

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = enterprise.memberships.active().exclude(role=MembershipRole.OWNER).values("user")
        asking = enterprise.join_requests.waiting().values("user")
        people = User.objects.filter(pk__in=members) | User.objects.filter(pk__in=asking)
        self.fields["successor"].queryset = people.order_by("name")  # type: ignore[attr-defined]
        self.fields["proof"].queryset = enterprise.proofs.filter(kind=ProofKind.OWNERSHIP).select_related(  # type: ignore[attr-defined]
            "uploaded_by"
        )
