"""连续签收: one field that always waits for the next scan, what the last one was, and the last twenty with 撤销."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import paper_status
from applications.actions import paper_desk, paper_undo
from applications.admin import staff_pages
from applications.models import DeskScan, PaperBatch, PaperReceipt, PartReceipt, ScanResult
from applications.packets.constituents import Constituents
from qcportal.adminsite import FILING
from qcportal.errors import Refusal

LISTED = 20
REASONS = ("扫错了", "不是这一套的", "盖章或内容有问题，退回单位")
# Colour, icon and words of a result: never colour alone.
CHIPS = {
    ScanResult.RECEIVED: ("solid", "check", "已签收"),
    ScanResult.ALREADY: ("red", "alert", "已签收过"),
    ScanResult.STALE: ("red", "history", "不是最新版本"),
    ScanResult.NOT_EXPECTED: ("amber", "warning", "不需要收"),
    ScanResult.UNKNOWN: ("red", "help", "认不出来"),
}


class SeriesForm(forms.Form):
    q = forms.CharField(
        label="扫描或输入",
        max_length=400,
        strip=True,
        error_messages={"required": "没有读到内容，请再扫一次。", "max_length": "读到的内容太长，请再扫一次。"},
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters",
                   "inputmode": "text", "lang": "en"}
        ),
    )  # fmt: skip
    shelf = forms.CharField(label="存放位置", required=False, max_length=40)
    giver = forms.CharField(label="送件人或快递单号", required=False, max_length=60)


class UndoForm(forms.Form):
    reason = forms.CharField(label="撤销原因", max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
def series(request: HttpRequest) -> HttpResponse:
    """GET shows the field; POST is one scan. With a script only the lower half comes back (``part=live``)."""
    if request.method == "POST":
        return _scan(request)
    actor = staff_pages.user_of(request)
    batch = paper_desk.current_batch(actor) if staff_pages.may_edit(request) else None
    return render(request, "admin/paper/series.html", live_context(request, batch, asked(request, batch)))


def _scan(request: HttpRequest) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    live = request.POST.get("part") == "live"
    batch = paper_desk.open_batch(actor=actor)
    form = SeriesForm(request.POST)
    if not form.is_valid():
        context = live_context(request, batch, None, problem=staff_pages.first_error(form))
        template = "admin/paper/series_live.html" if live else "admin/paper/series.html"
        return render(request, template, {**context, "form": form})
    values = form.cleaned_data
    try:
        row = paper_desk.scan(batch, values["q"], actor=actor, shelf=values["shelf"], giver=values["giver"])
    except Refusal as refusal:
        if live:
            return render(
                request, "admin/paper/series_live.html", live_context(request, batch, None, problem=refusal.message)
            )
        messages.error(request, refusal.message)
        return redirect("admin:paper_series")
    if live:
        return render(request, "admin/paper/series_live.html", live_context(request, batch, row))
    return redirect(f"{request.path}?last={row.uuid}")


def asked(request: HttpRequest, batch: PaperBatch | None) -> DeskScan | None:
    try:
        wanted = UUID(request.GET.get("last", ""))
    except ValueError:
        return None
    return DeskScan.objects.filter(uuid=wanted, batch=batch).first() if batch else None


def live_context(
    request: HttpRequest, batch: PaperBatch | None, last: DeskScan | None, *, problem: str = ""
) -> dict[str, Any]:
    rows = list(batch.scans.select_related("enterprise", "round__programme")[:LISTED]) if batch else []
    return staff_pages.context(
        request,
        "连续签收",
        form=SeriesForm(initial={"shelf": batch.shelf, "giver": batch.giver} if batch else None),
        batch=batch,
        last=last,
        chip=CHIPS[ScanResult(last.result)] if last else None,
        status=_status(last),
        problem=problem,
        rows=[{"scan": row, "chip": CHIPS[ScanResult(row.result)]} for row in rows],
        reasons=REASONS,
        received=sum(row.counts for row in rows),
        is_secure=request.is_secure(),
    )


def _status(last: DeskScan | None) -> paper_status.Status | None:
    """How far the set is that the last scan belongs to."""
    if last is None or last.enterprise is None or last.round is None:
        return None
    held = Constituents(last.enterprise, last.round, light=True)
    return paper_status.of(held) if held.submissions else None


@require_POST
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """撤销 of one line of the list."""
    actor = staff_pages.require_secretariat(request)
    row = get_object_or_404(DeskScan, uuid=uuid)
    form = UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明撤销的原因，不超过 200 字。")
    else:
        reason = form.cleaned_data["reason"]
        staff_pages.attempt(
            request, lambda: paper_undo.undo_scan(row, actor=actor, reason=reason), f"已撤销：{row.label}。"
        )
    return staff_pages.back(request, "admin:paper_series")


@require_POST
def undo_receipt(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """撤销 of a receipt that was given on another page."""
    actor = staff_pages.require_secretariat(request)
    receipt: PaperReceipt | PartReceipt
    if kind == "form":
        receipt = get_object_or_404(
            PaperReceipt.objects.select_related("application", "submission", "received_by"), pk=pk
        )
    else:
        receipt = get_object_or_404(PartReceipt.objects.select_related("part", "received_by"), pk=pk)
    form = UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明撤销的原因，不超过 200 字。")
    else:
        reason, label = form.cleaned_data["reason"], str(receipt)
        staff_pages.attempt(
            request, lambda: paper_undo.undo_receipt(receipt, actor=actor, reason=reason), f"已撤销签收：{label}。"
        )
    return staff_pages.back(request, "admin:paper")


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """The batch is over; its slip is shown for printing."""
    actor = staff_pages.require_secretariat(request)
    batch = paper_desk.current_batch(actor)
    if batch is None:
        messages.info(request, "没有正在进行的连续签收。")
        return redirect("admin:paper_series")
    if staff_pages.attempt(request, lambda: paper_desk.close_batch(batch, actor=actor), "这次连续签收已结束。"):
        return redirect("admin:paper_batch", batch.uuid)
    return redirect("admin:paper_series")


@require_safe
def batch_list(request: HttpRequest) -> HttpResponse:
    """The sittings of late, to print a slip again."""
    counts = Q(scans__result=ScanResult.RECEIVED, scans__undone_at=None)
    rows = PaperBatch.objects.select_related("opened_by").annotate(
        received=Count("scans", filter=counts), all=Count("scans")
    )
    page = Paginator(rows.order_by("-pk"), 50).get_page(request.GET.get("page"))
    return render(request, "admin/paper/batches.html", staff_pages.context(request, "签收批次", page=page))


admin.site.add_page("paper/series/", series, name="paper_series", title="", group=FILING)
admin.site.add_page("paper/series/close/", close, name="paper_series_close", title="", group=FILING)
admin.site.add_page("paper/series/<uuid:uuid>/undo/", undo, name="paper_series_undo", title="", group=FILING)
admin.site.add_page(
    "paper/receipts/<slug:kind>/<int:pk>/undo/", undo_receipt, name="paper_undo", title="", group=FILING
)
admin.site.add_page("paper/batches/", batch_list, name="paper_batches", title="", group=FILING)
