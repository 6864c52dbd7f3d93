"""What the secretariat types on the pages of a ranking: scoring rules, level cuts, a decision about one group."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from applications.models import Application
from reviews.actions import levels as level_actions
from reviews.actions.rules import StageValues, problems
from reviews.models import OverrideBasis, Stage
from reviews.points import plain
from reviews.scoring import TIE_LABELS, UNLISTED_LABELS, RoundRules, Tie, Unlisted
from reviews.scoring.levels import (
    ABSENT_LABELS,
    BASE_LABELS,
    METHOD_LABELS,
    TIES_LABELS,
    Absent,
    Base,
    Cut,
    Method,
    Scheme,
    Ties,
)

STAGE_FIELDS = ("weight", "min_valid", "trim_from", "trim_count")


def number(label: str, unit: str = "", **kwargs: Any) -> forms.IntegerField:
    widget = forms.NumberInput({"inputmode": "numeric", **({"data-unit": unit} if unit else {})})
    return forms.IntegerField(label=label, max_value=99, widget=widget, **kwargs)


class RulesForm(forms.Form):
    """One line of fields per active stage; the order among equals as a place for each criterion."""

    unlisted = forms.ChoiceField(
        label="未入选发表的小组",
        choices=[(value.value, label) for value, label in UNLISTED_LABELS.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="修改理由", max_length=300, required=False)

    def __init__(self, stages: Sequence[Stage], rules: RoundRules, *args: Any, scored: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stages, self.scored = stages, scored
        for stage in stages:
            self._add_stage(stage)
        places = [(str(at), f"第 {at} 比") for at in range(1, len(Tie) + 1)] + [("", "不比较")]
        for tie in Tie:
            place = str(rules.tie_order.index(tie) + 1) if tie in rules.tie_order else ""
            self.fields[f"tie_{tie.value}"] = forms.ChoiceField(
                label=TIE_LABELS[tie], choices=places, initial=place, required=False
            )
        self.fields["unlisted"].initial = rules.unlisted.value
        self.fields["reason"].help_text = (
            "已有评委提交评分，修改须写明理由，理由会记入审计。" if scored else "还没有评委提交评分，可以不填。"
        )

    def _add_stage(self, stage: Stage) -> None:
        name = stage.get_kind_display()  # type: ignore[attr-defined]
        weight = forms.DecimalField(
            label=f"{name}权重", max_digits=4, decimal_places=3, initial=plain(stage.weight),
            widget=forms.TextInput({"inputmode": "decimal"}),
        )  # fmt: skip
        self.fields[f"weight_{stage.pk}"] = weight
        for field, label, least in (
            ("min_valid", "最少有效份数", 1), ("trim_from", "去高去低起始份数", 1), ("trim_count", "各去几份", 0)
        ):  # fmt: skip
            self.fields[f"{field}_{stage.pk}"] = number(
                f"{name}{label}", "份", min_value=least, initial=getattr(stage, field)
            )

    def rows(self) -> list[tuple[Stage, list[BoundField]]]:
        return [(stage, [self[f"{name}_{stage.pk}"] for name in STAGE_FIELDS]) for stage in self.stages]

    def ties(self) -> list[BoundField]:
        return [self[f"tie_{tie.value}"] for tie in Tie]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self._check_stages(data)
        if self.scored and not data.get("reason", "").strip():
            self.add_error("reason", "请写明修改理由。")
        placed = [data.get(f"tie_{tie.value}") for tie in Tie if data.get(f"tie_{tie.value}")]
        for tie in Tie:
            place = data.get(f"tie_{tie.value}")
            if place and placed.count(place) > 1:
                self.add_error(f"tie_{tie.value}", f"“第 {place} 比”选了两次。")
        return data

    def _check_stages(self, data: dict[str, Any]) -> None:
        values = self.stage_values()
        for pk, own in problems(values).items():
            for name, text in own.items():
                self.add_error(f"{name}_{pk}", text)
        total = sum((value.weight for value in values.values()), Decimal(0))
        if total != 1 and self.stages:
            self.add_error(
                f"weight_{self.stages[-1].pk}", f"各阶段权重合计为 {plain(total)}，应为 1。"
            )  # fmt: skip

    def stage_values(self) -> dict[int, StageValues]:
        return {
            stage.pk: StageValues(*(self.cleaned_data[f"{name}_{stage.pk}"] for name in STAGE_FIELDS))
            for stage in self.stages
        }

    def tie_order(self) -> list[Tie]:
        placed = [(self.cleaned_data[f"tie_{tie.value}"], tie) for tie in Tie]
        return [tie for place, tie in sorted(placed) if place]

    def unlisted_rule(self) -> Unlisted:
        return Unlisted(self.cleaned_data["unlisted"])


def _choice(label: str, labels: dict[Any, str], **kwargs: Any) -> forms.ChoiceField:
    choices = [(value.value, text) for value, text in labels.items()]
    return forms.ChoiceField(label=label, choices=choices, **kwargs)


class LevelsForm(forms.Form):
    """The cuts of a ranking, read from the address: a preview changes nothing and may be sent to a colleague."""

    method = _choice("划分办法", METHOD_LABELS, initial=Method.QUOTA.value)
    ties = _choice("并列跨过等级线时", TIES_LABELS, initial=Ties.INCLUDE.value)
    base = _choice("比例的基数", BASE_LABELS, initial=Base.RANKED.value)
    absent = _choice("未入选发表的小组", ABSENT_LABELS, initial=Absent.SAME.value)

    def __init__(self, names: Sequence[str], saved: Scheme | None, data: Any = None) -> None:
        self.names = list(names)
        kept = {} if saved is None else {cut.name: plain(cut.value) for cut in saved.cuts}
        values = {f"value_{at}": kept.get(name, "") for at, name in enumerate(self.names)}
        if saved is not None:
            values |= {name: getattr(saved, name).value for name in ("method", "ties", "base", "absent")}
        # A part of the address that says nothing about cuts shows what is saved.
        super().__init__(data if data and "method" in data else None, initial=values)
        for at, name in enumerate(self.names):
            self.fields[f"value_{at}"] = forms.DecimalField(
                label=name, min_value=0, max_digits=7, decimal_places=2, required=False,
                widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
            )  # fmt: skip

    def values(self) -> list[BoundField]:
        return [self[f"value_{at}"] for at in range(len(self.names))]

    def settings(self) -> list[BoundField]:
        return [self[name] for name in ("method", "ties", "base", "absent")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        given = [at for at in range(len(self.names)) if data.get(f"value_{at}") is not None]
        self.scheme = Scheme(
            Method(data["method"]),
            tuple(Cut(self.names[at], data[f"value_{at}"]) for at in given),
            Ties(data["ties"]),
            Base(data["base"]),
            Absent(data["absent"]),
        )
        for place, text in level_actions.problems(self.scheme).items():
            self.add_error(f"value_{given[place] if given else 0}", text)
        return data


class OverrideForm(forms.Form):
    """A level decided by people for one group."""

    application = forms.ModelChoiceField(
        Application.objects.none(), to_field_name="uuid", label="小组", empty_label="请选择"
    )
    level = forms.ChoiceField(label="授予", required=False)
    basis = forms.ChoiceField(label="依据", choices=OverrideBasis.choices)
    reason = forms.CharField(label="理由", max_length=500, help_text="写明会议时间或纪要编号，公示异议时要用。")

    def __init__(self, candidates: Sequence[Application], names: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["application"]
        # Whether the filing stands in this ranking is the action's to decide: a list of ids has a limit.
        field.queryset = Application.objects.all()  # type: ignore[attr-defined]
        field.choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((str(one.uuid), f"{one.file_number} {one.group_name}") for one in candidates),
        ]
        self.fields["level"].initial = names[0] if names else ""
        self.fields["level"].choices = [*((name, name) for name in names), ("", "不授予等级")]  # type: ignore[attr-defined]
