"""Which files can be imported where. A new kind of file is a reader registered here; pages and actions stay.

A reader gets the opened file (from the gate) and the destination, and answers with a ``Reading``. It raises
Refusal for a file that is not what it reads, saying which one it seems to be.
"""

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from applications.imports.cells import Reading
from applications.imports.destinations import Destination
from applications.imports.gate import Kind

Reader = Callable[[BinaryIO, Destination], Reading]


class Importer(NamedTuple):
    kind: str  # a PendingImport.Kind
    title: str
    office: Kind
    read: Reader


IMPORTERS: dict[str, Importer] = {}


def register(kind: str, title: str, office: Kind) -> Callable[[Reader], Reader]:
    """Decorator of a reader. Its module is imported by applications.imports.readers, which knows them all."""

    def add(read: Reader) -> Reader:
        IMPORTERS[kind] = Importer(kind, title, office, read)
        return read

    return add
