"""Who scores what, worked out: panels, or so many judges for each filing. Pure Python, no Django (decision 0023)."""
