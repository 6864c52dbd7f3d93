"""Office files in and out: the gate for uploaded ones, readers, and what waits for confirmation (decision 0010)."""
