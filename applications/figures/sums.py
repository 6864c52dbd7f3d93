"""Totals of attachment 3 over many enterprises, and rates computed from the totals. Pure Python.

Rounding, the same on the page and in the workbook: counts are whole; money is added in 元 without rounding and shown
in 万元; a rate is rounded once, from the two totals, to two places ROUND_HALF_UP. It is never a mean of rates.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from applications import statistics

Number = int | Decimal
UNKNOWN = ""
UNKNOWN_LABEL = "未填写"
TENTH = Decimal("0.1")


class Entry(NamedTuple):
    """Attachment 3 of one enterprise: from a frozen version, or (``version`` 0) from a draft never submitted."""

    enterprise: int
    name: str
    city: str
    industry: str
    values: Mapping[str, Number | None]
    report: int
    version: int = 0
    filing: int | None = None  # an application whose page shows these figures

    @property
    def is_draft(self) -> bool:
        return not self.version


class Total(NamedTuple):
    """``values`` of an enterprise that left a row empty count as nothing; ``filled`` says how many gave a number."""

    enterprises: int
    values: dict[str, Number]
    filled: dict[str, int]
    rates: dict[str, Decimal | None]

    def of(self, field: str) -> Number | None:
        """A row as it stands in the table: money in 元; None where nobody gave a number or a rate has no base."""
        if field in self.rates:
            return self.rates[field]
        return self.values[field] if self.filled[field] else None


class Line(NamedTuple):
    """One city, industry, enterprise or year."""

    key: str
    label: str
    total: Total


def total(entries: Iterable[Entry]) -> Total:
    rows = [entry.values for entry in entries]
    values: dict[str, Number] = {}
    filled: dict[str, int] = {}
    for field in statistics.FIELDS:
        given = [value for row in rows if (value := row.get(field)) is not None]
        values[field] = sum(given, Decimal(0) if field in statistics.MONEY else 0)
        filled[field] = len(given)
    return Total(len(rows), values, filled, statistics.rates(values))


def lines(entries: Iterable[Entry], key: Callable[[Entry], str], names: Mapping[str, str]) -> list[Line]:
    """One line for each of ``names`` in its order, also where nobody reported; those without a key come last."""
    groups: dict[str, list[Entry]] = {name: [] for name in names}
    for entry in entries:
        groups.setdefault(key(entry) if key(entry) in names else UNKNOWN, []).append(entry)
    return [Line(code, names.get(code, UNKNOWN_LABEL), total(rows)) for code, rows in groups.items()]


def change(now: Any, before: Any) -> Decimal | None:
    """The change against before in percent, one place ROUND_HALF_UP; None without both or from nothing."""
    if now is None or not before:
        return None
    return ((Decimal(now) - Decimal(before)) * 100 / Decimal(before)).quantize(TENTH, ROUND_HALF_UP)


def difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Between two rates: percentage points."""
    return None if now is None or before is None else now - before
