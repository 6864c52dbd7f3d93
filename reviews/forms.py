"""Forms of the judges' pages. Points arrive as text, so that nothing typed is ever lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from qcportal import acting
from reviews import points as rules
from reviews.models import RubricItem, ScoreSheet


@dataclass(frozen=True)
class Row:
    """One item of the sheet on the page."""

    item: RubricItem
    points: BoundField
    comment: BoundField

    @property
    def maximum(self) -> str:
        return rules.plain(self.item.max_points)

    @property
    def comment_open(self) -> bool:
        return bool(self.comment.value() or self.comment.errors or self.item.comment_required)


class PointsField(forms.CharField):
    """A number on the item's range and step, or nothing yet."""

    def __init__(self, item: RubricItem, **kwargs: Any) -> None:
        self.item = item
        attrs = {
            "type": "number",
            "inputmode": "decimal",
            "min": "0",
            "max": rules.plain(item.max_points),
            "step": rules.plain(item.step),
            "placeholder": "—",
            "autocomplete": "off",
        }
        super().__init__(required=False, label=item.name, max_length=12, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Decimal | None:  # type: ignore[override]
        try:
            points = rules.parse(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        problem = "" if points is None else rules.problem(points, self.item.max_points, self.item.step)
        if problem:
            raise forms.ValidationError(problem)
        return points


class SheetForm(forms.Form):
    """One field for points and one for a comment per item; ``edit_version`` says what the page was loaded from."""

    edit_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    overall = forms.CharField(
        label="总体评语",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "优点、不足与改进建议"}),
    )

    def __init__(self, items: list[RubricItem], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            self.fields[f"points-{item.code}"] = PointsField(item)
            self.fields[f"comment-{item.code}"] = forms.CharField(
                label=f"{item.name}评语",
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2, "data-need": "必填" if item.comment_required else "选填"}),
            )
        self.order_fields([*(name for item in items for name in (f"points-{item.code}", f"comment-{item.code}"))])

    def rows(self) -> Iterator[Row]:
        for item in self.items:
            yield Row(item, self[f"points-{item.code}"], self[f"comment-{item.code}"])

    @property
    def points(self) -> dict[str, Decimal | None]:
        return {item.code: self.cleaned_data.get(f"points-{item.code}") for item in self.items}

    @property
    def comments(self) -> dict[str, str]:
        return {item.code: self.cleaned_data.get(f"comment-{item.code}", "") for item in self.items}

    def add_problems(self, problems: dict[str, str]) -> None:
        """Put an action's refusal beside the items it speaks of."""
        for code, text in problems.items():
            self.add_error(f"points-{code}", text)

    def as_loaded_from(self, sheet: ScoreSheet) -> None:
        """Saving again now means: over what is stored (after a stale save was shown with both values)."""
        self.data = self.data.copy()
        self.data["edit_version"] = str(sheet.edit_version)


def initial_of(sheet: ScoreSheet | None) -> dict[str, Any]:
    if sheet is None or acting.looking_only():  # points are the judge's until the sheet is in
        return {"edit_version": 0}
    values: dict[str, Any] = {"edit_version": sheet.edit_version, "overall": sheet.comment}
    for score in sheet.scores.select_related("item"):
        values[f"points-{score.item.code}"] = "" if score.points is None else rules.plain(score.points)
        values[f"comment-{score.item.code}"] = score.comment
    return values


class PledgeForm(forms.Form):
    version = forms.CharField(widget=forms.HiddenInput, max_length=20)
    accepted = forms.BooleanField(label="我已阅读并承诺遵守以上各条", required=True)


class RecusalForm(forms.Form):
    reason = forms.CharField(
        label="回避理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="例如：曾辅导该小组、与小组成员有亲属关系。只有秘书处能看到。",
    )


class SubmitForm(forms.Form):
    edit_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
