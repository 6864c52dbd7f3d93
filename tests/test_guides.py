"""The guides keep together: every picture and every place they point to exists, and the pictures stay small."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IMAGES = ROOT / "docs" / "images"
AT_MOST = 4_200_000  # bytes of all pictures together


def links(page: Path) -> list[str]:
    return [one for one in re.findall(r"\]\(([^)\s]+)\)", page.read_text()) if "://" not in one]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of the headings: small letters, spaces to dashes, punctuation gone."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-").replace("\u3000", "") for title in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_everything_a_page_links_to_is_there(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def test_every_picture_is_shown_somewhere_and_all_are_small():
    shown = {Path(link).name for page in PAGES for link in links(page) if link.endswith(".png")}
    there = {picture.name: picture.stat().st_size for picture in IMAGES.glob("*.png")}
    assert set(there) == shown
    assert sum(there.values()) <= AT_MOST
