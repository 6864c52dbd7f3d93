"""The guides keep together: every picture and every place they point to exists, and the pictures stay small."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IMAGES = ROOT / "docs" / "images"
# Bytes of all pictures together, and of one: palette PNGs of some 40 kB, the copies of printed pages more.
AT_MOST, ONE_AT_MOST = 5_500_000, 180_000
SECRETARIAT = ROOT / "docs" / "guide" / "secretariat.md"


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
    assert max(there.values()) <= ONE_AT_MOST


def parts_of(page: Path) -> dict[str, str]:
    """The text under each heading of the second and third level."""
    titles_and_texts = re.split(r"^#{2,3} (.+)$", page.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(titles_and_texts[::2], titles_and_texts[1::2], strict=True))


@pytest.mark.parametrize("title", parts_of(SECRETARIAT))
def test_every_part_of_the_staff_guide_shows_its_page(title):
    picture = r"^!\[[^]]+\]\(\.\./images/secretariat-[a-z-]+\.png\)$"
    assert re.search(picture, parts_of(SECRETARIAT)[title], re.MULTILINE)


# Names of paragraphs, what Django's admin puts together itself, and a button with a number in it.
NOT_LITERAL = {
    "对这 N 件批量办理", "发送这…封提醒", "增加 用户", "增加 评委", "增加 活动", "有名单的", "一个一个加的",
    "改截止日期", "两个人一起审。", "筛选和搜索。",
}  # fmt: skip


def test_every_button_that_the_staff_guide_names_is_on_a_page():
    folders = ("templates", "applications", "reviews", "events", "qcportal", "static/js")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    sources = [path for path in files if path.suffix in {".html", ".py", ".js"}]
    words = "".join(path.read_text() for path in sources if not {"migrations", "demo"} & set(path.parts))
    named = set(re.findall(r"\*\*(.+?)\*\*", SECRETARIAT.read_text()))
    assert {name for name in named - NOT_LITERAL if name.rstrip("。") not in words} == set()


def test_every_picture_of_the_staff_guide_is_taken_by_a_run():
    taken = "".join(path.read_text() for path in (ROOT / "tests" / "e2e").glob("*.py"))
    names = {picture.stem for picture in IMAGES.glob("secretariat-*.png")}
    assert {name for name in names if f'"{name}"' not in taken} == set()
    assert {name for name in re.findall(r'"(secretariat-[a-z-]+)"', taken) if name not in names} == set()
