"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import (
    checks,
    desk,
    enterprises,
    guidance,
    confirmations,
    inbox,
    join_requests,
    notices,
    papers,
    programmes,
    recommending,
    records,
)

__all__ = [
    "checks",
    "desk",
    "enterprises",
    "guidance",
    "confirmations",
    "inbox",
    "join_requests",
    "notices",
    "papers",
    "programmes",
    "recommending",
    "records",
]
