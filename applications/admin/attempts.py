"""提交经过: "平台 23:59 打不开" answered from the record, for one enterprise or for everybody; with a page to print."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from applications import attempts
from applications.admin import staff_pages
from applications.models import Association, Enterprise, SubmitAttempt
from qcportal import audit, clock
from qcportal.adminsite import FILING

A_PAGE = 50


class WindowForm(forms.Form):
    """Minutes as people name them; the last one is meant whole."""

    start = forms.DateTimeField(
        label="从",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    end = forms.DateTimeField(
        label="到",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        values = self.cleaned_data if self.is_valid() else {}
        end = values.get("end")
        return attempts.window(values.get("start"), end + timedelta(seconds=59) if end else None, now)


class SearchForm(WindowForm):
    q = forms.CharField(label="单位、小组、文件编号或提交人", required=False, max_length=100)
    outcome = forms.ChoiceField(
        label="结果", required=False, choices=[("", "全部结果"), ("bad", "没有成功的"), ("good", "成功的")]
    )
    page = forms.IntegerField(required=False, min_value=1)
    field_order = ["q", "start", "end", "outcome", "page"]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Every press of submit, newest first, with how the portal was in that minute."""
    form = SearchForm(request.GET)
    form.is_valid()
    values = form.cleaned_data
    rows = _found(values)
    page = Paginator(rows.order_by("-arrived_at", "-pk"), A_PAGE).get_page(values.get("page") or 1)
    minutes = attempts.health_of_minutes(list(page.object_list))
    lines = [
        {"row": row, "label": attempts.outcome_label(row), "good": row.outcome in attempts.SUCCESS,
         "missing": attempts.missing_of(row), "minute": minutes.get(attempts.minute_of(row.arrived_at)[0])}
        for row in page.object_list
    ]  # fmt: skip
    start, end = values.get("start"), values.get("end")
    health = attempts.health(start, end + timedelta(seconds=59)) if start and end and start <= end else None
    context = staff_pages.context(request, "提交经过", form=form, page=page, lines=lines, health=health)
    return render(request, "admin/attempts/search.html", context)


def _found(values: dict[str, Any]) -> Any:
    rows = SubmitAttempt.objects.select_related("application__enterprise", "application__round__programme", "user")
    words = (values.get("q") or "").strip()
    if words:
        rows = rows.filter(
            Q(application__enterprise__name__icontains=words)
            | Q(application__group_name__icontains=words)
            | Q(application__file_number__icontains=words)
            | Q(user__name__icontains=words)
        )
    if values.get("start"):
        rows = rows.filter(arrived_at__gte=values["start"])
    if values.get("end"):
        rows = rows.filter(arrived_at__lte=values["end"] + timedelta(seconds=59))
    if values.get("outcome") == "bad":
        rows = rows.exclude(outcome__in=attempts.SUCCESS)
    elif values.get("outcome") == "good":
        rows = rows.filter(outcome__in=attempts.SUCCESS)
    return rows


def _of_enterprise(request: HttpRequest, uuid: UUID, verb: str) -> dict[str, Any]:
    enterprise = get_object_or_404(Enterprise, uuid=uuid)
    form = WindowForm(request.GET)
    start, end = form.window(clock.now())
    if request.method == "GET":
        with transaction.atomic():
            audit.record(
                verb, enterprise, actor=staff_pages.user_of(request), start=start.isoformat(), end=end.isoformat()
            )
    found = attempts.steps(enterprise, start, end)
    presses = [step for step in found if step.kind == "attempt"]
    shown = {"start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{end:%Y-%m-%dT%H:%M}"}
    return staff_pages.context(
        request,
        f"提交经过：{enterprise.name}",
        enterprise=enterprise,
        form=form if form.is_bound and request.GET else WindowForm(initial={"start": start, "end": end}),
        start=start,
        end=end,
        steps=found,
        accepted=sum(step.good for step in presses),
        presses=len(presses),
        health=attempts.health(start, end),
        query=urlencode(shown),
        association=Association.objects.first(),
        now=clock.now(),
    )


@require_safe
def of_enterprise(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One enterprise, minute by minute; looking is recorded."""
    return render(request, "admin/attempts/enterprise.html", _of_enterprise(request, uuid, "attempts.viewed"))


@require_safe
def statement(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """提交经过说明 on one sheet, to read out on the telephone or to send."""
    return render(request, "admin/attempts/statement.html", _of_enterprise(request, uuid, "attempts.printed"))


admin.site.add_page("attempts/", search, name="attempts", title="提交经过", group=FILING, order=28, icon="history")
admin.site.add_page("attempts/<uuid:uuid>/", of_enterprise, name="attempts_enterprise", title="", group=FILING)
admin.site.add_page("attempts/<uuid:uuid>/statement/", statement, name="attempts_statement", title="", group=FILING)
