"""Submitted applications and uploaded files for the tests of documents."""

import io
import subprocess
from pathlib import Path

import pikepdf
from PIL import Image

from applications.actions import submission as submitting
from applications.models import Evidence
from qcportal import clock, files
from tests import factories

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}


def submitted(owner, **fields):
    """A submission of a complete application."""
    application = factories.complete_draft(owner, **fields)
    return submit(application, owner)


def submit(application, owner):
    return submitting.submit(application, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())


def attach(application, name, content, content_type, kind="other"):
    return Evidence.objects.create(
        application=application, kind=kind, name=name, file=files.store(content, content_type), pages=None,
        position=application.evidence.count() + 1, uploaded_by=application.created_by, uploaded_at=clock.now(),
    )  # fmt: skip


def picture(kind="JPEG", size=(800, 600), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "#0f6c7a").save(out, kind, **options)
    return out.getvalue()


def sealed_pdf():
    out = io.BytesIO()
    with pikepdf.new() as target:
        target.add_blank_page()
        target.save(out, encryption=pikepdf.Encryption(user="geheim", owner="geheim"))
    return out.getvalue()


def text_of(content: bytes, folder: Path, *options: str) -> str:
    path = folder / "looked-at.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, check=True).stdout.decode()


def pages_of(content: bytes, folder: Path) -> list[str]:
    return text_of(content, folder, "-layout").split("\f")[:-1]


def squeezed(text: str) -> str:
    return "".join(text.split())
