"""The worker's part: topic preview.build draws some pages of a stored file and keeps them as JPEG.

The drawing runs in a process of its own (renderer.py) with limits on time and memory, because it opens what
strangers sent: when that process dies, hangs or gives nothing, the pages are marked as not drawable and the row is
done. Only a fault of ours, such as storage that is away, is tried again.
"""

import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from applications import previews
from applications.models.previews import Preview, PreviewPage, PreviewState
from qcportal import clock, files
from qcportal.models import StoredFile

logger = logging.getLogger(__name__)
RENDERER = Path(__file__).with_name("renderer.py")
SECONDS = 60


class Drawn(NamedTuple):
    """``sizes``: page number -> width and height of its large picture in ``folder``."""

    pages: int
    sizes: dict[int, tuple[int, int]]


def build(payload: dict[str, Any]) -> None:
    """``sha256`` and ``first``: that page and those after it, up to a batch. Running twice gives the same."""
    stored = StoredFile.objects.filter(pk=payload["sha256"]).first()
    first = int(payload["first"])
    if stored is None or stored.content_type not in previews.TYPES or first in previews.pages_of(stored):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn = _draw(stored, folder, first)
        for number in drawn.sizes:
            for size in previews.SIZES:
                _keep(previews.image_name(stored.pk, number, size), folder / f"{number}-{size}.jpg")
    _record(stored, first, drawn)


def _draw(stored: StoredFile, folder: Path, first: int) -> Drawn:
    source = folder / "source"
    with source.open("wb") as out:
        for chunk in files.chunks(stored):
            out.write(chunk)
    last = first + previews.BATCH - 1
    program = [sys.executable, "-I", str(RENDERER)]
    words = [str(source), stored.content_type, str(folder), str(first), str(last)]
    try:
        done = subprocess.run([*program, *words], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        lines, fault = done.stdout, done.stderr.decode("utf-8", "replace")[-300:] if done.returncode else ""
    except subprocess.TimeoutExpired as late:
        lines, fault = late.stdout or b"", f"more than {SECONDS} s"
    if fault:
        logger.warning("preview of %s from page %s: %s", stored.pk, first, fault)
    return _read(lines, folder)


def _read(lines: bytes, folder: Path) -> Drawn:
    """What was said page by page; a last line that was cut off says nothing."""
    pages, sizes = 0, {}
    for line in lines.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if "pages" in said:
            pages = int(said["pages"])
        elif all((folder / f"{said['number']}-{size}.jpg").exists() for size in previews.SIZES):
            sizes[int(said["number"])] = (int(said["width"]), int(said["height"]))
    return Drawn(pages, sizes)


def _keep(name: str, path: Path) -> None:
    """Written anew: an earlier run may have died in the middle of this very picture."""
    default_storage.delete(name)
    default_storage.save(name, ContentFile(path.read_bytes()))


def _record(stored: StoredFile, first: int, drawn: Drawn) -> None:
    last = min(first + previews.BATCH - 1, max(drawn.pages, first))
    with transaction.atomic(durable=True):
        preview, _created = Preview.objects.update_or_create(
            file=stored,
            defaults={
                "version": previews.VERSION,
                "state": PreviewState.READY if drawn.pages else PreviewState.FAILED,
                "pages": drawn.pages,
                "built_at": clock.now(),
            },
        )
        preview.page_set.filter(number__range=(first, last)).delete()
        rows = [
            PreviewPage(preview=preview, number=number, width=width, height=height)
            for number in range(first, last + 1)
            for width, height in [drawn.sizes.get(number, (0, 0))]
        ]
        PreviewPage.objects.bulk_create(rows)
