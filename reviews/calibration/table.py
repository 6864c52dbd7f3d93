"""The points as a table, and which of its rows are complete."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

Scores = Mapping[str, Mapping[str, Decimal]]
Matrix = Sequence[Sequence[Fraction]]  # filings down, judges across


def judges_of(scores: Scores) -> list[str]:
    return sorted({judge for row in scores.values() for judge in row})


def complete_cases(scores: Scores) -> tuple[list[str], list[str], list[list[Fraction]]]:
    """Judges, the filings that all of them scored, and their points.

    Nothing is filled in for a missing cell: a guessed score would agree with whatever guessed it.
    """
    judges = judges_of(scores)
    filings = sorted(filing for filing, row in scores.items() if all(judge in row for judge in judges))
    return judges, filings, [[Fraction(scores[filing][judge]) for judge in judges] for filing in filings]


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    """Of a sample: divided by one less than their number."""
    middle = mean(values)
    return sum(((value - middle) ** 2 for value in values), Fraction(0)) / (len(values) - 1)


def median(values: Sequence[Fraction]) -> Fraction:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
