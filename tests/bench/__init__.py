"""Measurements of the portal against bare floors taken in the same run. ``python -m tests.bench --help``."""
