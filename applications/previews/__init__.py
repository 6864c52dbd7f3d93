"""Pictures of the pages of stored files: asked for, looked up, handed out. The worker's part is in building.py.

For a page that shows files: ``of_files`` says in one question what there is of each, ``ask_missing`` has the
rest made, ``page_of`` and ``pages_of`` are for a viewer, ``image`` reads the bytes. All are keyed by the stored
file, so one rendering serves applicants, staff and judges; whoever calls has checked who asks.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, Q

from applications.models.previews import Preview, PreviewPage, PreviewState
from qcportal import acting, outbox
from qcportal.models import OutboxMessage, OutboxState, StoredFile

TOPIC = "preview.build"
QUEUE = "documents"
PRIORITY = 7  # after the packets that people wait for
VERSION = 1  # of the drawing: raised, everything is drawn again when it is next looked at
BATCH = 12  # pages drawn at a time: the first ones by themselves, others when someone turns to them
THUMB, PAGE = "thumb", "page"
SIZES = (THUMB, PAGE)
TYPES = frozenset({"application/pdf", "image/jpeg", "image/png"})

NONE, PENDING, READY, FAILED = "none", "pending", "ready", "failed"


class Shown(NamedTuple):
    """``state``: none (this type has no preview), pending, ready, failed. ``pages`` is 0 until it is known."""

    state: str
    pages: int


class PageShown(NamedTuple):
    state: str
    width: int
    height: int


def of_files(stored: Iterable[StoredFile]) -> dict[str, Shown]:
    """By sha256, whether the first page can be shown. One question for all of them."""
    shown = {file.pk: Shown(PENDING if file.content_type in TYPES else NONE, 0) for file in stored}
    first = Max("page_set__width", filter=Q(page_set__number=1))
    rows = Preview.objects.filter(file__in=[pk for pk, one in shown.items() if one.state == PENDING], version=VERSION)
    for pk, state, pages, width in rows.annotate(first=first).values_list("pk", "state", "pages", "first"):
        if state == PreviewState.FAILED or width == 0:
            shown[pk] = Shown(FAILED, pages)
        elif width:
            shown[pk] = Shown(READY, pages)
    return shown


def pages_of(stored: StoredFile) -> dict[int, PageShown]:
    """The pages that were drawn or tried, by number."""
    rows = PreviewPage.objects.filter(preview=stored.pk, preview__version=VERSION)
    return {
        number: PageShown(READY if width else FAILED, width, height)
        for number, width, height in rows.values_list("number", "width", "height")
    }


def page_of(stored: StoredFile, number: int) -> PageShown:
    row = PreviewPage.objects.filter(preview=stored.pk, preview__version=VERSION, number=number).first()
    if row is None:
        return PageShown(PENDING, 0, 0)
    return PageShown(READY if row.width else FAILED, row.width, row.height)


def image(stored: StoredFile, number: int, size: str) -> bytes | None:
    """The JPEG of a page that is ready, some 200 KB; None when there is none or the storage lost it."""
    try:
        with default_storage.open(image_name(stored.pk, number, size), "rb") as stream:
            return bytes(stream.read())
    except FileNotFoundError:
        return None


def folder(sha256: str) -> str:
    return f"previews/{sha256[:2]}/{sha256}"


def image_name(sha256: str, number: int, size: str) -> str:
    return f"{folder(sha256)}/{VERSION}-{number:04d}-{size}.jpg"


def ask_for(stored: StoredFile) -> None:
    """In the transaction of the file's first use: its first pages will be drawn, once for the same bytes."""
    if stored.content_type in TYPES and not Preview.objects.filter(pk=stored.pk, version=VERSION).exists():
        _add(stored.pk, 1, 0)


def ask_missing(stored: Sequence[StoredFile], shown: dict[str, Shown]) -> set[str]:
    """Have those drawn that are pending and were never asked for. Returns the sha256 of those given up on."""
    wanted = {_key(file.pk, 1): file for file in stored if shown[file.pk].state == PENDING}
    if not wanted:
        return set()
    if acting.looking_only():
        return set()
    asked = dict(OutboxMessage.objects.filter(key__in=[f"{key}:0" for key in wanted]).values_list("key", "state"))
    fresh = [file for key, file in wanted.items() if f"{key}:0" not in asked]
    if fresh:
        with transaction.atomic():
            for file in fresh:
                _add(file.pk, 1, 0)
    for key, file in wanted.items():
        if asked.get(f"{key}:0") == OutboxState.DONE:
            ask(file, 1)  # drawn once and lost, as after a restore
    return {file.pk for key, file in wanted.items() if asked.get(f"{key}:0") == OutboxState.DEAD}


def ask(stored: StoredFile, number: int) -> None:
    """Have page ``number`` drawn with its neighbours, unless that is under way or was given up."""
    if stored.content_type not in TYPES or acting.looking_only():
        return
    first = (number - 1) // BATCH * BATCH + 1
    states = list(
        OutboxMessage.objects.filter(key__startswith=f"{_key(stored.pk, first)}:").values_list("state", flat=True)
    )
    if all(state == OutboxState.DONE for state in states):
        with transaction.atomic():
            _add(stored.pk, first, len(states))


def _key(sha256: str, first: int) -> str:
    return f"preview:{VERSION}:{first}:{sha256}"


def _add(sha256: str, first: int, serial: int) -> None:
    outbox.add(
        TOPIC, f"{_key(sha256, first)}:{serial}", {"sha256": sha256, "first": first}, queue=QUEUE, priority=PRIORITY
    )


def drop_images(sha256: str) -> None:
    """After the stored file is gone: its pictures go too."""
    try:
        _folders, names = default_storage.listdir(folder(sha256))
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        default_storage.delete(f"{folder(sha256)}/{name}")
