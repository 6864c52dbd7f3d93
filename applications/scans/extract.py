"""Some pages of a scan as a document of their own."""

import io
from collections.abc import Sequence

import pikepdf

from qcportal import files
from qcportal.models import StoredFile


def pages(stored: StoredFile, numbers: Sequence[int]) -> bytes:
    """Pages are counted from 1."""
    out = io.BytesIO()
    with files.open_file(stored) as stream, pikepdf.open(stream) as source, pikepdf.new() as target:  # type: ignore[arg-type]
        for number in numbers:
            target.pages.append(source.pages[number - 1])
        target.save(out, deterministic_id=True)
    return out.getvalue()
