"""The names this year's programme gives to fields, known while one file is read. Pure Python.

The readers find fields by the names people use; those names are tables of the portal. What one programme calls
otherwise is added around the reading of one file, so that no reader has to hand it down through every step.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NAMES: ContextVar[Mapping[str, str]] = ContextVar("names of this year's fields", default=_NOTHING)


@contextmanager
def known_as(names: Mapping[str, str]) -> Iterator[None]:
    """``names``: name to key (applications.field_list.FieldList.synonyms)."""
    token = _NAMES.set(names)
    try:
        yield
    finally:
        _NAMES.reset(token)


def given_names() -> Mapping[str, str]:
    return {name: key for name, key in _NAMES.get().items() if not name.startswith("@")}


def given_columns() -> Mapping[str, str]:
    """Heads of the table of members: name to column."""
    return {name[1:]: key.partition(".")[2] for name, key in _NAMES.get().items() if name.startswith("@")}
