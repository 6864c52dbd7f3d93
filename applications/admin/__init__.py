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
    paper_scans,
    papers,
    programmes,
    recommending,
    records,
    reminders,
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
    "paper_scans",
    "papers",
    "programmes",
    "recommending",
    "records",
    "reminders",
]
