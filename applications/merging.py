"""Two people save the same page: which fields may go through, and which ask for a choice. Pure Python.

A page carries for each of its fields a short digest of the value it showed. So a save can tell, per field, what
its author left alone, what nobody else touched meanwhile, and what both sides changed.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

DIGEST_LENGTH = 12


class Decision(NamedTuple):
    """``changed`` may be stored; ``conflicts`` were changed by both sides, each to something else."""

    changed: list[str]
    conflicts: list[str]


def plain(value: Any) -> Any:
    """A value in the one shape in which it is stored and compared: line ends as scripts send them, not as forms do."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return value


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int | str):
        return "" if value is None else plain(value)
    return str(value.pk)


def digest(value: Any) -> str:
    """Equal for values that a reader cannot tell apart: 1.50 and 1.5, nothing and an empty text."""
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def decide(
    values: Mapping[str, Any], stored: Callable[[str], Any], seen: Mapping[str, str] | None, *, fresh: bool
) -> Decision:
    """What of ``values`` may be stored over what is there now.

    ``seen``: the digests of the page; without one for a field, the page's version decides: ``fresh`` when
    nobody saved since.
    """
    changed: list[str] = []
    conflicts: list[str] = []
    for key, value in values.items():
        theirs = stored(key)
        if theirs == value:
            continue
        shown = (seen or {}).get(key)
        if shown is None:
            (changed if fresh else conflicts).append(key)
        elif digest(theirs) == shown or digest(theirs) == digest(value):
            changed.append(key)
        elif digest(value) != shown:
            conflicts.append(key)
    return Decision(sorted(changed), sorted(conflicts))
