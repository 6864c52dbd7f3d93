"""全省统计: attachment 3 of all enterprises added up, who has not reported, what stands apart, the summary workbook."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from applications import statistics
from applications.exchange import XLSX_TYPE
from applications.figures import reports, sums, workbook
from applications.figures.sums import Entry, Line, Total
from applications.models import Programme
from applications.regions import SHORT
from qcportal import audit, clock
from qcportal.adminsite import FILING

FROZEN, ALL = "frozen", "all"
SCOPES = ((FROZEN, "已提交的最新版本"), (ALL, "已提交的最新版本和未提交的草稿"))
PER_PAGE = 50
# Columns of the tables by city, industry and enterprise; the whole of attachment 3 is in the workbook.
COLUMNS = (
    "groups_registered", "groups_active", "participants", "results_count", "direct_benefit",
    "result_rate", "participation_rate", "activity_rate",
)  # fmt: skip


class ChoiceForm(forms.Form):
    """The year that attachments 2 and 3 report on, named with its programme; and what is counted."""

    programme = forms.ModelChoiceField(Programme.objects.order_by("-year"), label="数据年度", required=False)
    scope = forms.ChoiceField(label="范围", choices=SCOPES, required=False)
    page = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["programme"]
        field.empty_label = None
        field.label_from_instance = lambda row: f"{row.data_year} 年（{row.year} 年度活动）"


class Chosen(NamedTuple):
    programme: Programme
    scope: str
    page: int

    @property
    def query(self) -> str:
        return urlencode({"programme": self.programme.pk, "scope": self.scope})


class Figures(NamedTuple):
    """Everything the page and the workbook show."""

    chosen: Chosen
    years: list[reports.Year]  # newest first; the chosen one in front
    drafts: list[Entry]
    entries: list[Entry]  # what is counted

    @property
    def last(self) -> reports.Year | None:
        return self.years[1] if len(self.years) > 1 else None


def choose(request: HttpRequest) -> Chosen | None:
    """Without a choice: the newest year that anything was frozen for."""
    form = ChoiceForm(request.GET)
    form.is_valid()
    data = form.cleaned_data
    programme = data.get("programme") or reports.newest_reported()
    if programme is None:
        return None
    return Chosen(programme, data.get("scope") or FROZEN, data.get("page") or 1)


def gather(chosen: Chosen) -> Figures:
    years = reports.frozen(reports.years_up_to(chosen.programme))
    drafts = reports.drafts(chosen.programme)
    counted = [*years[0].entries, *drafts] if chosen.scope == ALL else years[0].entries
    reported = [years[0], *(year for year in years[1:] if year.entries)]
    return Figures(chosen, reported, drafts, sorted(counted, key=lambda entry: (entry.name, entry.report)))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    chosen = choose(request)
    context = {**admin.site.each_context(request), "title": "全省统计"}
    if chosen is None:
        return render(request, "admin/figures/page.html", context)
    figures = gather(chosen)
    last = figures.last.entries if figures.last else []
    apart = reports.standing_apart(figures.entries, chosen.programme)
    context |= {
        "form": ChoiceForm(initial={"programme": chosen.programme, "scope": chosen.scope}),
        "chosen": chosen,
        "figures": figures,
        "missing": reports.missing(chosen.programme).count(),
        "rows": _rows(sums.total(figures.entries), sums.total(last) if last else None),
        "heads": [statistics.BY_FIELD[field] for field in COLUMNS],
        "cities": _lines(reports.by_city(figures.entries)),
        "industries": _lines(reports.by_industry(figures.entries)),
        "years": _lines([_year(year) for year in reversed(figures.years)]),
        "page": _page(figures.entries, chosen.page),
        "outliers": apart,
        "unexplained": sum(not one.explained for one in apart),
    }
    return render(request, "admin/figures/page.html", context)


def _year(year: reports.Year) -> Line:
    return Line(str(year.programme.pk), f"{year.programme.data_year} 年", sums.total(year.entries))


def _rows(now: Total, before: Total | None) -> list[dict[str, Any]]:
    """Attachment 3 row by row: the total, how many gave a number, last year's total and the change."""
    return [
        {
            "row": row,
            "now": shown(row.field, now),
            "filled": now.filled.get(row.field),
            "before": shown(row.field, before) if before else "",
            "change": _change(row.field, now, before) if before else "",
        }
        for row in statistics.ROWS
    ]


