"""Last year's attachments 2 and 3, to compare with and to start from: as frozen, else as they were left."""

import copy
from decimal import Decimal
from typing import Any

from applications import statistics
from applications.models import AnnualReport, ReportVersion


def as_filed(report: AnnualReport | None, version: ReportVersion | None) -> AnnualReport | None:
    """A copy, not to be saved, with texts and figures of ``version``; the working copy where nothing was frozen.

    What was submitted is what the association has: edits after it that were never submitted are no comparison.
    """
    if report is None or version is None:
        return report
    filed = copy.copy(report)
    for part in version.data.get("summary", []):
        setattr(filed, part["code"], part["text"])
    for row in version.data.get("statistics", []):
        if row["field"] in statistics.FIELDS:
            setattr(filed, row["field"], _stored(row["field"], row["value"]))
    return filed


def _stored(field: str, printed: str) -> Any:
    """Back from the printed form: money from 万元 to 元."""
    if printed == "":
        return None
    return Decimal(printed) * statistics.WAN if field in statistics.MONEY else int(printed)


def compared(report: AnnualReport | None) -> tuple[AnnualReport | None, ReportVersion | None]:
    """What to compare with, and the version it was frozen in (None: never submitted). Asks once for the version."""
    version = report.versions.order_by("-version").first() if report is not None else None
    return as_filed(report, version), version
