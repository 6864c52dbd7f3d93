"""What a reader found in a file, cell by cell, and as JSON. Pure Python.

``entry`` is what a person would have typed into the form's field: text (money in 万元, dates as 2026-03-01, codes
of choices), a list of texts (several choices), or a list of rows (members: texts by field name). The normal forms
turn it into values, so a file can put nothing into the portal that typing could not.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

Entry = str | list[str] | list[dict[str, str]]
RAW_AT_MOST = 5000


class ReadCell(NamedTuple):
    key: str  # field name as in applications.sections and statistics: topic_name, steps.effect_check, employees
    label: str
    place: str  # "D7" or "表 1 第 3 行"
    raw: str  # as it stands in the file
    entry: Entry = ""
    problem: str = ""  # why it was not understood; then ``entry`` is not used
    note: str = ""  # understood, but worth a look
    was: str = ""  # what was stored at the upload, as shown; filled in by actions.importing.keep


class Reading(NamedTuple):
    """``base_version``: the edit version the file was exported from, when it says so (then its changes are meant)."""

    cells: list[ReadCell]
    notices: list[str] = []
    base_version: int | None = None


def as_json(cells: Iterable[ReadCell]) -> list[dict[str, Any]]:
    return [cell._replace(raw=cell.raw[:RAW_AT_MOST])._asdict() for cell in cells]


def from_json(stored: list[dict[str, Any]]) -> list[ReadCell]:
    return [ReadCell(**one) for one in stored]
