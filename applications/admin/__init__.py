"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import (
    checks,
    confirmations,
    desk,
    enterprises,
    guidance,
    inbox,
    join_requests,
    next_years,
    notices,
    paper_scans,
    papers,
    programmes,
    recommending,
    records,
    year_fields,
    years,
)

__all__ = [
    "checks",
    "confirmations",
    "desk",
    "enterprises",
    "guidance",
    "inbox",
    "join_requests",
    "next_years",
    "notices",
    "paper_scans",
    "papers",
    "programmes",
    "recommending",
    "records",
    "year_fields",
    "years",
]
