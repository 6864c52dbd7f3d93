"""The enterprise's profile and its people."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications import validators
from applications.actions.enterprises import PROFILE_FIELDS
from applications.forms.registration import checked_name
from applications.models import Application, Enterprise, MembershipRole

MEMBER_ROLES = [(role.value, role.label) for role in (MembershipRole.MANAGER, MembershipRole.CLERK)]
ROLE_HELP = "质量主管可修改全部材料并提交；小组填报人只填写指定的申报，不能提交。"


def checked_phone(typed: str) -> str:
    phone = validators.normalise_phone(typed)
    if not phone:
        return ""
    try:
        validators.check_phone(phone)
    except ValueError as error:
        raise ValidationError(str(error), code="phone") from error
    return phone


class ProfileForm(forms.ModelForm):
    """Only the name is required; everything else may be added later."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Enterprise
        fields = PROFILE_FIELDS
        help_texts = {
            "name": "与营业执照一致的全称。核验后改名需重新核验。",
            "certificate_name": "印在证书上的名称，与单位名称相同可不填。",
            "city": "按信用代码预填，可以修改。",
            "parent_group": "所属集团公司，没有可不填。",
            "contact_phone": "手机号码，或带区号的固定电话，例如 0971-6137890。",
        }
        labels = {"contact_name": "联系人姓名"}
        widgets = {
            "postcode": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
            "contact_phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        }

    def clean_postcode(self) -> str:
        postcode = self.cleaned_data["postcode"].strip()
        if postcode and not re.fullmatch(r"\d{6}", postcode):
            raise ValidationError("邮政编码为 6 位数字，例如 810000。", code="postcode")
        return postcode

    def clean_contact_name(self) -> str:
        name = self.cleaned_data["contact_name"]
        return checked_name(name) if name else ""

    def clean_contact_phone(self) -> str:
        return checked_phone(self.cleaned_data["contact_phone"])


class ApplicationChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.display_name}（{obj.round}）"


class InvitationForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label="电子邮箱",
        help_text="邀请链接发到这个邮箱，14 天内有效。",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label="身份", choices=MEMBER_ROLES, help_text=ROLE_HELP, widget=forms.RadioSelect)
    applications = ApplicationChoice(
        label="可填报的申报",
        queryset=Application.objects.none(),
        required=False,
        help_text="只对小组填报人有效，以后可以修改。",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applications"].queryset = assignable_applications(enterprise)  # type: ignore[attr-defined]
        if not self.fields["applications"].queryset.exists():  # type: ignore[attr-defined]
            del self.fields["applications"]

    def clean_name(self) -> str:
        return checked_name(self.cleaned_data["name"])

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="身份", choices=MEMBER_ROLES)


class JoinDecisionForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[("manager", "同意，任质量主管"), ("clerk", "同意，任小组填报人"), ("decline", "不同意")]
    )


class JoinReasonForm(forms.Form):
    reason = forms.CharField(
        label="部门、岗位与申请理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="便于单位负责人确认您的身份。",
    )
    wants_ownership = forms.BooleanField(
        label="原负责人已离职或联系不上，申请接任单位负责人",
        required=False,
        help_text="勾选后请上传加盖公章的证明，由秘书处核对办理。",
    )


class ClerkApplicationsForm(forms.Form):
    applications = ApplicationChoice(
        label="可填报的申报",
        queryset=Application.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applications"].queryset = assignable_applications(enterprise)  # type: ignore[attr-defined]


def assignable_applications(enterprise: Enterprise) -> Any:
    """What a 填报人 can be given: everything of the enterprise, the newest round first."""
    return Application.objects.filter(enterprise=enterprise).for_list()
