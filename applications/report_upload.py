"""The document uploaded as attachment 2: what evidence_check takes, but only PDF and DOCX."""

from typing import IO, NamedTuple

from applications import evidence_check

PDF = evidence_check.PDF
DOCX = evidence_check.OFFICE["word/document.xml"][1]


class Checked(NamedTuple):
    stream: IO[bytes]
    content_type: str
    name: str
    pages: int | None


def check(stream: IO[bytes], name: str) -> Checked:
    """Raises ValueError (with a sentence for the person) for anything that is not a sound PDF or DOCX."""
    checked = evidence_check.check(stream, name)
    if checked.content_type not in {PDF, DOCX}:
        raise ValueError("附件 2 只接受 PDF 或 Word（.docx）文件。")
    return Checked(stream, checked.content_type, checked.name, checked.pages)
