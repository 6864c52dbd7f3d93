"""Forms of the year: a round's dates, an extension, the next year. Days are typed, half-open moments are stored."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from applications import validators
from applications.actions.rounds import Dates
from applications.models import Enterprise, Programme, Round
from applications.models.programmes import day_end
from applications.next_year import Planned, wrong
from applications.programme_copy import last_day_of

DAY = {"type": "date"}


def day_field(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写有效的日期，例如 2026-06-30。", "required": "请填写日期。"},
    )  # fmt: skip


def end_of(day: date, before: datetime) -> datetime:
    """24:00 of ``day``; a deadline that was at another hour keeps its hour."""
    local = timezone.localtime(before)
    if (local.hour, local.minute) == (0, 0):
        return day_end(day.year, day.month, day.day)
    return local.replace(year=day.year, month=day.month, day=day.day)


class RoundForm(forms.Form):
    opens_on = day_field("开放日期", "当日 00:00 起可以填报。")
    closes_on = day_field("网上提交截止", "当日 24:00 截止。")
    stamped_on = day_field("盖章扫描件截止", "当日 24:00。")
    paper_on = day_field("纸质材料截止", "寄达或邮戳日期，当日 24:00。")
    event_month = forms.CharField(label="发布会时间说明", max_length=50, required=False)
    email_still_required = forms.BooleanField(label="仍须另发电子邮件", required=False)
    reason = forms.CharField(
        label="延长截止时间的理由", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="本期已开放或已有人填报时必填，随通知发给各单位。",
    )  # fmt: skip

    # The form's days and the action's moments, for what the action refuses.
    NAMES = {
        "opens_at": "opens_on",
        "closes_at": "closes_on",
        "stamped_due_at": "stamped_on",
        "paper_due_at": "paper_on",
    }

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        self.round = round_
        self.deadline = round_.deadline_for(None) if round_.pk else round_.closes_at
        initial = {
            "opens_on": timezone.localdate(round_.opens_at),
            "closes_on": last_day_of(self.deadline),
            "stamped_on": last_day_of(round_.stamped_due_at),
            "paper_on": last_day_of(round_.paper_due_at),
            "event_month": round_.event_month,
            "email_still_required": round_.email_still_required,
        }
        super().__init__(*args, initial=initial, **kwargs)

    def dates(self) -> Dates:
        data = self.cleaned_data
        opens = timezone.localtime(self.round.opens_at)
        day = data["opens_on"]
        return Dates(
            opens.replace(year=day.year, month=day.month, day=day.day),
            end_of(data["closes_on"], self.deadline),
            end_of(data["stamped_on"], self.round.stamped_due_at),
            end_of(data["paper_on"], self.round.paper_due_at),
            data["event_month"],
            data["email_still_required"],
        )

    def refuse(self, errors: dict[str, str]) -> None:
        for name, message in errors.items():
            self.add_error(self.NAMES.get(name, name if name in self.fields else None), message)


class ExtendForm(forms.Form):
    round = forms.ModelChoiceField(label="期", queryset=Round.objects.none(), empty_label=None)
    enterprise = forms.CharField(
        label="申报单位", required=False, max_length=100,
        help_text="只给一个单位延期时，填统一社会信用代码或单位全称；留空为整期延期。",
    )  # fmt: skip
    new_day = day_field("新的截止日期")
    new_time = forms.TimeField(
        label="时刻", required=False, help_text="留空为当日 24:00。",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "请填写时刻，例如 17:00。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="随通知发给单位，并记入记录",
        error_messages={"required": "请写明延期的理由。"},
    )  # fmt: skip

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rounds = programme.rounds.select_related("programme").prefetch_related("extensions")
        self.fields["round"].queryset = rounds  # type: ignore[attr-defined]

    def clean_enterprise(self) -> Enterprise | None:
        typed = self.cleaned_data["enterprise"].strip()
        if not typed:
            return None
        code = validators.normalise_credit_code(typed)
        found = list(Enterprise.objects.filter(credit_code=code)[:1]) or list(Enterprise.objects.filter(name=typed)[:2])
        if len(found) != 1:
            raise forms.ValidationError("没有找到这个单位，请填统一社会信用代码，或与单位资料一致的全称。")
        return found[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        round_, day, at = data.get("round"), data.get("new_day"), data.get("new_time")
        if round_ and day:
            zone = timezone.get_default_timezone()
            data["new_deadline"] = (
                datetime.combine(day, at, tzinfo=zone) if at else day_end(day.year, day.month, day.day)
            )
            enterprise = data.get("enterprise")
            now = round_.deadline_for(enterprise.pk if enterprise else None)
            if "enterprise" not in self.errors and data["new_deadline"] <= now:
                text = last_day_of(now)
                self.add_error("new_day", f"应晚于现在的截止时间（{text.month}月{text.day}日）。")
        return data


class NextYearForm(forms.Form):
    """Every shifted day, to correct before anything is stored. Fields are named by ``Planned.key``."""

    year = forms.IntegerField(label="新的年度", min_value=1979, max_value=2100)
    notice_number = forms.CharField(label="通知文号", max_length=60, required=False, help_text="还没有文号可以留空。")
    notice_date = day_field("通知日期", "还没有发文可以留空。", required=False)
    is_published = forms.BooleanField(
        label="建立后立即对外公布", required=False, help_text="不勾选时先在后台核对，以后在基本信息中公布。"
    )

    def __init__(self, *args: Any, planned: list[Planned], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.planned = planned
        for one in planned:
            self.fields[one.key] = day_field(f"{one.group}{one.label}")
            self.initial.setdefault(one.key, one.day)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        dates = {one.key: data[one.key] for one in self.planned if data.get(one.key)}
        if len(dates) == len(self.planned) and data.get("year"):
            for key, message in wrong(dates, self.planned, data["year"]).items():
                self.add_error(key, message)
        return data

    @property
    def dates(self) -> dict[str, date]:
        return {one.key: self.cleaned_data[one.key] for one in self.planned}

    @property
    def rows(self) -> list[tuple[Planned, Any]]:
        return [(one, self[one.key]) for one in self.planned]


def next_free(source: Programme) -> int:
    """The year after ``source``, or the first later one that does not exist yet."""
    taken = set(Programme.objects.values_list("year", flat=True))
    year = source.year + 1
    while year in taken:
        year += 1
    return year
