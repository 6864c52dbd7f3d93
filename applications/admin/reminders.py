"""催办提醒: choose an occasion, see whom it would reach and whom not, send it once, watch it go."""

import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import regions, reminders
from applications.actions import reminding
from applications.models import Round
from applications.reminders import OCCASIONS, Target, Wanted
from qcportal import clock, letter_texts, sending
from qcportal.adminsite import FILING
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import MailBatch, MailMessage, MailState
from qcportal.roles import Role, has_role

ROWS = 50


class ChoiceForm(forms.Form):
    occasion = forms.ChoiceField(label="事由", choices=[(each.code, each.title) for each in OCCASIONS.values()])
    round = forms.ModelChoiceField(
        Round.objects.select_related("programme").order_by("-programme__year", "-number"),
        label="期", required=False, empty_label="各期",
    )  # fmt: skip
    city = forms.ChoiceField(label="市州", required=False, choices=[("", "各市州"), *regions.CHOICES])
    enterprise = forms.CharField(label="单位名称或信用代码", max_length=100, required=False)
    page = forms.IntegerField(required=False, min_value=1)

    def wanted(self) -> Wanted:
        values = self.cleaned_data
        return Wanted(values["round"], values["city"], values["enterprise"].strip())


class ConfirmForm(ChoiceForm):
    key = forms.UUIDField()
    seen = forms.CharField(max_length=64)


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """GET shows the list for what was chosen; POST sends it, once for each ``key``."""
    if request.method == "POST":
        return _confirm(request)
    return _page(request, ChoiceForm(request.GET if "occasion" in request.GET else None))


def _page(request: HttpRequest, form: ChoiceForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "催办提醒",
        "form": form if form.is_bound else ChoiceForm(),
        "occasions": OCCASIONS.values(),
        "may_send": has_role(request.user, Role.SECRETARIAT),
        "batches": _batches(),
    }
    if form.is_bound and form.is_valid():
        context |= _preview(request, form)
    return render(request, "admin/outbox/reminders.html", context, status=status)


def _preview(request: HttpRequest, form: ChoiceForm) -> dict[str, Any]:
    now = clock.now()
    occasion = OCCASIONS[form.cleaned_data["occasion"]]
    rows = reminders.narrowed(reminders.waiting(occasion.code, now), form.wanted())
    targets = reminders.plan(occasion.code, rows, now)
    told = [target for target in targets if target.people]
    page = Paginator(targets, ROWS).get_page(form.cleaned_data["page"] or 1)
    return {
        "occasion": occasion,
        "page": page,
        "targets": [_row(target) for target in page],
        "told": len(told),
        "mails": sum(len(target.people) for target in told),
        "left_out": sum(len(target.left_out) for target in targets),
        "sample": _sample(occasion.code, told[0]) if told else None,
        "key": uuid.uuid4(),
        "seen": reminders.digest(targets),
        "quiet_until": sending.quiet_until(sending.rules(), now),
    }


def _row(target: Target) -> dict[str, Any]:
    return {
        "enterprise": target.enterprise,
        "applications": target.applications[:3],
        "more": max(len(target.applications) - 3, 0),
        "deadline": target.deadline,
        "people": [person.address for person in target.people],
        "left_out": target.left_out,
        "last": target.last,
    }


def _sample(occasion: str, target: Target) -> letter_texts.Words:
    """The letter as the first on the list would get it."""
    letter = OCCASIONS[occasion].letter
    left = reminders.left_words(target.deadline, clock.now())
    return letter_texts.render(letter, reminders.context(occasion, target, left), f"mail/{letter}.txt")


def _confirm(request: HttpRequest) -> HttpResponse:
    if not has_role(request.user, Role.SECRETARIAT):
        raise PermissionDenied
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        flash.error(request, "请先选择事由并核对名单。")
        return redirect("admin:reminders")
    values = form.cleaned_data
    try:
        batch = reminding.send_batch(
            values["key"], values["occasion"], form.wanted(), seen=values["seen"], actor=request.user  # type: ignore[arg-type]
        )  # fmt: skip
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        flash.error(request, refusal.message)
        return _page(request, form, status=400)
    return redirect(reverse("admin:reminder_batch", args=[batch.uuid]))


def _batches() -> list[dict[str, Any]]:
    rows = MailBatch.objects.select_related("created_by").annotate(mails_written=Count("mails"))[:10]
    return [{"batch": row, "title": OCCASIONS[row.occasion].title, "mails": row.mails_written} for row in rows]  # type: ignore[attr-defined]


@require_safe
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How far one batch is: how many mails wait, left, came back; and to whom."""
    found = get_object_or_404(MailBatch.objects.select_related("created_by"), uuid=uuid)
    mails = MailMessage.objects.filter(batch=found)
    counted = dict(mails.order_by().values_list("state").annotate(number=Count("pk")))
    total = sum(counted.values())
    sent = counted.get(MailState.SENT, 0) + counted.get(MailState.BOUNCED, 0)
    context = {
        **admin.site.each_context(request),
        "title": f"催办提醒：{OCCASIONS[found.occasion].title}",
        "batch": found,
        "states": [(label, counted[state]) for state, label in MailState.choices if state in counted],
        "total": total,
        "sent": sent,
        "is_over": found.written_at is not None and not counted.get(MailState.WAITING, 0),
        "page": Paginator(mails.defer("body").order_by("pk"), ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "admin/outbox/batch.html", context)


admin.site.add_page("reminders/", choose, name="reminders", title="催办提醒", group=FILING, order=26, icon="send")
admin.site.add_page("reminders/<uuid:uuid>/", batch, name="reminder_batch", title="", group=FILING)
