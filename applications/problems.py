"""One thing to be said about a filing before it is submitted. Pure Python."""

import hashlib
from typing import NamedTuple

from applications import statistics


class Problem(NamedTuple):
    """``level`` is ``error`` (blocks submission) or ``warning``; ``key`` as in sections.FIELD_LABELS.

    ``code`` is ``missing`` for what was not filled in yet, which is no mistake in a draft; a warning's is its own
    within one filing. ``names_people``: the message must not stand where persons may not be named.
    """

    level: str
    key: str
    message: str
    code: str = ""
    facts: str = ""
    names_people: bool = False

    @property
    def blocks(self) -> bool:
        return self.level == "error"

    @property
    def of_report(self) -> bool:
        return self.key.startswith("report.")

    @property
    def fingerprint(self) -> str:
        """Of what was asked: the same code on other facts is another question."""
        return hashlib.sha256(f"{self.code}|{self.facts or self.message}".encode()).hexdigest()[:16]


def warning(code: str, key: str, message: str, *facts: object, names_people: bool = False) -> Problem:
    return Problem("warning", key, message, code, ";".join(statistics.fact(each) for each in facts), names_people)
