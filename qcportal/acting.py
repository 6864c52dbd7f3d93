"""以身份查看: a secretary sees the portal as somebody else sees it, for half an hour, and changes nothing.

Three things make "nothing" certain. The middleware answers every method but GET and HEAD with 403. What a page does
beside showing itself (marks of reading, signs of presence, work for the background, records of "X looked at this")
asks ``looking_only`` and leaves it. And the database connection refuses to write as long as the page is being made,
so that what was forgotten breaks with a plain sentence instead of leaving a trace in somebody else's name.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import User, Viewing
from qcportal.roles import Role, roles_of

GetResponse = Callable[[HttpRequest], HttpResponse]
MINUTES = 30
SESSION_KEY = "viewing"
LEAVE = "/admin/act-as/leave/"
# What is not the person's own pages: the staff site, and everything around passwords, second factor and own data.
CLOSED = ("/admin/", "/accounts/")
OPEN = ("/accounts/welcome/", "/accounts/session/", "/accounts/profile/", "/accounts/data/")
CLOSED_EXACTLY = ("/accounts/data/copy/",)
# Asked by a page's script every few seconds: no page that somebody looked at.
POLLED = ("/accounts/session/",)
SAFE = ("GET", "HEAD", "OPTIONS")
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|CREATE|ALTER|DROP)\b", re.IGNORECASE)
_looking: ContextVar[bool] = ContextVar("looking_only", default=False)


class Acting(NamedTuple):
    """What pages show of it: ``request.acting``."""

    viewing: Viewing
    person: User
    viewer: User

    @property
    def until(self) -> str:
        return f"{timezone.localtime(self.viewing.until):%H:%M}"


def looking_only() -> bool:
    """True while a page is made for somebody who only looks with another person's eyes."""
    return _looking.get()


def refusal_for(person: User) -> str:
    """Why nobody may look as ``person``; empty when it is allowed. Staff and auditors never are."""
    if not person.is_active:
        return "该账号已停用。"
    if person.is_superuser or person.is_staff or roles_of(person) & {Role.SECRETARIAT, Role.AUDITOR}:
        return "不能以秘书处、审计员或系统管理员的身份查看。"
    return ""


def _may_look(viewer: User) -> bool:
    """Only the secretariat itself; an auditor never, also not one who is secretary as well."""
    codes = roles_of(viewer)
    return viewer.is_active and Role.SECRETARIAT in codes and Role.AUDITOR not in codes


def start(person: User, *, actor: User, reason: str, now: datetime) -> Viewing:
    """``actor`` may look as ``person`` until half an hour from now. The person sees it in their account.

    Refused: everybody but the secretariat; an auditor; a superuser, staff, an auditor or a closed account as the
    person; a missing reason. Runs in a transaction of its own.
    """
    if not _may_look(actor):
        raise NotAllowed("只有秘书处可以以他人身份查看，审计员不可以。")
    reason = reason.strip()
    if len(reason) < 4:
        raise Refusal("请写明查看的原因，至少 4 个字，例如“来电说看不到提交按钮”。", "reason")
    refusal = refusal_for(person)
    if refusal:
        raise Refusal(refusal, "person")
    with transaction.atomic(durable=True):
        viewing = Viewing.objects.create(
            person=person, viewer=actor, reason=reason[:200], started_at=now, until=now + timedelta(minutes=MINUTES)
        )
        audit.record("act_as.started", person, actor=actor, viewing=str(viewing.uuid), reason=reason[:200])
    return viewing


def end(viewing: Viewing, *, actor: User | None, at: datetime) -> None:
    """The viewing is over. Refused when it was ended before; ``actor`` None is the clock."""
    with transaction.atomic(durable=True):
        ended_at = min(at, viewing.until)
        if not Viewing.objects.filter(pk=viewing.pk, ended_at=None).update(ended_at=ended_at):
            raise StaleState("这次查看已经结束。")
        viewing.refresh_from_db()
        audit.record("act_as.ended", viewing.person, actor=actor, viewing=str(viewing.uuid), pages=viewing.pages)


def end_what_is_over(at: datetime) -> int:
    """For the clockwork: browsers that were closed. Returns how many."""
    ended = 0
    for viewing in Viewing.objects.over(at).select_related("person"):
        try:
            end(viewing, actor=None, at=at)
            ended += 1
        except StaleState:  # somebody's next page came first
            continue
    return ended


