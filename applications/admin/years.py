"""年度活动 on one page: parts with their state, the picture of the year; rounds and extensions with whom they touch."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import (
    next_year,
    year_texts,  # noqa: F401 -- registers its parts
)
from applications.actions import extending, new_rounds, rounds
from applications.extensions import Affected, affected
from applications.forms.years import ExtendForm, RoundForm
from applications.models import Extension, Programme, Round
from applications.timeline import chart_of
from applications.year_parts import STATES, Year, parts_of
from qcportal import clock
from qcportal.adminsite import PROGRAMME
from qcportal.errors import Refusal
from qcportal.roles import Role, has_role


def may_edit(request: HttpRequest) -> bool:
    return has_role(request.user, Role.SECRETARIAT)


def require_edit(request: HttpRequest) -> None:
    if not may_edit(request):
        raise PermissionDenied


def programme_of(year: int) -> Programme:
    wanted = Programme.objects.prefetch_related("rounds__extensions", "calendar")
    return get_object_or_404(wanted, year=year)


def page(request: HttpRequest, template: str, programme: Programme | None, title: str, **more: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "programme": programme,
        "title": title,
        "may_edit": may_edit(request),
        **more,
    }
    return render(request, f"admin/years/{template}.html", context)


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The year that is worked on: of the round that is open or opened last, else the newest."""
    opened = Round.objects.filter(opens_at__lte=clock.now()).order_by("-opens_at").select_related("programme").first()
    programme = opened.programme if opened else Programme.objects.first()
    if programme is None:
        return page(request, "none", None, "年度活动")
    return redirect("admin:programme_year", programme.year)


@require_safe
def overview(request: HttpRequest, year: int) -> HttpResponse:
    programme, now = programme_of(year), clock.now()
    facts = Year(programme, now)
    parts = parts_of(facts)
    findings = [(part, finding) for part in parts for finding in part.findings]
    return page(
        request, "overview", programme, f"{programme.year} 年度活动",
        parts=parts,
        rounds=[(row, row.deadline_for(None), rounds_state(row, now)) for row in facts.rounds],
        problems=[(part, one) for part, one in findings if one.level != "note"],
        notes=[(part, one) for part, one in findings if one.level == "note"],
        chart=chart_of(programme, now, staff=True),
        years=list(Programme.objects.values_list("year", "title")),
        states=STATES,
        lacking=[(number, dict(Round.NUMBERS)[number]) for number in new_rounds.missing_numbers(programme)],
    )  # fmt: skip


def rounds_state(row: Round, now: Any) -> tuple[str, str, str]:
    if now < row.opens_at:
        return "outline", "clock", "未开放"
    return ("solid", "check", "申报中") if now < row.deadline_for(None) else ("grey", "close", "已截止")


@require_http_methods(["GET", "HEAD", "POST"])
def round_page(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """A round's dates. Once people rely on them a later deadline is an extension, shown with whom it touches."""
    programme = programme_of(year)
    row = get_object_or_404(
        Round.objects.select_related("programme").prefetch_related("extensions__created_by", "extensions__enterprise"),
        programme=programme, number=number,
    )  # fmt: skip
    form = RoundForm(request.POST if request.method == "POST" else None, round_=row)
    relied = rounds.is_relied_on(row, clock.now())
    asked: Affected | None = None
    if request.method == "POST":
        require_edit(request)
        if form.is_valid():
            dates = form.dates()
            extends = relied and dates.closes_at > form.deadline
            if extends and form.cleaned_data["reason"].strip() and "confirm" not in request.POST:
                asked = affected(row, None)
            else:
                answer = _change(request, row, form)
                if answer is not None:
                    return answer
    return page(
        request, "round", programme, f"{row} 日期", form=form, row=row, relied=relied, asked=asked,
        extensions=list(row.extensions.all()), filings=row.applications.count(),
    )  # fmt: skip


def _change(request: HttpRequest, row: Round, form: RoundForm) -> HttpResponse | None:
    try:
        changed = rounds.change_round(
            row,
            actor=request.user,
            dates=form.dates(),
            reason=form.cleaned_data["reason"],  # type: ignore[arg-type]
        )
    except rounds.Wrong as wrong:
        form.refuse(wrong.errors)
        return None
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return None
    if changed.extension is not None:
        messages.success(
            request, f"{row}已延期至{clock.half_open_label(changed.extension.new_deadline)}，已通知各单位。"
        )
    else:
        messages.success(request, f"{row}的日期已保存。" if changed.fields else "没有改动。")
    return redirect("admin:programme_year", row.programme.year)


@require_http_methods(["GET", "HEAD", "POST"])
def add_round(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """A round that the year lacks, with the dates of the notice to correct."""
    require_edit(request)
    programme = programme_of(year)
    if number not in new_rounds.missing_numbers(programme):
        return redirect("admin:programme_year", year)
    row = new_rounds.suggested(programme, number)
    form = RoundForm(request.POST if request.method == "POST" else None, round_=row)
    if request.method == "POST" and form.is_valid():
        try:
            made, said = new_rounds.add_round(programme, number, actor=request.user, dates=form.dates())  # type: ignore[arg-type]
        except rounds.Wrong as wrong:
            form.refuse(wrong.errors)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{made}已建立，{made.closes_label}截止。")
            for sentence in said:
                messages.info(request, sentence)
            return redirect("admin:programme_year", year)
    days = [(label, next_year.day_note(form.initial[name], next_year.exceptions())) for name, label in
            (("closes_on", "网上提交截止"), ("paper_on", "纸质材料截止"))]  # fmt: skip
    return page(
        request, "round", programme, f"新建 {row}", form=form, row=row, relied=False, asked=None, extensions=[],
        filings=0, is_new=True, day_notes=[f"{label}：{note}。" for label, note in days if note],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, year: int) -> HttpResponse:
    """延期 for a whole round or one enterprise: typed, looked at with whom it touches, then given."""
    require_edit(request)
    programme = programme_of(year)
    form = ExtendForm(
        request.POST if request.method == "POST" else None, programme=programme,
        initial={"round": request.GET.get("round"), "enterprise": request.GET.get("enterprise", "")},
    )  # fmt: skip
    asked: Affected | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if "confirm" not in request.POST:
            asked = affected(data["round"], data["enterprise"])
        else:
            given = Extension(
                round=data["round"], enterprise=data["enterprise"], new_deadline=data["new_deadline"],
                reason=data["reason"].strip(),
            )  # fmt: skip
            try:
                extending.grant(given, actor=request.user)  # type: ignore[arg-type]
                messages.success(request, f"已延期：{given}。")
                return redirect("admin:programme_year", year)
            except Refusal as refusal:
                form.add_error(None, refusal.message)
    return page(request, "extend", programme, f"{year} 年度 延期", form=form, asked=asked)


_add = admin.site.add_page
_add("years/", current, name="programme_current", title="本年度一览", group=PROGRAMME, order=5, icon="calendar")
_add("years/<int:year>/", overview, name="programme_year", title="", group=PROGRAMME)
_add("years/<int:year>/rounds/<int:number>/", round_page, name="programme_round", title="", group=PROGRAMME)
_add("years/<int:year>/rounds/<int:number>/new/", add_round, name="programme_round_add", title="", group=PROGRAMME)
_add("years/<int:year>/extend/", extend, name="programme_extend", title="", group=PROGRAMME)
