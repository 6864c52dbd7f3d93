"""What is still missing before an application can be submitted, and what looks odd."""

from typing import NamedTuple

from applications.models import AnnualReport, Application


class Problem(NamedTuple):
    """``level`` is ``error`` (blocks submission) or ``warning``; ``key`` as in sections.FIELD_LABELS."""

    level: str
    key: str
    message: str

    @property
    def blocks(self) -> bool:
        return self.level == "error"


def problems(application: Application) -> list[Problem]:
    """Everything about attachment 1, its evidence, and attachments 2 and 3 that it stands on, and cross-checks."""
    return []


def report_problems(report: AnnualReport) -> list[Problem]:
    """Everything about attachments 2 and 3."""
    return []