def _change(field: str, now: Total, before: Total) -> str:
    if field in statistics.COMPUTED:
        points = sums.difference(now.rates[field], before.rates[field])
        return f"{points:+,} 个百分点" if points is not None else "—"
    percent = sums.change(now.of(field), before.of(field))
    return f"{percent:+,}%" if percent is not None else "—"


def shown(field: str, total: Total) -> str:
    """A number of the tables: money in 万元 with two places, rates with two, counts with separators, "—" for none."""
    value = total.of(field)
    if value is None:
        return "—"
    if field in statistics.MONEY:
        return f"{workbook.wan(value):,.2f}"
    return f"{value:,}"


def _lines(lines: list[Line]) -> list[dict[str, Any]]:
    return [
        {
            "label": line.label,
            "short": SHORT.get(line.key, line.label),
            "count": line.total.enterprises,
            "cells": [shown(field, line.total) for field in COLUMNS],
        }
        for line in lines
    ]


def _page(entries: list[Entry], number: int) -> Any:
    page_ = Paginator(entries, PER_PAGE).get_page(number)
    page_.rows = [
        {
            "entry": entry,
            "cells": [(statistics.BY_FIELD[field].label, shown(field, total)) for field in COLUMNS],
        }
        for entry in page_.object_list
        for total in [sums.total([entry])]
    ]
    return page_


@require_safe
def missing(request: HttpRequest) -> HttpResponse:
    """Who has not reported, with whole telephone numbers because staff call them; looking is recorded."""
    chosen = choose(request)
    context = {**admin.site.each_context(request), "title": "缺报单位", "chosen": chosen}
    if chosen is not None:
        page_ = Paginator(reports.missing(chosen.programme), PER_PAGE).get_page(chosen.page)
        with transaction.atomic():
            audit.record(
                "figures.phones_viewed",
                chosen.programme,
                actor=request.user,
                rows=len(page_.object_list),  # type: ignore[arg-type]
            )
        form = ChoiceForm(initial={"programme": chosen.programme, "scope": chosen.scope})
        context |= {"page": page_, "form": form}
    return render(request, "admin/figures/missing.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The association's summary tables as one workbook. It holds contacts of those missing, so it is recorded."""
    chosen = choose(request)
    if chosen is None:
        return HttpResponse(status=404)
    figures = gather(chosen)
    last = figures.last.entries if figures.last else []
    book = workbook.build(
        workbook.Content(
            programme=chosen.programme,
            scope=dict(SCOPES)[chosen.scope],
            at=clock.now(),
            entries=figures.entries,
            last=last,
            last_year=figures.last.programme.data_year if figures.last else None,
            missing=list(reports.missing(chosen.programme)),
            outliers=reports.standing_apart(figures.entries, chosen.programme),
        )
    )
    with transaction.atomic():
        audit.record(
            "figures.exported",
            chosen.programme,
            actor=request.user,
            scope=chosen.scope,
            rows=len(figures.entries),  # type: ignore[arg-type]
        )
    answer = HttpResponse(book, content_type=XLSX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="statistics-{chosen.programme.data_year}.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer


admin.site.add_page("figures/", page, name="figures", title="全省统计", group=FILING, order=45, icon="chart")
admin.site.add_page("figures/missing/", missing, name="figures_missing", title="", group=FILING)
admin.site.add_page("figures/export.xlsx", export, name="figures_export", title="", group=FILING)
