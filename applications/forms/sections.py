"""The sections of attachment 1 as drafts: types are checked, nothing is required (completeness asks for that)."""

import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from applications import topics
from applications.field_list import DEFAULTS, NOTHING_CHANGED, REQUIRED, FieldList
from applications.forms import known
from applications.forms.enterprise import checked_phone
from applications.forms.lengths import limit_length
from applications.forms.money import MoneyWanField
from applications.forms.registration import checked_name
from applications.models import Application, Member, RecommendingUnit, SpecialAward
from applications.sections import FIELD_LABELS, is_open

STEP_LENGTH = 5000
UNITS_AT_MOST = 5
DATE_ERROR = "请填写有效的日期，例如 2025-03-10。"


def date_field(name: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=FIELD_LABELS[name],
        required=False,
        help_text=help_text,
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "max": "2099-12-31"}),
        error_messages={"invalid": DATE_ERROR},
    )


class SectionForm(forms.ModelForm):
    """``keys`` are the open ones of a returned filing (None: all); the others are shown and not taken."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, application: Application, keys: list[str] | None, **kwargs: Any) -> None:
        # The form writes on its instance even when it is refused, so it gets one of its own.
        self.application = application
        super().__init__(*args, instance=copy.copy(application), **kwargs)
        self.initial["seen_version"] = application.edit_version
        self.add_fields()
        wanted, kind = application.fields, application.topic_type
        for name in [name for name in self.fields if wanted.hidden(name, kind)]:
            del self.fields[name]
        for name, field in self.fields.items():
            if name == "seen_version":
                continue
            field.required = False
            if name in FIELD_LABELS:
                field.label = wanted.title(name, kind)
            if wanted.help(name, kind):
                field.help_text = escape(wanted.help(name, kind))
            field.disabled = field.disabled or (keys is not None and not is_open(name, keys))
            if isinstance(field, forms.CharField):
                limit_length(field)
            if not field.disabled:
                field.widget.attrs["data-need"] = "必填" if wanted.required(name, kind) else "选填"

    def add_fields(self) -> None:
        """For fields that are not the model's own."""

    def save(self, commit: bool = True) -> Application:
        raise NotImplementedError("saved by applications.actions.drafts.save_section")

    def _post_clean(self) -> None:
        """The model's own checks of length and choice are the form fields'; nothing is written on the instance."""

    @property
    def values(self) -> dict[str, Any]:
        """What is valid and open, by key."""
        self.is_valid()
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "seen_version" and not self.fields[name].disabled
        }

    @property
    def seen(self) -> int:
        return int(self.cleaned_data.get("seen_version") or 0)


