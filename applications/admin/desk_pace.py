"""The desk's figures of one round beside the same round a year before: pace, cities, industries, conversion."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict

from applications.admin import queue_filter
from applications.admin.desk_cards import queue_address
from applications.figures import filings, pace
from applications.models import Round
from applications.models.enterprises import Industry
from applications.regions import CITIES, SHORT


class RoundForm(forms.Form):
    """Which round the figures are of."""

    round = forms.ModelChoiceField(
        Round.objects.published().order_by("-programme__year", "-number"), label="期", required=False, empty_label=None
    )


class Cell(NamedTuple):
    """A number and the list behind it ("" where there is none)."""

    number: int | None
    url: str = ""


class Row(NamedTuple):
    label: str
    short: str  # for the axis of a chart
    now: Cell
    before: Cell


def context(query: QueryDict, fallback: Round | None, now: datetime) -> dict[str, Any]:
    """Everything the lower half of the desk shows; empty without any round."""
    form = RoundForm(query)
    asked = form.cleaned_data["round"] if form.is_valid() else None
    round_ = asked or fallback
    if round_ is None:
        return {}
    earlier = filings.year_before(round_)
    found = filings.seasons([round_, earlier] if earlier else [round_], now)
    this, last = found[0], found[1] if earlier else None
    return {
        "form": RoundForm(initial={"round": round_}),
        "round": round_,
        "label": this.label,
        "before": last.label if last else "",
        "days": _days(this, last),
        "steps": _steps(this, last),
        "spans": _spans(this, last),
        "cities": _places(this, last, "city"),
        "industries": _places(this, last, "industry"),
    }


def _days(this: filings.Season, last: filings.Season | None) -> list[dict[str, Any]]:
    """One row a day, both rounds laid over each other by the days left, not by the date."""
    both = [season for season in (this, last) if season is not None]
    first = pace.longest(season.window for season in both)
    end = min(pace.latest(season.rows, season.window.closes_at) for season in both)
    columns = [pace.per_day(season.rows, season.window, first, end) for season in both]
    rows = []
    for place, day in enumerate(columns[0]):
        before = columns[1][place] if last else None
        quiet = not day.filed and not (before and before.filed)
        rows.append({"label": left_label(day.left), "now": day, "before": before, "quiet": quiet and day.left != 0})
    return rows


def left_label(left: int) -> str:
    return "当天" if left == 0 else f"前{left}天" if left > 0 else f"延{-left}天"


def _steps(this: filings.Season, last: filings.Season | None) -> list[dict[str, Any]]:
    """新建, 已提交, 参评: numbers with their lists, and the share that came from the step before."""
    now = pace.facts(this.rows, this.round.closes_at)
    then = pace.facts(last.rows, last.round.closes_at) if last else None
    return [
        _step("新建的申报", "begun", "", queue_filter.EVERY, (this, now), (last, then)),
        _step("已提交", "filed", "filed_share", queue_filter.ALL, (this, now), (last, then)),
        _step("参评及以后", "taking_part", "taking_part_share", queue_filter.IN_AWARDS, (this, now), (last, then)),
    ]


def _step(
    label: str, field: str, share: str, chosen: str, now: tuple[filings.Season, pace.Facts], before: tuple[Any, Any]
) -> dict[str, Any]:
    def side(season: filings.Season | None, facts: pace.Facts | None) -> tuple[Cell, Decimal | None]:
        if season is None or facts is None:
            return Cell(None), None
        cell = Cell(getattr(facts, field), queue_address(chosen, round=season.round.pk))
        return cell, getattr(facts, share) if share else None

    (cell, part), (old, old_part) = side(*now), side(*before)
    return {"label": label, "now": cell, "share": part, "before": old, "before_share": old_part}


def _spans(this: filings.Season, last: filings.Season | None) -> list[dict[str, Any]]:
    now = pace.facts(this.rows, this.round.closes_at)
    then = pace.facts(last.rows, last.round.closes_at) if last else None
    return [
        {"label": label, "unit": unit, "now": getattr(now, field), "before": getattr(then, field) if then else None}
        for label, unit, field in (
            ("从新建到提交（中位数）", "天", "days_to_file"),
            ("最后一天及延期中提交的占比", "%", "last_day_share"),
            ("从提交到首次审查（中位数）", "天", "days_to_check"),
        )
    ]


def _places(this: filings.Season, last: filings.Season | None, kind: str) -> list[Row]:
    """The list behind a number has a filter of its own for each city and industry; not for 未填写."""
    names: dict[str, str] = dict(CITIES) if kind == "city" else {each.value: str(each.label) for each in Industry}
    found: Iterable[filings.Place] = filings.places(this, last, lambda row: getattr(row, kind), names)

    def cell(number: int | None, code: str, season: filings.Season | None) -> Cell:
        if season is None or code not in names or number is None:
            return Cell(number)
        return Cell(number, queue_address(queue_filter.ALL, round=season.round.pk, **{kind: code}))

    return [
        Row(one.label, SHORT.get(one.code, one.label), cell(one.now, one.code, this), cell(one.before, one.code, last))
        for one in found
    ]
