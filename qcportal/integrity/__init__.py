"""Is everything in the database what it says it is? Read-only checks behind the command verify_integrity."""

from qcportal.integrity.checks import Finding, run

__all__ = ["Finding", "run"]
