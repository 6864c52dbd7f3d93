"""The forms of the check page: checklist, remarks, decision, and what may be done after a decision."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.utils import timezone

from applications import check_keys, report_keys, sections
from applications.actions import check_letters
from applications.actions.checking import Decision, RemarkText
from applications.actions.messages import BODY_LENGTH
from applications.admin import due_dates
from applications.field_list import FieldList
from applications.models import Application, FormalCheck, Submission
from applications.models.checking import Outcome
from applications.states import State
from qcportal import clock

Choices = list[tuple[str, Any]]
ANSWERS = [("yes", "符合"), ("no", "不符"), ("", "未核")]


def field_choices(application: Application) -> Choices:
    """Every key that may be opened, grouped by section; of the steps only those of the filing's topic type."""
    fields, kind = application.fields, application.topic_type
    steps = [f"steps.{step.code}" for step in application.step_list]
    groups: Choices = []
    for section in sections.SECTIONS:
        keys = list(section.fields)
        if section.code == "topic":
            keys += steps
        if section.code == "evidence":
            keys += list(check_keys.EVIDENCE_LABELS)
        shown = [key for key in keys if not fields.hidden(key, kind)]
        groups.append((section.title, [(key, check_keys.label(key, fields, kind)) for key in shown]))
    for part, title in (
        (report_keys.REPORT_SUMMARY, "附件 2 活动总结"),
        (report_keys.REPORT_STATISTICS, "附件 3 统计表"),
    ):
        keys = [key for key in report_keys.LABELS if report_keys.in_part(key, part) and not fields.hidden(key)]
        groups.append((title, [(key, _in_group(key, part, fields)) for key in keys]))
    return groups


def _in_group(key: str, part: str, fields: FieldList) -> str:
    return check_keys.label(key, fields) + ("（全部）" if key == part else "")


def remark_choices(application: Application, submission: Submission) -> Choices:
    """Fields, and before them each file of the submission (value ``file:<kind>:<uuid>``)."""
    files = [
        (f"file:{item['kind']}:{item['uuid']}", f"《{item['name']}》（{item['kind_label']}）")
        for item in submission.data.get("evidence", [])
    ]
    return [("", "选择项目或材料"), ("证实性材料文件", files), *field_choices(application)]


class RemarkForm(forms.Form):
    target = forms.ChoiceField(label="项目", required=False)
    page = forms.IntegerField(label="页码", required=False, min_value=1, max_value=9999)
    text = forms.CharField(
        label="意见", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 1000})
    )

    def __init__(self, *args: Any, choices: Choices, blocks: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = choices  # type: ignore[attr-defined]
        self._blocks = blocks

    def clean_text(self) -> str:
        """/gz alone stands for the text block of that shortcut, with and without script."""
        text = str(self.cleaned_data["text"]).strip()
        return self._blocks.get(text[1:], text) if text.startswith("/") else text

    def clean(self) -> dict[str, Any]:
        """A row without text is dropped; a text without a place is asked about."""
        data = super().clean() or {}
        target = data.get("target", "")
        if data.get("text", "").strip() and not target and "target" not in self.errors:
            self.add_error("target", "请选择这条意见针对的项目或材料。")
        if data.get("page") and not target.startswith("file:"):
            data["page"] = None  # left from another choice
        return data


class BaseRemarkFormSet(forms.BaseFormSet):
    def remarks(self) -> list[RemarkText]:
        found = []
        for form in self.forms:
            target, text = form.cleaned_data.get("target", ""), form.cleaned_data.get("text", "").strip()
            if target and text:
                found.append(_remark(target, text, form.cleaned_data.get("page")))
        return found


def target_of(field: str, evidence: UUID | None) -> str:
    return f"file:{field.split('.', 1)[-1]}:{evidence}" if evidence else field


def _remark(target: str, text: str, page: int | None) -> RemarkText:
    if target.startswith("file:"):
        _file, kind, uuid = target.split(":", 2)
        return RemarkText(f"evidence.{kind}", text, UUID(uuid), page)
    return RemarkText(target, text)


RemarkFormSet = forms.formset_factory(RemarkForm, formset=BaseRemarkFormSet, extra=1, max_num=60)


class Preset(NamedTuple):
    """What the first empty row is for: a link without script asks for it."""

    target: str = ""
    page: int | None = None
    text: str = ""


def remark_formset(
    check: FormalCheck,
    data: Any = None,
    *,
    preset: Preset | None = None,
    blocks: Mapping[str, str] | None = None,
) -> BaseRemarkFormSet:
    """The remarks kept so far, the ``preset`` one, and an empty row."""
    rows = [RemarkText(one.field, one.text, one.file_uuid, one.page) for one in check.remarks.all()]
    initial = [{"target": target_of(one.field, one.evidence), "page": one.page, "text": one.text} for one in rows]
    choices = remark_choices(check.application, check.submission)
    arguments = {"choices": choices, "blocks": blocks or {}}
    if data is not None:
        # Without what is stored: a row typed like a stored one counts as unchanged, and Django would drop it.
        return RemarkFormSet(data, prefix="remarks", form_kwargs=arguments)
    known = {value for _group, entries in choices if isinstance(entries, list) for value, _label in entries}
    if preset and (preset.target in known or preset.text):
        target = preset.target if preset.target in known else ""
        initial.append({"target": target, "page": preset.page, "text": preset.text})
    return RemarkFormSet(initial=initial, prefix="remarks", form_kwargs=arguments)


class ChecklistForm(forms.Form):
    note = forms.CharField(
        label="内部备注（不发给单位）", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )

    def __init__(self, check: FormalCheck, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"note": check.note}, **kwargs})
        self.lines = check.checklist
        for line in self.lines:
            self.fields[f"item-{line['item']}"] = forms.ChoiceField(
                label=line["text"], choices=ANSWERS, required=False, initial=line["answer"], widget=forms.RadioSelect
            )

    def items(self) -> list[tuple[Any, dict[str, Any]]]:
        """Each field with its line of the checklist."""
        return [(self[f"item-{line['item']}"], line) for line in self.lines]

    def answers(self, *, rest: str = "") -> dict[int, str]:
        """``rest`` for the lines that nobody answered."""
        return {line["item"]: self.cleaned_data.get(f"item-{line['item']}", "") or rest for line in self.lines}


