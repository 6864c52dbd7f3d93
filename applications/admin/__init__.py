"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import (
    checks,
    confirmations,
    desk,
    enterprises,
    inbox,
    join_requests,
    notices,
    papers,
    programmes,
    records,
)

__all__ = [
    "checks",
    "confirmations",
    "desk",
    "enterprises",
    "inbox",
    "join_requests",
    "notices",
    "papers",
    "programmes",
    "records",
]
