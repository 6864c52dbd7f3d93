"""Public pages around the home page: notices, calendar, results, blank forms, rules, demo mail."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applications import next_year
from applications.announcing import announcement_end
from applications.field_list import NOTHING_CHANGED
from applications.models import DownloadTemplate, JoinRequest, Notice, NoticeFile
from applications.notice_pages import beside, files_of, shown_body
from applications.timeline import chart_of
from applications.views.members import membership_of
from qcportal import clock, files
from qcportal.models import MailMessage
from qcportal.roles import Role, has_role, roles_of
from qcportal.site.programme import shown_programme
from reviews.models import Ranking

NOTICES_PER_PAGE = 20


def page_of(request: HttpRequest, rows: Any, size: int) -> Any:
    return Paginator(rows, size).get_page(request.GET.get("page"))


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    page = page_of(request, Notice.objects.published().notices().defer("body"), NOTICES_PER_PAGE)
    return render(request, "site/notices.html", {"page": page})


@require_safe
def notice(request: HttpRequest, slug: str) -> HttpResponse:
    return _document(request, get_object_or_404(Notice.objects.published().notices(), slug=slug))


@require_safe
def fixed_page(request: HttpRequest, slug: str) -> HttpResponse:
    """关于, 联系, 常见问题, …: written by the secretariat like notices."""
    return _document(request, get_object_or_404(Notice.objects.published().pages(), slug=slug))


def _document(request: HttpRequest, row: Notice) -> HttpResponse:
    found = files_of(row)
    context = {"notice": row, "body": shown_body(row, found), "files": beside(row, found)}
    return render(request, "site/notice.html", context)


@require_safe
def notice_file(request: HttpRequest, uuid: Any, name: str) -> HttpResponseBase:
    """Public with its notice; before that for the secretariat and auditors, who preview it."""
    row = get_object_or_404(NoticeFile.objects.select_related("notice", "file"), uuid=uuid)
    if not row.notice.is_public(clock.now()) and not has_role(request.user, Role.SECRETARIAT, Role.AUDITOR):
        raise Http404
    return files.response(row.file, row.name, wanted=request.headers.get("Range", ""))


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """How to file, for someone who has never seen the portal: the steps, what to have at hand, until when."""
    programme = shown_programme(clock.now())
    limits = {"megabytes": settings.EVIDENCE_MAX_BYTES // 1024 // 1024, "files": settings.EVIDENCE_MAX_FILES}
    fields = programme.fields if programme else NOTHING_CHANGED
    needed = [fields.evidence_kind(kind) for kind in fields.required_kinds()]
    return render(request, "site/guide.html", {"programme": programme, "limits": limits, "needed": needed})


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Deadlines and events of the shown year, with the state of each round by the server's time."""
    now = clock.now()
    programme = shown_programme(now)
    context: dict[str, Any] = {"programme": programme, "now": now}
    if programme is not None:
        context["rounds"] = [(each, _round_state(each, now)) for each in programme.rounds.all()]
        context["chart"] = chart_of(programme, now)
    return render(request, "site/calendar.html", context)


def _round_state(round_: Any, now: Any) -> str:
    if round_.is_open(now):
        return "open"
    return "upcoming" if now < round_.opens_at else "closed"


# What an announced row may show to the public; the frozen data holds scores and judges as well.
RESULT_FIELDS = ("enterprise", "group", "topic")


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Announced rankings, newest first: unit, group, topic and result, never a score."""
    rankings = (
        Ranking.objects.filter(announced_at__isnull=False)
        .select_related("programme", "round__programme", "special_award")
        .order_by("-announced_at", "-id")
    )
    page = page_of(request, rankings, 6)
    exceptions, now = next_year.exceptions(), clock.now()
    ends = [announcement_end(each.programme, each.announced_at, exceptions) for each in page]  # type: ignore[arg-type]
    shown = [
        {"ranking": each, "rows": public_rows(each.data), "ends_at": end, "is_over": end <= now}
        for each, end in zip(page, ends, strict=True)
    ]
    return render(request, "site/results.html", {"page": page, "shown": shown})


def public_rows(data: Any) -> list[dict[str, str]]:
    """The rows of a frozen ranking that have a result, reduced to RESULT_FIELDS and that result in words.

    Where awards were decided only the awarded are named; nobody is shown as having got nothing.
    """
    rows = data.get("rows", []) if isinstance(data, dict) else []
    rows = [row for row in rows if isinstance(row, dict)]
    if any(row.get("award") for row in rows):
        rows = [row for row in rows if row.get("award")]
    reduced = [{**{name: str(row.get(name) or "") for name in RESULT_FIELDS}, "result": _result(row)} for row in rows]
    return [row for row in reduced if row["enterprise"] and row["result"]]


def _result(row: dict[str, Any]) -> str:
    """The award where one was decided, else the place; "" for groups without a rank."""
    if row.get("award"):
        return str(row["award"])
    return f"第 {row['rank']} 名" if row.get("rank") else ""


@require_safe
def template_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    row = get_object_or_404(DownloadTemplate.objects.select_related("file"), slug=slug)
    return files.response(row.file, row.file_name, download=True)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "site/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "site/accessibility.html")


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """Demo mode only: the mails that were not really sent."""
    _only_in_demo()
    return render(request, "site/demo_mail.html", {"page": page_of(request, MailMessage.objects.defer("body"), 20)})


@require_safe
def demo_mail_message(request: HttpRequest, pk: int) -> HttpResponse:
    _only_in_demo()
    return render(request, "site/demo_mail_message.html", {"mail": get_object_or_404(MailMessage, pk=pk)})


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise Http404


@never_cache
@require_safe
def home_of_user(request: HttpRequest) -> HttpResponse:
    """After logging in: the place where this person's work waits."""
    user = request.user
    if not user.is_authenticated:
        return redirect("account_login")
    codes = roles_of(user)
    if user.is_staff:
        return redirect("/admin/")
    if codes & {Role.JUDGE, Role.LEAD_JUDGE}:
        return redirect("/reviews/")
    if membership_of(request):
        return redirect("/applications/")
    if Role.RECOMMENDER in codes:
        return redirect("applications:recommend")
    if JoinRequest.objects.waiting().filter(user=user).exists():
        return redirect("applications:enterprise")
    return redirect("/events/" if Role.EVENT_STAFF in codes else "/")