class DueDateForm(forms.Form):
    """A correction ends at 24:00 of the day named."""

    due_day = forms.DateField(
        label="补正截止日期（当日 24:00）",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_due_day(self) -> date | None:
        day: date | None = self.cleaned_data["due_day"]
        if day and day < timezone.localdate(clock.now()):
            raise forms.ValidationError("补正截止日期不能早于今天。")
        return day


class DecisionForm(DueDateForm):
    use_required_attribute = False  # the same HTML form also saves a draft, without any decision

    outcome = forms.ChoiceField(label="审查意见", choices=Outcome.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由（随通知发给单位）", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    open_fields = forms.MultipleChoiceField(
        label="另外开放补正的项目", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, check: FormalCheck, *args: Any, **kwargs: Any) -> None:
        count = check.application.round.programme.correction_workdays
        initial: dict[str, Any] = {"due_day": due_dates.default_correction_day(clock.now(), count)}
        meant = Decision.of(check)
        if meant is not None:
            initial |= {"outcome": meant.outcome.value, "reason": meant.reason, "open_fields": meant.open_fields}
            if meant.due_day:
                initial["due_day"] = meant.due_day
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["open_fields"].choices = field_choices(check.application)  # type: ignore[attr-defined]
        if check.application.state != State.SUBMITTED:  # it takes part already
            choices = [(Outcome.ACCEPT.value, "维持参评"), (Outcome.RETURN.value, Outcome.RETURN.label)]
            self.fields["outcome"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        outcome, reason = data.get("outcome"), data.get("reason", "").strip()
        if outcome == Outcome.RETURN and not data.get("due_day") and "due_day" not in self.errors:
            self.add_error("due_day", "请填写补正截止日期。")
        if outcome in {Outcome.DEFER, Outcome.REFUSE} and not reason:
            self.add_error("reason", "请写明理由，理由会随通知发给申报单位。")
        return data

    def decision(self) -> Decision:
        data = self.cleaned_data
        outcome = Outcome(data["outcome"])
        due_day = data["due_day"] if outcome == Outcome.RETURN else None
        opened = tuple(data["open_fields"]) if outcome == Outcome.RETURN else ()
        return Decision(outcome, data["reason"].strip(), opened, due_day)

    def open_groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The boxes by section, with what is ticked."""
        chosen = set(self["open_fields"].value() or [])
        groups: Choices = self.fields["open_fields"].choices  # type: ignore[attr-defined]
        return [(title, [(key, label, key in chosen) for key, label in options]) for title, options in groups]


class LetterForm(forms.Form):
    subject = forms.CharField(label="标题", max_length=check_letters.SUBJECT_LENGTH)
    body = forms.CharField(label="正文", max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 14}))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class ExtendForm(DueDateForm, ReasonForm):
    """As many working days more as the year gives, from now or from the present end, whichever is later."""

    field_order = ["due_day", "reason"]

    def __init__(self, *args: Any, due: datetime | None = None, workdays: int | None = None, **kwargs: Any) -> None:
        # The end is stored as the next day 00:00; the second before it lies on the day people name.
        since = max(clock.now(), due - timedelta(seconds=1)) if due else clock.now()
        self.workdays, self.until = workdays, None
        initial = {}
        if workdays is not None:  # shown; what is posted names its day
            initial["due_day"] = due_dates.default_correction_day(since, workdays)
            self.until = due_dates.end_of(initial["due_day"])
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.fields["due_day"].required = True


class MessageForm(forms.Form):
    body = forms.CharField(label="给单位留言", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class ReceiptForm(forms.Form):
    """Also used on the paper desk."""

    shelf = forms.CharField(label="存放位置", required=False, max_length=40)
    note = forms.CharField(label="备注", required=False, max_length=200)
    accept_stale = forms.BooleanField(label="确认签收旧版", required=False)
