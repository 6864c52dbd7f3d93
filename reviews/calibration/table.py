"""Points by filing and judge, with holes where a judge was recused or has not handed in. Pure Python."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

Filing = TypeVar("Filing", bound=Hashable)
Judge = TypeVar("Judge", bound=Hashable)

MIN_FILINGS = 5  # under five filings in common the figures say more of chance than of judges


@dataclass(frozen=True)
class Table(Generic[Filing, Judge]):
    """``points[filing][judge]``, only where a sheet counts. Exact: a figure never depends on the order of input."""

    points: Mapping[Filing, Mapping[Judge, Fraction]]

    @classmethod
    def of(cls, sheets: Iterable[tuple[Filing, Judge, object]]) -> "Table[Filing, Judge]":
        """From (filing, judge, points); refused (ValueError) when a judge appears twice on one filing."""
        points: dict[Filing, dict[Judge, Fraction]] = {}
        for filing, judge, value in sheets:
            row = points.setdefault(filing, {})
            if judge in row:
                raise ValueError(f"{judge} has two sheets for {filing}")
            row[judge] = Fraction(str(value))
        return cls(points)

    @property
    def judges(self) -> list[Judge]:
        """In the order they first appear."""
        return list(dict.fromkeys(judge for row in self.points.values() for judge in row))

    def complete(self) -> list[list[Fraction]]:
        """Rows of the filings that every judge of the table scored, columns in the order of ``judges``."""
        judges = self.judges
        return [[row[judge] for judge in judges] for row in self.points.values() if len(row) == len(judges)]

    def others_mean(self, filing: Filing, judge: Judge) -> Fraction | None:
        """Of the other judges of a filing; None where there is no other."""
        others = [value for name, value in self.points[filing].items() if name != judge]
        return sum(others, Fraction(0)) / len(others) if others else None


def ranks(values: Sequence[Fraction]) -> list[Fraction]:
    """Equal values share the mean of their places; the smallest is 1."""
    counts, place = Counter(values), 1
    shared: dict[Fraction, Fraction] = {}
    for value in sorted(counts):
        shared[value] = Fraction(2 * place + counts[value] - 1, 2)
        place += counts[value]
    return [shared[value] for value in values]
