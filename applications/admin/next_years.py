"""建立下一年度: every shifted day is looked at and corrected before the year is made, in one transaction."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from applications import next_year, programme_copy
from applications.actions import programmes
from applications.admin.years import page, require_edit
from applications.forms.years import NextYearForm, next_free
from applications.models import Programme
from qcportal import workdays
from qcportal.adminsite import PROGRAMME
from qcportal.errors import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def next_year_page(request: HttpRequest) -> HttpResponse:
    """``?from=`` is the year to copy, ``?year=`` the one to make; changing either shows the dates anew."""
    require_edit(request)
    source = _source(request)
    if source is None:
        return page(request, "none", None, "建立下一年度")
    year = _year(request, source)
    planned = next_year.plan(source, year)
    posted = request.POST if request.method == "POST" else None
    form = NextYearForm(posted, planned=planned, initial={"year": year})
    if posted is not None and form.is_valid():
        answer = _create(request, source, form)
        if answer is not None:
            return answer
    return page(
        request, "next", source, f"以 {source.year} 年度为样建立新年度", form=form, source=source, year=year,
        sources=list(Programme.objects.values_list("year", flat=True)), months=next_year.months(source),
        copied=list(programme_copy.COPIERS), knows=workdays.knows(year),
    )  # fmt: skip


def _source(request: HttpRequest) -> Programme | None:
    wanted = request.GET.get("from", "")
    rows = Programme.objects.prefetch_related("rounds", "calendar")
    if wanted.isdigit():
        return get_object_or_404(rows, year=int(wanted))
    return rows.filter(is_demo=False).first() or rows.first()


def _year(request: HttpRequest, source: Programme) -> int:
    typed = request.POST.get("year") or request.GET.get("year", "")
    return int(typed) if typed.isdigit() and 1979 <= int(typed) <= 2100 else next_free(source)


def _create(request: HttpRequest, source: Programme, form: NextYearForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        made = programmes.create_year(
            year=data["year"], source=source, actor=request.user,  # type: ignore[arg-type]
            notice_number=data["notice_number"], notice_date=data["notice_date"], is_published=data["is_published"],
            dates=form.dates,
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error("year", refusal.message)
        return None
    messages.success(request, f"{made.programme.year} 年度已建立，请逐项核对下面的自查结果。")
    for sentence in made.left_out:
        messages.warning(request, sentence)
    return redirect("admin:programme_year", made.programme.year)


admin.site.add_page(
    "years/new/", next_year_page, name="programme_next", title="", group=PROGRAMME, order=6, icon="copy"
)