class ContactForm(SectionForm):
    completing_units = forms.CharField(
        label="完成单位",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"与申报单位共同完成的其他单位，每行一个，最多 {UNITS_AT_MOST} 个；没有可不填。",
    )

    class Meta:
        model = Application
        fields = ("certificate_unit_name", "contact_name", "contact_phone", "contact_email")
        help_texts = {
            "certificate_unit_name": "印在证书上的单位名称，默认为单位资料中的证书用名。",
            "contact_name": "秘书处就本项申报联系的人。",
            "contact_phone": "手机号码，或带区号的固定电话，例如 0971-6137890。",
            "contact_email": "提交回执和审查意见发到这里。",
        }
        error_messages = {"contact_email": {"invalid": "请填写有效的电子邮箱，例如 name@example.com。"}}
        widgets = {"contact_phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})}

    def add_fields(self) -> None:
        self.initial["completing_units"] = "\n".join(unit.name for unit in self.application.completing_units.all())

    def clean_completing_units(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["completing_units"].splitlines() if line.strip()]
        units = list(dict.fromkeys(lines))
        if len(units) > UNITS_AT_MOST:
            raise ValidationError(f"完成单位最多 {UNITS_AT_MOST} 个，现为 {len(units)} 个。")
        if any(len(unit) > 100 for unit in units):
            raise ValidationError("每个单位名称最多 100 字。")
        return units

    def clean_contact_name(self) -> str:
        name = self.cleaned_data["contact_name"]
        return checked_name(name) if name else ""

    def clean_contact_phone(self) -> str:
        return checked_phone(self.cleaned_data["contact_phone"])


class GroupForm(SectionForm):
    group_registered_on = date_field("group_registered_on")
    group_founded_on = date_field("group_founded_on")
    activity_starts_on = date_field("activity_starts_on")
    activity_ends_on = date_field("activity_ends_on")

    class Meta:
        model = Application
        fields = (
            "group_name", "group_registration_number", "leader_name", "member_count",
            "activity_starts_on", "activity_ends_on", "activity_count", "attendance_rate",
            "group_registered_on", "group_founded_on", "topic_registration_number", "training_hours",
        )  # fmt: skip
        widgets = {
            "member_count": forms.TextInput(attrs={"inputmode": "numeric", "data-unit": "人"}),
            "activity_count": forms.TextInput(attrs={"inputmode": "numeric", "data-unit": "次"}),
            "attendance_rate": forms.TextInput(attrs={"inputmode": "decimal", "data-unit": "%"}),
            "training_hours": forms.TextInput(attrs={"inputmode": "decimal", "data-unit": "学时"}),
        }

    def clean_leader_name(self) -> str:
        name = self.cleaned_data["leader_name"]
        return checked_name(name) if name else ""

    def clean_member_count(self) -> int | None:
        count = self.cleaned_data["member_count"]
        if count is not None and not 1 <= count <= 100:
            raise ValidationError("小组人数应为 1 至 100 人。")
        return count

    def clean_activity_count(self) -> int | None:
        count = self.cleaned_data["activity_count"]
        if count is not None and count > 999:
            raise ValidationError("活动次数过大，请核对。")
        return count

    def clean_attendance_rate(self) -> Any:
        rate = self.cleaned_data["attendance_rate"]
        if rate is not None and not 0 <= rate <= 100:
            raise ValidationError("出勤率应在 0 至 100 之间。")
        return rate

    def clean_training_hours(self) -> Any:
        hours = self.cleaned_data["training_hours"]
        if hours is not None and hours < 0:
            raise ValidationError("学时不能为负数。")
        return hours

    def clean(self) -> dict[str, Any]:
        """The end stays unsaved while it lies before the start; both stay as typed on the page."""
        start, end = self.cleaned_data.get("activity_starts_on"), self.cleaned_data.get("activity_ends_on")
        if start and end and end <= start and not self.fields["activity_ends_on"].disabled:
            after = f"{start.year}年{start.month}月{start.day}日"
            self.add_error("activity_ends_on", f"应晚于活动开始日期，即在 {after} 之后。")
        return self.cleaned_data


class TopicForm(SectionForm):
    """The steps of the chosen type; texts of other types' steps stay stored."""

    class Meta:
        model = Application
        fields = ("topic_name", "topic_type", "group_intro")
        widgets = {"group_intro": forms.Textarea(attrs={"rows": 5, "data-count": ""})}
        help_texts = {
            "topic_name": "一般写成“对象＋问题＋结果”，例如“提高碳酸锂包装一次合格率”，不用口号。",
            "topic_type": "换类型后请保存，下面会换成该类型的步骤；其他步骤已写的内容会保留。",
            "group_intro": "小组的构成、活动特点和以往成果，300 字左右。",
        }

    def add_fields(self) -> None:
        limit_length(self.fields["group_intro"], STEP_LENGTH)
        for step in self.application.step_list:
            self._add_step(step)
        # What was typed under the type chosen before is taken, whatever the type is now.
        for name in self.data if self.is_bound else ():
            code = name.removeprefix("steps.")
            if name.startswith("steps.") and code in topics.STEPS_BY_CODE and name not in self.fields:
                self._add_step(topics.STEPS_BY_CODE[code])

    def _add_step(self, step: topics.Step) -> None:
        name = f"steps.{step.code}"
        self.fields[name] = forms.CharField(
            label=step.label,
            help_text=step.help,
            required=False,
            widget=forms.Textarea(attrs={"rows": 7, "data-count": ""}),
        )
        limit_length(self.fields[name], STEP_LENGTH)
        self.initial[name] = self.application.steps.get(step.code, "")

    @property
    def step_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("steps.")]


class ResultsForm(SectionForm):
    economic_benefit = MoneyWanField(label="直接经济效益", help_text="没有直接经济效益的填 0。")
    activity_cost = MoneyWanField(label="活动投入费用")

    class Meta:
        model = Application
        fields = (
            "target_value", "actual_value", "economic_benefit", "activity_cost", "benefit_basis",
            "social_benefit", "main_results", "honours",
        )  # fmt: skip
        widgets = {
            "benefit_basis": forms.Textarea(attrs={"rows": 4, "data-count": ""}),
            "social_benefit": forms.Textarea(attrs={"rows": 4, "data-count": ""}),
            "main_results": forms.Textarea(attrs={"rows": 5, "data-count": ""}),
            "honours": forms.Textarea(attrs={"rows": 3, "data-count": ""}),
        }
        help_texts = {
            "target_value": "课题目标，带单位，例如“一次合格率由 96.00% 提高到 97.70%”。",
            "actual_value": "活动后达到的数值，与目标同一口径。",
            "benefit_basis": "写明计算公式和数据来源，由财务部门核实。填写了效益金额时必填。",
            "main_results": "形成的标准、制度、工艺、图纸等。",
            "honours": "本成果已获的奖励、专利、工法等，没有可不填。",
        }

    def add_fields(self) -> None:
        for name in ("benefit_basis", "social_benefit", "main_results", "honours"):
            limit_length(self.fields[name], STEP_LENGTH)


