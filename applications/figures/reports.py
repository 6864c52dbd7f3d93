"""Attachment 3 of all enterprises for one year, as frozen or as it stands in drafts, and who has not reported."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Value

from applications import last_year, statistics
from applications.figures import outliers, sums
from applications.figures.sums import Entry, Number
from applications.models import (
    AnnualReport,
    Application,
    Enterprise,
    Programme,
    ReportVersion,
    Submission,
    WarningConfirmation,
)
from applications.models.enterprises import Industry
from applications.regions import CITIES

YEARS_SHOWN = 5


class Year(NamedTuple):
    """What was frozen for one programme, newest version of each enterprise."""

    programme: Programme
    entries: list[Entry]


def frozen(programmes: Iterable[Programme]) -> list[Year]:
    """The newest frozen version of every report of these programmes, by name of the enterprise. One query."""
    years = {programme.pk: Year(programme, []) for programme in programmes}
    newer = ReportVersion.objects.filter(report=OuterRef("report"), version__gt=OuterRef("version"))
    shown = Submission.objects.filter(report_version=OuterRef("pk")).order_by("-pk").values("application_id")
    rows = (
        ReportVersion.objects.filter(~Exists(newer), report__programme__in=list(years))
        .order_by("report__enterprise__name", "report_id")
        .values_list(
            "report__programme_id", "report__enterprise_id", "report__enterprise__name", "report__enterprise__city",
            "report__enterprise__industry", "report_id", "version", Subquery(shown[:1]), "data__statistics",
        )
    )  # fmt: skip
    for programme, enterprise, name, city, industry, report, version, filing, printed in rows:
        values = {row["field"]: stored(row["field"], row["value"]) for row in printed or []}
        years[programme].entries.append(Entry(enterprise, name, city, industry, values, report, version, filing))
    return list(years.values())


def stored(field: str, printed: str) -> Number | None:
    """Back from the frozen, printed form: money from 万元 to 元, "" to None. Rates are never read, always computed."""
    if printed == "" or field in statistics.COMPUTED:
        return None
    return Decimal(printed) * statistics.WAN if field in statistics.MONEY else int(printed)


def drafts(programme: Programme) -> list[Entry]:
    """Reports that were never frozen, as they stand, where at least one number is filled in. One query."""
    filing = Application.objects.filter(
        enterprise=OuterRef("enterprise"), round__programme=OuterRef("programme")
    ).order_by("-pk")
    rows = (
        AnnualReport.objects.filter(programme=programme)
        .filter(~Exists(ReportVersion.objects.filter(report=OuterRef("pk"))))
        .annotate(filing=Subquery(filing.values("pk")[:1]))
        .select_related("enterprise")
        .order_by("enterprise__name", "pk")
        .only(*statistics.FIELDS, "enterprise__name", "enterprise__city", "enterprise__industry", "programme_id")
    )
    found = [_of_draft(row) for row in rows]
    return [entry for entry in found if any(value is not None for value in entry.values.values())]


def _of_draft(report: Any) -> Entry:
    of = report.enterprise
    values = {field: getattr(report, field) for field in statistics.FIELDS}
    return Entry(of.pk, of.name, of.city, of.industry, values, report.pk, 0, report.filing)


def newest_reported() -> Programme | None:
    """The newest programme that any report was frozen for, else the newest one."""
    reported = ReportVersion.objects.filter(report__programme=OuterRef("pk"))
    return Programme.objects.annotate(reported=Exists(reported)).order_by("-reported", "-year").first()


def years_up_to(programme: Programme) -> list[Programme]:
    """The chosen programme and those before it, newest first; demo years beside demo years only."""
    earlier = Programme.objects.filter(year__lte=programme.year, is_demo=programme.is_demo).order_by("-year")
    return list(earlier[:YEARS_SHOWN])


def by_city(entries: Iterable[Entry]) -> list[sums.Line]:
    return sums.lines(entries, lambda entry: entry.city, CITIES)


def by_industry(entries: Iterable[Entry]) -> list[sums.Line]:
    return sums.lines(entries, lambda entry: entry.industry, {each.value: str(each.label) for each in Industry})


# --- What the enterprises said ----------------------------------------------------------------------


def said(programme: Programme, *, with_drafts: bool = False) -> dict[int, dict[str, str]]:
    """By report and row of attachment 3, the reason given for a warning: as frozen, for drafts as it stands."""
    found: dict[int, dict[str, str]] = {}
    frozen_answers = (
        Submission.objects.filter(report_version__report__programme=programme, data__has_key="explanations")
        .order_by("pk")
        .values_list("report_version__report_id", "data__explanations")
    )
    for report, answers in frozen_answers:
        for answer in answers or []:
            _note(found, report, answer.get("code", ""), answer.get("reason", ""))
    if with_drafts:
        unfrozen = WarningConfirmation.objects.filter(report__programme=programme, report__versions=None)
        for report, code, reason in unfrozen.values_list("report_id", "code", "reason"):
            _note(found, report, code, reason)
    return found


# Codes of statistics.check whose row is not the end of the code itself.
ROW_OF_CODE = {
    "statistics_results_above_registered": "results_count",
    "statistics_active_above_registered": "groups_active",
    "statistics_few_employees": "employees",
    "statistics_benefit_without_results": "results_count",
    "statistics_benefit_too_large": "direct_benefit",
    "statistics_benefit_too_small": "direct_benefit",
}


def _note(found: dict[int, dict[str, str]], report: int, code: str, reason: str) -> None:
    field = ROW_OF_CODE.get(code) or code.removeprefix("statistics_jump_")
    if code.startswith("statistics_") and field in statistics.FIELDS:
        found.setdefault(report, {})[field] = reason


def standing_apart(entries: list[Entry], programme: Programme) -> list[outliers.Outlier]:
    """Against the year that each enterprise reported last, as its own form does."""
    before = last_year.figures_before({entry.enterprise for entry in entries}, programme)
    answers = said(programme, with_drafts=any(entry.is_draft for entry in entries))
    return outliers.found(entries, before, answers)


# --- Who has not reported ---------------------------------------------------------------------------


def missing(programme: Programme) -> QuerySet[Enterprise]:
    """Enterprises without a frozen report of this programme: those of last year first, then by city and name.

    Last year is the programme before that has any frozen report. ``reported_before`` and ``has_draft`` say how far
    each is; whoever registered only after the programme's last deadline is not asked.
    """
    of = ReportVersion.objects.filter(report__enterprise=OuterRef("pk"))
    last = programme_before(programme)
    before = Exists(of.filter(report__programme=last)) if last else Value(False)
    begun = AnnualReport.objects.filter(enterprise=OuterRef("pk"), programme=programme)
    end = programme.rounds.order_by("-closes_at").values_list("closes_at", flat=True).first()
    rows = Enterprise.objects.filter(~Exists(of.filter(report__programme=programme)))
    if end is not None:
        rows = rows.filter(created_at__lt=end)
    return rows.annotate(reported_before=before, has_draft=Exists(begun)).order_by(
        F("reported_before").desc(), "city", "name", "pk"
    )


def programme_before(programme: Programme) -> Programme | None:
    reported = ReportVersion.objects.filter(report__programme=OuterRef("pk"))
    earlier = Programme.objects.filter(Exists(reported), year__lt=programme.year, is_demo=programme.is_demo)
    return earlier.order_by("-year").first()
