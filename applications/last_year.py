"""The year before: attachments 2 and 3 to compare with and to start from. One rule for forms and statistics.

It is the newest earlier year that the enterprise submitted a report for, as frozen; the year it left out is passed
over. An enterprise that never submitted one is compared with its newest draft. Demo years beside demo years only.
"""

import copy
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from applications import statistics
from applications.models import AnnualReport, Programme, ReportVersion


def up_to(programme: Programme) -> "QuerySet[AnnualReport]":
    """Reports of this year and of earlier ones; ``split`` finds the two of an enterprise among them."""
    frozen = Exists(ReportVersion.objects.filter(report=OuterRef("pk")))
    rows = AnnualReport.objects.filter(programme__year__lte=programme.year, programme__is_demo=programme.is_demo)
    return rows.annotate(was_frozen=frozen).select_related("programme")


def split(rows: Iterable[AnnualReport], programme: Programme) -> tuple[AnnualReport | None, AnnualReport | None]:
    """This year's report of an enterprise, and the one that it is compared with."""
    ours, earlier = None, []
    for row in rows:
        if row.programme_id == programme.pk:
            ours = row
        else:
            earlier.append(row)
    return ours, max(earlier, key=_rank, default=None)


def before(enterprise: int, programme: Programme) -> AnnualReport | None:
    return split(up_to(programme).filter(enterprise=enterprise), programme)[1]


def _rank(report: AnnualReport) -> tuple[bool, int]:
    return report.was_frozen, report.programme.year  # type: ignore[attr-defined]


def figures_before(enterprises: Iterable[int], programme: Programme) -> dict[int, dict[str, Any]]:
    """By enterprise the rows of attachment 3 that this year's are compared with. Two queries, whatever the number."""
    rows = up_to(programme).exclude(programme=programme).filter(enterprise__in=list(enterprises))
    chosen: dict[int, AnnualReport] = {}
    for row in rows.only(*statistics.FIELDS, "enterprise_id", "programme__year"):
        known = chosen.get(row.enterprise_id)
        if known is None or _rank(row) > _rank(known):
            chosen[row.enterprise_id] = row
    versions = ReportVersion.objects.filter(report__in=[row.pk for row in chosen.values()]).order_by("version")
    newest = {version.report_id: version for version in versions.defer("personal") if version}
    found = {}
    for enterprise, row in chosen.items():
        filed = as_filed(row, newest.get(row.pk))
        found[enterprise] = {name: getattr(filed, name) for name in statistics.FIELDS}
    return found


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
