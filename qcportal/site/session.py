"""Is the session still there? For pages that autosave and go on by themselves after a new login."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qcportal.middleware import without_prolonging


@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Who is logged in (a random id, empty for nobody) and the token that forms need: a login changes it."""
    user = str(request.user.uuid) if request.user.is_authenticated else ""
    without_prolonging(request)
    return JsonResponse({"user": user, "token": get_token(request)})


@never_cache
@require_safe
def again(request: HttpRequest) -> HttpResponse:
    """Where a login in a second window ends: the first one goes on by itself."""
    return render(request, "account/again.html")
