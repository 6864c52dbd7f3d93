"""留言 as the enterprise sees it. The secretariat answers in the admin."""

from uuid import UUID

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import letters
from applications.actions import messages
from applications.forms.messages import MessageForm, NewThreadForm
from applications.models import Application, Thread
from applications.views.members import membership_or_404
from qcportal import acting, clock
from qcportal.errors import NotAllowed, Refusal

LISTED = 100
LETTERS_A_PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread_list(request: HttpRequest) -> HttpResponse:
    membership = membership_or_404(request)
    about = _about(request)
    begun = Thread.objects.filter(application=about).first() if about else None
    if begun is not None and request.method != "POST":
        return redirect(reverse("applications:thread", args=[begun.uuid]) + "#write")
    form = NewThreadForm(
        request.POST if request.method == "POST" else None,
        user=request.user,  # type: ignore[arg-type]
        initial={"application": about},
    )
    if form.is_valid():
        thread = messages.thread_for(form.cleaned_data["application"])
        return _post(request, thread, form.cleaned_data["body"])
    threads = list(Thread.objects.of_member(request.user).for_list()[:LISTED])  # type: ignore[arg-type]
    context = {"membership": membership, "threads": threads, "form": form, "section": "messages"}
    return render(request, "applications/messages.html", context)


@login_required
@require_safe
def letter_list(request: HttpRequest) -> HttpResponse:
    """通知: the same words as the mails, also when a mailbox swallowed them. Looking makes them old."""
    membership = membership_or_404(request)
    found = letters.letters(request.user, membership)  # type: ignore[arg-type]
    page = Paginator(found, LETTERS_A_PAGE).get_page(request.GET.get("page"))
    if not acting.looking_only():
        letters.mark_seen(request.user, clock.now())  # type: ignore[arg-type]
    context = {"membership": membership, "page": page, "section": "messages"}
    return render(request, "applications/letters.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, uuid: UUID) -> HttpResponse:
    membership = membership_or_404(request)
    visible = Thread.objects.of_member(request.user)  # type: ignore[arg-type]
    found = get_object_or_404(visible.select_related("application__round__programme", "enterprise"), uuid=uuid)
    form = MessageForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _post(request, found, form.cleaned_data["body"])
    rows = list(found.messages.select_related("author"))
    if not acting.looking_only():
        messages.mark_read(found, by=request.user, now=clock.now())  # type: ignore[arg-type]
    context = {"membership": membership, "thread": found, "rows": rows, "form": form, "section": "messages"}
    return render(request, "applications/messages_thread.html", context)


def _about(request: HttpRequest) -> Application | None:
    """?about=<uuid>: the filing from whose page somebody comes to write."""
    try:
        wanted = UUID(request.GET.get("about", ""))
    except ValueError:
        return None
    return Application.objects.editable_by(request.user).filter(uuid=wanted).first()  # type: ignore[arg-type]


def _post(request: HttpRequest, to: Thread, body: str) -> HttpResponse:
    try:
        messages.post_message(to, author=request.user, body=body, from_staff=False)  # type: ignore[arg-type]
        flash.success(request, "留言已送达秘书处。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        flash.error(request, refusal.message)
    return redirect("applications:thread", to.uuid)
