"""Who asks, carried beside the call: read by the audit trail and the log. Imports nothing of Django."""

import logging
from contextvars import ContextVar
from typing import NamedTuple


class RequestContext(NamedTuple):
    request_id: str = ""
    ip: str | None = None


current_request: ContextVar[RequestContext] = ContextVar("current_request", default=RequestContext())  # noqa: B039 -- a tuple, immutable


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request.get().request_id or "-"
        return True
