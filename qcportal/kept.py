"""What somebody posted after the session had ended, kept for the same page after logging in again.

Only pages that carry a signed mark (``token``) are kept, so only people who had the form on their screen can
put anything into a session. Size and time are limited; files, passwords and tokens are never kept.
"""

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict

from qcportal import clock

FIELD = "draft_page"
SALT = "qcportal.kept"
MOST = 200_000  # characters of all kept pages together; the session compresses them
MINUTES = 30
SESSION_KEY = "kept_drafts"
NEVER = ("csrfmiddlewaretoken", FIELD)
SECRETS = ("password", "token")
View = Callable[..., HttpResponse]


def token(page: str) -> str:
    """The mark of ``page``, for a hidden input. A page is named with its owner: the same year's report of two
    enterprises are two pages."""
    return signing.dumps(page, salt=SALT)


def page_of(request: HttpRequest) -> str:
    """The page whose mark was posted; empty without a valid one."""
    try:
        return str(signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=timedelta(days=2)))
    except signing.BadSignature:
        return ""


def worth_keeping(name: str) -> bool:
    return name not in NEVER and not any(word in name.lower() for word in SECRETS)


def keep(request: HttpRequest) -> bool:
    """The entries of this POST wait in the session; False when the page has no mark or they are too long."""
    page = page_of(request)
    if not page:
        return False
    entries = {name: values for name, values in request.POST.lists() if worth_keeping(name)}
    kept = {**_kept(request), page: {"at": clock.now().isoformat(), "entries": entries}}
    while sum(_length(one["entries"]) for one in kept.values()) > MOST:
        oldest = min(kept, key=lambda name: kept[name]["at"])
        if oldest == page:
            return False
        del kept[oldest]
    request.session[SESSION_KEY] = kept
    return True


def _length(entries: dict[str, list[str]]) -> int:
    return sum(len(name) + sum(map(len, values)) for name, values in entries.items())


def _kept(request: HttpRequest) -> dict[str, dict[str, Any]]:
    edge = clock.now() - timedelta(minutes=MINUTES)
    found = request.session.get(SESSION_KEY, {})
    return {page: one for page, one in found.items() if datetime.fromisoformat(one["at"]) > edge}


def entries_of(request: HttpRequest, page: str) -> QueryDict | None:
    """What waits for ``page``."""
    one = _kept(request).get(page) if SESSION_KEY in request.session else None
    if one is None:
        return None
    entries = QueryDict(mutable=True)
    for name, values in one["entries"].items():
        entries.setlist(name, values)
    return entries


def forget(request: HttpRequest, page: str) -> None:
    if page in request.session.get(SESSION_KEY, {}):
        request.session[SESSION_KEY] = {name: one for name, one in _kept(request).items() if name != page}


def login_keeping_entries(view: View) -> View:
    """Like login_required, but what a logged-out person posts comes back after the login."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST" and keep(request):
            messages.info(request, "登录已过期。您填写的内容已保留，请在 30 分钟内登录，登录后继续。")
        return redirect_to_login(request.get_full_path())

    return guarded