def enter(request: HttpRequest, viewing: Viewing) -> None:
    request.session[SESSION_KEY] = str(viewing.uuid)


def leave(request: HttpRequest) -> Viewing | None:
    """The session is its owner's again."""
    found = _viewing(request.session.pop(SESSION_KEY, ""), request.user)
    if found is not None:
        try:
            end(found, actor=request.user, at=clock.now())  # type: ignore[arg-type]
        except StaleState:
            return None
    return found


def _viewing(stored: object, viewer: Any) -> Viewing | None:
    try:
        wanted = UUID(str(stored))
    except ValueError:
        return None
    return Viewing.objects.filter(uuid=wanted, viewer=viewer.pk).select_related("person").first()


class ActingMiddleware:
    """Swaps ``request.user`` for the person looked at, where the session says so and everything still holds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = None  # type: ignore[attr-defined]
        viewer = request.user
        if not viewer.is_authenticated or SESSION_KEY not in request.session or request.path == LEAVE:
            return self.get_response(request)
        viewing = _viewing(request.session[SESSION_KEY], viewer)
        if not self._holds(viewing, viewer):
            return self._over(request, viewing)
        assert viewing is not None  # noqa: S101 -- what does not exist does not hold
        acting = Acting(viewing, viewing.person, viewer)  # type: ignore[arg-type]
        request.acting = acting  # type: ignore[attr-defined]
        if request.method not in SAFE:
            return refused(request, acting, "以他人身份查看时只能看，不能填写、提交或修改。")
        if is_closed(request.path):
            return refused(request, acting, "后台、密码、双重验证和个人数据的页面在查看期间不打开。")
        return self._look(request, acting)

    def _look(self, request: HttpRequest, acting: Acting) -> HttpResponse:
        if request.path not in POLLED:
            _record(acting, request.path)
        request.user = acting.person
        token = _looking.set(True)
        try:
            with connection.execute_wrapper(_refuse_writing):
                response = self.get_response(request)
        finally:
            _looking.reset(token)
            request.user = acting.viewer
        response["Cache-Control"] = "no-store, private"
        return response

    @staticmethod
    def _holds(viewing: Viewing | None, viewer: Any) -> bool:
        if viewing is None or viewing.ended_at is not None or viewing.until <= clock.now():
            return False
        return _may_look(viewer) and not refusal_for(viewing.person)

    @staticmethod
    def _over(request: HttpRequest, viewing: Viewing | None) -> HttpResponse:
        """Time is up, or something changed: the page is not shown, the session is its owner's again."""
        del request.session[SESSION_KEY]
        if viewing is not None and viewing.ended_at is None:
            with suppress(StaleState):
                end(viewing, actor=None, at=clock.now())
        if request.method in SAFE:
            messages.info(request, "以他人身份查看已结束，现在是您本人。")
            return redirect("admin:act_as")
        return HttpResponse(_page("查看已结束，刚才的操作没有执行。", None, ""), status=403)


def is_closed(path: str) -> bool:
    return path in CLOSED_EXACTLY or (path.startswith(CLOSED) and path not in OPEN)


def refused(request: HttpRequest, acting: Acting, sentence: str) -> HttpResponse:
    return HttpResponse(_page(sentence, acting, get_token(request)), status=403)


def _page(sentence: str, acting: Acting | None, token: str) -> str:
    context = {"sentence": sentence, "acting": acting, "csrf_token": token, "leave_url": LEAVE}
    return render_to_string("errors/acting.html", {**context, "back": reverse("home_of_user")})


def _record(acting: Acting, path: str) -> None:
    """Before the page is shown: what was seen is on record even where the page breaks."""
    with transaction.atomic(durable=True):
        Viewing.objects.filter(pk=acting.viewing.pk).update(pages=F("pages") + 1)
        audit.record(
            "act_as.viewed", acting.person, actor=acting.viewer, viewing=str(acting.viewing.uuid), path=path[:200]
        )


def _refuse_writing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if _WRITES.match(sql):
        raise PermissionDenied("这一页打开时会留下记录，查看期间不打开。")
    return execute(sql, params, many, context)
