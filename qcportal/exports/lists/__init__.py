"""The lists of a programme. Each takes rows or a scope and returns tables that are read when they are written."""

from qcportal.exports.lists.checking import remarks
from qcportal.exports.lists.filings import applications
from qcportal.exports.lists.paper import papers
from qcportal.exports.lists.people import contacts, members
from qcportal.exports.lists.rankings import results
from qcportal.exports.lists.sheets import scores

__all__ = ["applications", "contacts", "members", "papers", "remarks", "results", "scores"]
