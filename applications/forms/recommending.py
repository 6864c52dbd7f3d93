"""What a recommending unit fills in, and the filters of its list."""

from typing import Any

from django import forms

from applications.models import Decision, Round
from applications.recommendations import OPINION_LENGTH, SENTENCES


class OpinionForm(forms.Form):
    """Ready sentences help; what is typed wins, so that it works without script."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    decision = forms.ChoiceField(label="推荐意见", choices=Decision.choices, widget=forms.RadioSelect)
    sentence = forms.ChoiceField(
        label="常用语",
        required=False,
        choices=[
            ("", "不用常用语，自己写"),
            *((str(Decision(kind).label), [(one, one) for one in ready]) for kind, ready in SENTENCES.items()),
        ],
        help_text="选一句就可以；也可以在下面自己写，两处都有时以下面为准。",
        widget=forms.Select(attrs={"data-sentences": ""}),
    )
    text = forms.CharField(
        label="意见内容",
        required=False,
        max_length=OPINION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "data-sentence-target": ""}),
        help_text=f"不超过 {OPINION_LENGTH} 字，印在正式表格上。",
    )
    signer_name = forms.CharField(label="签署人姓名", max_length=50)
    signer_title = forms.CharField(label="签署人职务", max_length=50)
    confirmed = forms.BooleanField(label="我受本单位委托出具此意见，已核对上面的申报内容。")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        text = values.get("text", "").strip() or values.get("sentence", "")
        if not text and "text" not in self.errors:
            self.add_error("text", "请选一句常用语，或自己写意见内容。")
        chosen, decision = values.get("sentence", ""), values.get("decision", "")
        other = [kind for kind, ready in SENTENCES.items() if chosen in ready and str(kind) != decision]
        if decision and other and text == chosen:
            self.add_error("sentence", "所选常用语与推荐意见不一致，请重新选择。")
        values["text"] = text
        return values


class RecommendFilterForm(forms.Form):
    SHOWS = (("waiting", "待出具"), ("given", "已出具"), ("all", "全部"))
    STATES = (
        ("", "各状态"),
        ("draft", "提交前"),
        ("submitted", "已提交"),
        ("returned", "退回补正"),
        ("accepted", "参评"),
        ("later", "评审及以后"),
    )
    show = forms.ChoiceField(choices=SHOWS, required=False)
    q = forms.CharField(label="单位、小组或文件编号", max_length=100, required=False)
    round = forms.ModelChoiceField(
        Round.objects.select_related("programme").order_by("-programme__year", "-number"),
        label="期",
        required=False,
        empty_label="各期",
    )
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    decision = forms.ChoiceField(label="意见", choices=[("", "各种意见"), *Decision.choices], required=False)
    page = forms.IntegerField(required=False, min_value=1)


class UnitInvitationForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50)
    email = forms.EmailField(label="电子邮箱", help_text="邀请链接发到这个邮箱，14 天内有效。")
