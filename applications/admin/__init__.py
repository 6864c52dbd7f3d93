"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import checks, desk, enterprises, join_requests, notices, papers, programmes, records

__all__ = ["checks", "desk", "enterprises", "join_requests", "notices", "papers", "programmes", "records"]
