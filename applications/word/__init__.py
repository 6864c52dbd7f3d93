"""Attachments 1 and 2 as Word forms: written with what is known, read back cell by cell (decision 0011)."""
