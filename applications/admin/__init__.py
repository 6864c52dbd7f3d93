"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import (
    checks,
    confirmations,
    desk,
    enterprises,
    folders,
    guidance,
    inbox,
    join_requests,
    notices,
    paper_scans,
    papers,
    past_results,
    programmes,
    recommending,
    records,
)

__all__ = [
    "checks",
    "confirmations",
    "desk",
    "enterprises",
    "folders",
    "guidance",
    "inbox",
    "join_requests",
    "notices",
    "paper_scans",
    "papers",
    "past_results",
    "programmes",
    "recommending",
    "records",
]
