"""Checks of uploads hold in a process that has printed a document before."""

import io

import pytest

from applications import evidence_check
from qcportal import pdf
from tests.applications.documents import picture


def test_a_truncated_picture_is_refused_after_a_document_was_rendered():
    pdf.warm_up()
    whole = picture(size=(1200, 900), mode="RGB")
    evidence_check.check(io.BytesIO(whole), "照片.jpg")
    with pytest.raises(ValueError, match="损坏"):
        evidence_check.check(io.BytesIO(whole[: len(whole) // 2]), "照片.jpg")