class AwardsForm(SectionForm):
    special_awards = known.KnownChoices(
        queryset=SpecialAward.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="申报单项奖",
        error_messages={"invalid_choice": "请选择列出的单项奖。", "invalid_pk_value": "请选择列出的单项奖。"},
    )
    recommending_unit = known.KnownChoice(
        queryset=RecommendingUnit.objects.none(),
        label="推荐单位",
        empty_label="不经推荐单位，直接申报",
        help_text="所在市州或行业协会，可以不选。",
        error_messages={"invalid_choice": "请选择列出的推荐单位。"},
    )

    awards_section_seen = forms.BooleanField(
        label="不申报单项奖", required=False, widget=forms.CheckboxInput(attrs={"data-no-award": ""})
    )

    class Meta:
        model = Application
        fields = ("special_awards", "recommending_unit")

    def add_fields(self) -> None:
        """The box says 不申报单项奖; what it is kept as is whether the question was answered at all."""
        self.initial["awards_section_seen"] = (
            self.application.awards_section_seen and not self.application.special_awards.exists()
        )
        awards = self.application.round.programme.special_awards.all()
        self.fields["special_awards"].queryset = awards  # type: ignore[attr-defined]
        units = RecommendingUnit.objects.filter(is_active=True)
        if self.application.recommending_unit_id:
            units |= RecommendingUnit.objects.filter(pk=self.application.recommending_unit_id)
        self.fields["recommending_unit"].queryset = units  # type: ignore[attr-defined]

    def choose_among(self, awards: dict[str, Any], units: dict[str, Any]) -> None:
        """Rows that were read for several forms at once."""
        self.fields["special_awards"].known = awards  # type: ignore[attr-defined]
        self.fields["recommending_unit"].known = units  # type: ignore[attr-defined]

    def clean_special_awards(self) -> list[int]:
        return sorted(award.pk for award in self.cleaned_data["special_awards"])

    def clean(self) -> dict[str, Any]:
        chosen, none = self.cleaned_data.get("special_awards"), self.cleaned_data.get("awards_section_seen")
        if chosen and none and not self.fields["awards_section_seen"].disabled:
            del self.cleaned_data["special_awards"]
            self.add_error("awards_section_seen", "选择了单项奖又勾选了“不申报单项奖”，请只留一种。")
        else:
            self.cleaned_data["awards_section_seen"] = bool(chosen or none)
        return self.cleaned_data


class MemberForm(forms.Form):
    """One person of the group. No ID number, birthday or home address (domain.md 5.5)."""

    name = forms.CharField(label="姓名", max_length=50)
    group_role = forms.ChoiceField(label="组内职务", choices=Member.GroupRole.choices, initial="member")
    gender = forms.ChoiceField(label="性别", choices=[("", "—"), ("m", "男"), ("f", "女")], required=False)
    education = forms.CharField(label="文化程度", max_length=20, required=False)
    job_title = forms.CharField(label="职务、职称", max_length=50, required=False)
    duty = forms.CharField(label="组内分工", max_length=100, required=False)
    training_hours = forms.DecimalField(
        label="学时", max_digits=6, decimal_places=1, min_value=0, required=False, localize=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip

    def __init__(self, *args: Any, wanted: FieldList = NOTHING_CHANGED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in list(self.fields.items()):
            key = f"members.{name}"
            if wanted.hidden(key):
                del self.fields[name]
                continue
            field.label, field.help_text = wanted.title(key), wanted.help(key)
            demanded = wanted.required(key) and DEFAULTS[key].need != REQUIRED
            field.widget.attrs["data-need"] = "提交前必填" if demanded else ""

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "DELETE"]

    def clean_name(self) -> str:
        return checked_name(self.cleaned_data["name"])


MEMBERS_AT_MOST = 50


class BaseMembers(forms.BaseFormSet):
    wanted: FieldList = NOTHING_CHANGED

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "wanted": self.wanted}

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "删除"
        form.fields["DELETE"].widget.attrs["data-need"] = ""

    @property
    def values(self) -> list[dict[str, Any]]:
        """The filled rows in order, without the deleted ones and without columns of which this year asks nothing. Only
        of a valid formset."""
        kept = [form for form in self.forms if form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")]
        return [{key: value for key, value in form.cleaned_data.items() if key != "DELETE"} for form in kept]


def members_formset(extra: int, wanted: FieldList = NOTHING_CHANGED) -> type[BaseMembers]:
    """The table of members as this year's programme has its columns."""
    made: type[BaseMembers] = forms.formset_factory(  # type: ignore[assignment]
        MemberForm,
        formset=BaseMembers,
        extra=extra,
        can_delete=True,
        max_num=MEMBERS_AT_MOST,
        absolute_max=MEMBERS_AT_MOST + 10,
        validate_max=True,
    )
    made.wanted = wanted
    return made


FORMS: dict[str, type[SectionForm]] = {
    "contact": ContactForm,
    "group": GroupForm,
    "topic": TopicForm,
    "results": ResultsForm,
    "awards": AwardsForm,
}
