"""The secretariat's pages about filings. Importing registers them."""

from applications.admin import join_requests

__all__ = ["join_requests"]
