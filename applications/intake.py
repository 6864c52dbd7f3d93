"""One way in for every piece of evidence, however its bytes came: checked, photos cleaned, stored, added."""

from typing import IO

from applications import evidence_check, photos
from applications.actions import evidence
from applications.models import Application, Evidence, Upload
from qcportal import files
from qcportal.models import User

PHOTOS = {"image/jpeg", "image/png"}


def take(
    application: Application, stream: IO[bytes], name: str, *, actor: User, kind: str, upload: Upload | None = None
) -> Evidence:
    """The new piece of evidence; with ``upload`` the one it already became. What is stored is what was cleaned.

    Raises ValueError for a file that is not accepted and Refusal for a person or moment that is not. Bytes are
    checked and stored outside the transaction; an unused copy is harmless and found again by its hash.
    """
    checked = evidence_check.check(stream, name)
    clean = photos.clean(stream, checked.content_type) if checked.content_type in PHOTOS else stream
    stored = files.store(clean, checked.content_type)
    return evidence.add(
        application, actor=actor, stored=stored, kind=kind, name=checked.name, pages=checked.pages, upload=upload
    )
