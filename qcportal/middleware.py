"""Request id and address for the audit trail and the log; the second factor of staff."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from qcportal.request_context import RequestContext, current_request

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestContextMiddleware:
    """Gives each request an id, answers it in X-Request-ID, and puts id and address where audit.record finds them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:12]
        token = current_request.set(RequestContext(request_id, client_ip(request)))
        request.request_id = request_id  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        response["X-Request-ID"] = request_id
        return response


def client_ip(request: HttpRequest) -> str | None:
    """The peer's address; behind our own proxy (production) the last hop that the proxy wrote."""
    if settings.PRODUCTION:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if forwarded:
            return forwarded.rsplit(",", 1)[-1].strip() or None
    return request.META.get("REMOTE_ADDR") or None


class IdleTimeMiddleware:
    """Staff sessions end after 15 idle minutes, others after SESSION_COOKIE_AGE (30)."""

    STAFF_SECONDS = 15 * 60

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        staff = request.user.is_authenticated and request.user.is_staff
        if staff and settings.PRODUCTION and request.session.get("_session_expiry") != self.STAFF_SECONDS:
            request.session.set_expiry(self.STAFF_SECONDS)
        return self.get_response(request)


def without_prolonging(request: HttpRequest) -> None:
    """This request is no sign of a person at work (a page reports by itself that it is open): the session keeps its
    end, and nothing is written. SessionMiddleware leaves a request without a session alone."""
    del request.session


class StaffSecondFactorMiddleware:
    """In production staff must have a TOTP authenticator before they reach anything but setting it up."""

    OPEN = ("/accounts/", "/static/", "/healthz", "/readyz")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_SECOND_FACTOR and self._must_enrol(request):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _must_enrol(self, request: HttpRequest) -> bool:
        user = request.user
        if not (user.is_authenticated and user.is_staff) or request.path.startswith(self.OPEN):
            return False
        from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415 -- models must be ready

        return not is_mfa_enabled(user)
