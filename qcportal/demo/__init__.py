"""Demonstration data: invented companies, people and filings, the same bit for bit for the same seed and day."""
