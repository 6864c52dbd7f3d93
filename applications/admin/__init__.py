"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import (
    checks,
    confirmations,
    desk,
    enterprises,
    guidance,
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
    "confirmations",
    "desk",
    "enterprises",
    "guidance",
    "inbox",
    "join_requests",
    "notices",
    "papers",
    "programmes",
    "recommending",
    "records",
]
