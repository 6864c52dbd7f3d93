"""发送规则: quiet hours, digest, automatic reminders, which letters wait, which further channels."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from qcportal import channels, letter_codes, posting, sending
from qcportal.adminsite import PROGRAMME
from qcportal.models import Channel, SendingRules
from qcportal.roles import Role, has_role

REMINDERS = {"draft": "草稿未提交", "correction": "补正未交回", "scan": "盖章扫描件未上传", "paper": "纸质材料未收到"}
HOLDS = [("", "直接发送"), ("5", "暂缓 5 分钟"), ("10", "暂缓 10 分钟"), ("30", "暂缓 30 分钟"), ("60", "暂缓 1 小时"),
         (sending.BY_PERSON, "等人发送")]  # fmt: skip
# Letters to people outside may go by SMS; to the staff's group what is meant for staff.
# (A receipt is a document, 留言 are kept out of what goes to one person alone, and a secret link stays in its mail.)
MAIL_ONLY = {"receipt", "message", "entered_claim", "person_invitation", "recommender_invitation"}
SMS_LETTERS = [code for code in letter_codes.CODES if code not in MAIL_ONLY]
GROUP_LETTERS = ["message_to_staff", "round_closed", "submissions_arrived", "digest"]


class Steps(NamedTuple):
    """The three fields of one reminder, for the template."""

    title: str
    on: Any
    days: Any
    hours: Any


class NumbersField(forms.CharField):
    """Whole numbers with commas of any kind between them; kept as a list, the largest first."""

    def __init__(self, highest: int, **kwargs: Any) -> None:
        super().__init__(max_length=60, required=False, **kwargs)
        self.highest = highest

    def clean(self, value: Any) -> list[int]:
        words = super().clean(value).replace("，", ",").replace("、", ",").split(",")
        numbers = [word.strip() for word in words if word.strip()]
        if not all(word.isdigit() and 0 < int(word) <= self.highest for word in numbers):
            raise forms.ValidationError(f"请填写 1 到 {self.highest} 的整数，用顿号或逗号隔开，例如 5、2、1。")
        return sorted({int(word) for word in numbers}, reverse=True)


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SendingRules
        fields = ("quiet_on", "quiet_from", "quiet_to", "digest_on", "digest_at", "limit_hours")
        widgets = {
            name: forms.TimeInput(
                attrs={"class": "rules__time", "inputmode": "numeric", "placeholder": "07:30"}, format="%H:%M"
            )
            for name in ("quiet_from", "quiet_to", "digest_at")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for occasion, title in REMINDERS.items():
            said = sending.steps(self.instance, occasion)
            self._add(f"on_{occasion}", forms.BooleanField(label=f"{title}：自动提醒", required=False), said.is_on)
            self._add(f"days_{occasion}", NumbersField(60, label=f"{title}：提前天数"), _joined(said.days))
            self._add(f"hours_{occasion}", NumbersField(23, label=f"{title}：提前小时"), _joined(said.hours))
        for code, known in letter_codes.CODES.items():
            held = forms.ChoiceField(label=f"{known.title}：发送方式", choices=HOLDS, required=False)
            self._add(f"hold_{code}", held, str(self.instance.holds.get(code, "")))
        for channel, code in self.channel_fields():
            label = f"{letter_codes.title(code)}：{Channel(channel).label}"
            on = channel in self.instance.channels.get(code, [])
            self._add(f"{channel}_{code}", forms.BooleanField(label=label, required=False), on)

    def _add(self, name: str, field: forms.Field, initial: Any) -> None:
        self.fields[name] = field
        self.initial.setdefault(name, initial)

    @staticmethod
    def channel_fields() -> list[tuple[str, str]]:
        here = channels.installed()
        letters = {Channel.SMS.value: SMS_LETTERS, Channel.WECOM.value: GROUP_LETTERS}
        return [(channel, code) for channel in here for code in letters.get(channel, [])]

    def save(self, commit: bool = True) -> SendingRules:
        """Only filled in here: the action saves."""
        values = self.cleaned_data
        rules: SendingRules = self.instance
        rules.reminders = {
            occasion: {
                "on": values[f"on_{occasion}"],
                "days": values[f"days_{occasion}"],
                "hours": values[f"hours_{occasion}"],
            }
            for occasion in REMINDERS
        }
        holds = {code: values[f"hold_{code}"] for code in letter_codes.CODES if values[f"hold_{code}"]}
        rules.holds = {code: said if said == sending.BY_PERSON else int(said) for code, said in holds.items()}
        chosen: dict[str, list[str]] = {}
        for channel, code in self.channel_fields():
            if values[f"{channel}_{code}"]:
                chosen.setdefault(code, []).append(channel)
        rules.channels = chosen
        return rules

    # What the template shows, in its order.
    def reminder_rows(self) -> list[Steps]:
        return [
            Steps(title, self[f"on_{code}"], self[f"days_{code}"], self[f"hours_{code}"])
            for code, title in REMINDERS.items()
        ]

    def letter_rows(self) -> list[dict[str, Any]]:
        fields = set(self.fields)
        return [
            {
                "title": known.title, "group": known.group, "hold": self[f"hold_{code}"],
                "sms": self[f"sms_{code}"] if f"sms_{code}" in fields else None,
            }
            for code, known in letter_codes.CODES.items()
        ]  # fmt: skip

    def group_rows(self) -> list[Any]:
        return [self[f"wecom_{code}"] for code in GROUP_LETTERS if f"wecom_{code}" in self.fields]


def _joined(numbers: list[int]) -> str:
    return "、".join(map(str, numbers))


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    may_edit = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    form = RulesForm(request.POST or None, instance=sending.rules())
    if request.method == "POST" and form.is_valid():
        changed = [str(form.fields[name].label) for name in form.changed_data]
        posting.save_rules(form.save(), actor=request.user, changed=changed)  # type: ignore[arg-type]
        flash.success(request, "已保存，从现在起产生的邮件按新规则发送。")
        return redirect("admin:sending_rules")
    context = {
        **admin.site.each_context(request),
        "title": "发送规则",
        "form": form,
        "may_edit": may_edit,
        "has_sms": Channel.SMS in channels.installed(),
        "has_wecom": Channel.WECOM in channels.installed(),
    }
    return render(request, "admin/outbox/rules.html", context, status=400 if form.errors else 200)


admin.site.add_page("sending/", rules, name="sending_rules", title="发送规则", group=PROGRAMME, order=65, icon="clock")
