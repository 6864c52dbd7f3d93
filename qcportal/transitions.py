"""The one way a state changes: by table, and by a conditional UPDATE that a stale caller loses."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from qcportal.errors import Refusal, StaleState


def move(obj: models.Model, to: str, *, table: Mapping[Any, frozenset[Any]], **fields: Any) -> None:
    """Bring ``obj`` into state ``to`` and set ``fields`` with it, in one UPDATE.

    Refused when ``table`` has no such way, and when the row is no longer in the state that ``obj``
    was read in (StaleState). Must run inside the action's transaction.
    """
    came_from = obj.state  # type: ignore[attr-defined]
    if to not in table[type(next(iter(table)))(came_from)]:
        raise Refusal(f"当前状态不允许此操作（{came_from} → {to}）。", "bad_transition")
    changed = type(obj)._default_manager.filter(pk=obj.pk, state=came_from).update(state=to, **fields)
    if changed != 1:
        raise StaleState
    obj.state = to  # type: ignore[attr-defined]
    for name, value in fields.items():
        setattr(obj, name, value)
