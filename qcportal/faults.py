"""Pages that broke are remembered, so that "the site failed at 23:59" can be answered from the record."""

import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse

from qcportal import clock
from qcportal.models import ServerFault
from qcportal.request_context import current_request

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
# Django answers these itself; they say something about the request, not about the server.
ANSWERED = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)


class FaultMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Runs after the view's transaction was rolled back. A database that is away cannot keep what broke."""
        if isinstance(exception, ANSWERED):
            return
        user = getattr(request, "user", None)
        known = user is not None and user.is_authenticated
        try:
            ServerFault.objects.create(
                at=clock.now(),
                method=(request.method or "")[:8],
                path=request.path[:200],
                kind=type(exception).__name__[:100],
                request_id=current_request.get().request_id,
                user_id=user.pk if known and user is not None else None,
            )
        except DatabaseError:
            logger.warning("the fault of %s could not be kept", request.path)
