"""The QR code in the upper right corner of every page of a paper set: which part, which page of how many.

It stands away from where seals go (name and date at the bottom, 骑缝章 in the middle of the right edge) and from
the binding. Drawn as one filled path, so that rendering it again gives the same bytes.
"""

import re
from typing import NamedTuple

import pikepdf
import segno

from applications.codes import ALPHABET, CODE_LENGTH
from qcportal import pdf

MM = 72 / 25.4
SIZE = 15 * MM
MARGIN = 5 * MM  # printers leave 4 to 5 mm white
QUIET = 1.6 * MM  # ends before the frame of a table, which begins 22 mm from either edge
_TEXT = re.compile(rf"/verify/([{ALPHABET}]{{{CODE_LENGTH}}})/?(?:\?p=(\d{{1,4}})/(\d{{1,4}}))?$", re.IGNORECASE)


class Mark(NamedTuple):
    """What a code says; page and total are 0 on codes that stand for a whole document."""

    code: str
    page: int
    total: int


def text_of(code: str) -> str:
    """With {page} and {total}. An address, so that anyone's phone shows what the paper is."""
    return f"{pdf.verify_url(code)}?p={{page}}/{{total}}"


def parse(text: str) -> Mark | None:
    """None for a QR code that is not one of ours. Any host: the portal may have moved."""
    found = _TEXT.search(text.strip())
    if found is None:
        return None
    return Mark(found[1].upper(), int(found[2] or 0), int(found[3] or 0))


def lay(page: pikepdf.Page, text: str) -> None:
    """The code onto ``page``, at the corner that the reader sees as upper right."""
    box = pikepdf.Rectangle(page.cropbox)
    rotation = int(page.obj.get("/Rotate", 0)) % 360
    left = box.llx + MARGIN if rotation in (90, 180) else box.urx - MARGIN - SIZE
    bottom = box.lly + MARGIN if rotation in (180, 270) else box.ury - MARGIN - SIZE
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"\nQ\nq 1 g {_white(left, bottom)} f 0 g\n{_modules(text, left, bottom)} f Q\n".encode())


def _white(left: float, bottom: float) -> str:
    return _rectangle(left - QUIET, bottom - QUIET, SIZE + 2 * QUIET, SIZE + 2 * QUIET)


def _modules(text: str, left: float, bottom: float) -> str:
    """Dark modules, those of a row that touch as one rectangle."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    unit = SIZE / len(rows)
    parts = []
    for number, row in enumerate(rows):
        start = None
        for column, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                y = bottom + SIZE - (number + 1) * unit
                parts.append(_rectangle(left + start * unit, y, (column - start) * unit, unit))
                start = None
    return "\n".join(parts)


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"{x:.3f} {y:.3f} {width:.3f} {height:.3f} re"
