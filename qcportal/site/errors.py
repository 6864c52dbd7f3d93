"""Chinese error pages; none of them needs the database, the session or the person looking."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from qcportal import kept
from qcportal.site.contact import DEFAULTS

GetResponse = Callable[[HttpRequest], HttpResponse]


def page(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    """templates/<status>.html without context processors: some of them read the database."""
    values: dict[str, object] = {"service_phone": DEFAULTS["phone"], "path": request.path, "status": status, **context}
    request_id = getattr(request, "request_id", "")
    acting = getattr(request, "acting", None)
    if acting is not None:  # the banner stays on whatever page comes
        values = {**values, "acting": acting, "csrf_token": get_token(request)}
    body = render_to_string(f"{status}.html", {**values, "request_id": request_id})
    return HttpResponse(body, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A refusal's own Chinese sentence is shown; other reasons are not."""
    message = str(exception) if exception and any("一" <= char <= "鿿" for char in str(exception)) else ""
    return page(request, 403, message=message)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Also allauth's handler429, found by its name in the URL configuration."""
    response = page(request, 429)
    response["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was typed is not lost: a draft's page shows it again, other pages' long entries stand on this page."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "csrf", "message": "页面已过期，正在重新连接。"}, status=403)
    is_kept = kept.keep(request)
    context = {
        "service_phone": DEFAULTS["phone"],
        "path": request.get_full_path(),
        "kept": is_kept,
        "entries": [] if is_kept else _long_entries(request),
    }
    return HttpResponse(render_to_string("errors/csrf.html", context), status=403)


def _long_entries(request: HttpRequest) -> list[str]:
    """Longer than a code or a password, so that it is worth copying and safe to show."""
    return [
        value
        for name, values in request.POST.lists()
        if kept.worth_keeping(name)
        for value in values
        if len(value) > 20
    ]


class ChineseErrorsMiddleware:
    """A bare 405 (Django answers it without a page) gets one. Answers that have a body stay as they are."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        answer = page(request, 405)
        answer["Allow"] = response.get("Allow", "")
        return answer
