"""代为录入: the uploaded ZIP, whom it belongs to, what each file is."""

from typing import Any

from django import forms

from applications import validators
from applications.actions.folders import Choice
from applications.field_list import NOTHING_CHANGED
from applications.imports.folder_names import EVIDENCE, FORM, KINDS
from applications.imports.folder_zip import FILE_AT_MOST, MIB
from applications.models import Enterprise, EvidenceKind, FolderFile, Round, StaffFolder

OTHER = "other"


class FolderForm(forms.Form):
    file = forms.FileField(
        label="文件夹压缩包（ZIP）",
        help_text=f"单位发来的整个文件夹，名称如“单位名称_联系人_电话.zip”，不超过 {FILE_AT_MOST // MIB} MB。",
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        error_messages={"required": "请选择压缩包。", "empty": "文件是空的，请检查后重新选择。"},
    )


class OwnerForm(forms.Form):
    """``cleaned_data``: enterprise or None (then new_name and code), round, contacts."""

    owner = forms.ChoiceField(label="申报单位", widget=forms.RadioSelect, required=False)
    code = forms.CharField(
        label="统一社会信用代码", max_length=40, required=False,
        help_text="选“其他单位”时填写。代码已登记的用已有单位，没有登记的新建为待核验单位。",
    )  # fmt: skip
    new_name = forms.CharField(
        label="单位名称", max_length=100, required=False, help_text="只在新建单位时使用，与营业执照一致。"
    )
    round = forms.ModelChoiceField(
        Round.objects.none(), label="录入到哪一期", error_messages={"required": "请选择期次。"}
    )
    contact_name = forms.CharField(label="联系人", max_length=50, required=False)
    contact_phone = forms.CharField(label="联系电话", max_length=20, required=False)
    contact_email = forms.EmailField(
        label="收信邮箱",
        required=False,
        help_text="单位还没有账号时，认领链接发到这里；没有邮箱的，录入后把链接转给对方。",
    )

    def __init__(self, *args: Any, folder: StaffFolder, candidates: list[Enterprise], **kwargs: Any) -> None:
        chosen = folder.enterprise
        known = {one.pk: one for one in [*([chosen] if chosen else []), *candidates]}
        initial = {
            "owner": str(chosen.pk) if chosen else OTHER, "code": folder.new_code, "new_name": folder.new_name,
            "round": folder.round_id, "contact_name": folder.contact_name, "contact_phone": folder.contact_phone,
            "contact_email": folder.contact_email,
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        self.known = known
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            *[(str(pk), f"{one.name}（{one.credit_code}）") for pk, one in known.items()],
            (OTHER, "其他单位（按信用代码查找或新建）"),
        ]
        self.fields["round"].queryset = Round.objects.published().order_by("-programme__year", "number")  # type: ignore[attr-defined]
        self.fields["round"].empty_label = None  # type: ignore[attr-defined]

    def clean_contact_phone(self) -> str:
        phone = validators.normalise_phone(self.cleaned_data["contact_phone"])
        if phone:
            try:
                validators.check_phone(phone)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        owner = cleaned.get("owner") or OTHER
        cleaned["enterprise"] = self.known.get(int(owner)) if owner.isdigit() else None
        if cleaned["enterprise"] is None:
            code = validators.normalise_credit_code(cleaned.get("code") or "")
            try:
                validators.check_credit_code(code)
            except ValueError as error:
                self.add_error("code", str(error))
                return cleaned
            cleaned["code"] = code
            cleaned["enterprise"] = Enterprise.objects.filter(credit_code=code).first()
            if cleaned["enterprise"] is None and not (cleaned.get("new_name") or "").strip():
                self.add_error("new_name", "这个代码还没有登记，请填写单位名称以新建。")
        return cleaned


class FileForm(forms.Form):
    kind = forms.ChoiceField(label="认作", choices=list(KINDS.items()))
    evidence_kind = forms.ChoiceField(label="材料类别", choices=[("", "—"), *EvidenceKind.choices], required=False)
    belongs_to = forms.TypedChoiceField(label="所属小组", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, row: FolderFile, forms_of: list[FolderFile], **kwargs: Any) -> None:
        initial = {"kind": row.kind, "evidence_kind": row.evidence_kind, "belongs_to": row.belongs_to_id}
        super().__init__(*args, initial=initial, prefix=f"f{row.pk}", **kwargs)
        self.row = row
        self.fields["belongs_to"].choices = [("", "—"), *[(form.pk, form.label) for form in forms_of]]  # type: ignore[attr-defined]
        for name in self.fields:
            self.fields[name].widget.attrs["aria-label"] = f"{row.file_name}：{self.fields[name].label}"

    @property
    def is_evidence(self) -> bool:
        return self.row.kind == EVIDENCE

    def choice(self) -> Choice:
        data = self.cleaned_data
        return Choice(data["kind"], data["evidence_kind"], data["belongs_to"])


def file_forms(folder: StaffFolder, data: Any = None) -> list[FileForm]:
    rows = list(folder.files.all())
    forms_of = [row for row in rows if row.kind == FORM]
    fields = folder.round.programme.fields if folder.round else NOTHING_CHANGED
    kinds = [("", "—"), *fields.evidence_kinds().items()]
    made = [FileForm(data, row=row, forms_of=forms_of) for row in rows]
    for form in made:
        # A guessed kind that this year does not have stays chosen here; what is entered goes to 其他.
        own = form.row.evidence_kind
        extra = [(own, fields.evidence_kind(own))] if own and fields.hidden(f"evidence.{own}") else []
        form.fields["evidence_kind"].choices = [*kinds, *extra]  # type: ignore[attr-defined]
    return made
