"""WeasyPrint with what makes it fast, right and safe (fonts, one font configuration, no network)."""


def warm_up() -> None:
    """Replaced by the packet work."""
