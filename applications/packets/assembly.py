"""Parts put together: page numbers, the footer on every page, bookmarks, the same bytes each time."""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import pikepdf

from applications.packets import marks
from qcportal import pdf

MM = 72 / 25.4
STRIP_HEIGHT = 6 * MM
# Distance of the footer's lower edge from the page's: our own pages (in the bottom margin), then foreign ones.
OWN_FOOT = 12 * MM
FOREIGN_FOOT = 2 * MM


class Part(NamedTuple):
    """``document`` is a layout of our own (qcportal.pdf.layout) or ready PDF bytes; ``footer`` has {page} {total}.

    ``under`` puts the bookmark below the last one that has none.
    """

    title: str
    document: Any
    pages: int
    footer: str
    under: bool = False


class Assembled(NamedTuple):
    content: bytes
    pages: int


def own(title: str, document: Any, footer: str, **options: bool) -> Part:
    return Part(title, document, len(document.pages), footer, **options)


def assemble(parts: Sequence[Part], *, title: str, mark: str = "") -> Assembled:
    """All parts as one PDF with ``title``, bookmarks per part, footers laid over.

    ``mark`` is what the QR code in every page's upper right corner says, with {page} {total}; empty: no codes.
    """
    layouts = [part.document for part in parts if not isinstance(part.document, bytes)]
    with pikepdf.new() as target, pikepdf.open(io.BytesIO(pdf.write(layouts))) as ours:
        sources = []
        next_own = 0
        for part in parts:
            if isinstance(part.document, bytes):
                source = pikepdf.open(io.BytesIO(part.document))
                sources.append(source)
                target.pages.extend(source.pages)
            else:
                target.pages.extend(ours.pages[next_own : next_own + part.pages])
                next_own += part.pages
        _lay_footers(target, parts)
        if mark:
            for number, page in enumerate(target.pages, 1):
                marks.lay(page, mark.format(page=number, total=len(target.pages)))
        _add_bookmarks(target, [(part.title, part.pages, part.under) for part in parts])
        made = _saved(target, title)
    for source in sources:
        source.close()
    return made


def combine(parts: Sequence[tuple[str, bytes]], *, title: str) -> Assembled:
    """Finished documents one after the other as they are, with a bookmark each."""
    with pikepdf.new() as target:
        sources, counts = [], []
        for name, content in parts:
            source = pikepdf.open(io.BytesIO(content))
            sources.append(source)
            target.pages.extend(source.pages)
            counts.append((name, len(source.pages), False))
        _add_bookmarks(target, counts)
        made = _saved(target, title)
    for source in sources:
        source.close()
    return made


def _saved(target: pikepdf.Pdf, title: str) -> Assembled:
    target.docinfo["/Title"] = title
    target.docinfo["/Lang"] = "zh-CN"
    target.Root.Lang = pikepdf.String("zh-CN")
    out = io.BytesIO()
    target.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return Assembled(out.getvalue(), len(target.pages))


def _lay_footers(target: pikepdf.Pdf, parts: Sequence[Part]) -> None:
    total = sum(part.pages for part in parts)
    lines, foreign, before = [], [], 0
    for part in parts:
        lines += [part.footer.format(page=before + 1 + index, total=total) for index in range(part.pages)]
        foreign += [isinstance(part.document, bytes)] * part.pages
        before += part.pages
    with pikepdf.open(io.BytesIO(pdf.render_template("strips.html", {"lines": lines}))) as strips:
        for number, (page, strip, is_foreign) in enumerate(zip(target.pages, strips.pages, foreign, strict=True)):
            _overlay(target, page, strip, _foot_of(page, FOREIGN_FOOT if is_foreign else OWN_FOOT), f"/QcFoot{number}")


def _overlay(target: pikepdf.Pdf, page: pikepdf.Page, strip: pikepdf.Page, place: pikepdf.Rectangle, name: str) -> None:
    """Like pikepdf's add_overlay, which names the drawing at random and so never gives the same bytes twice.

    Pages may share one resource dictionary, hence a name for each page.
    """
    drawing = target.copy_foreign(strip.as_form_xobject())
    taken: Any = page.resources.get("/XObject", {})
    while name in taken:
        name += "x"
    page.add_resource(drawing, pikepdf.Name.XObject, pikepdf.Name(name))
    content = page.calc_form_xobject_placement(drawing, pikepdf.Name(name), place, allow_expand=False)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n" + content)


def _foot_of(page: pikepdf.Page, distance: float) -> pikepdf.Rectangle:
    """The strip at the lower edge as the reader sees it: a rotated page has it at another side of its own."""
    box = pikepdf.Rectangle(page.cropbox)
    near, far = distance, distance + STRIP_HEIGHT
    match int(page.obj.get("/Rotate", 0)) % 360:
        case 90:
            return pikepdf.Rectangle(box.urx - far, box.lly, box.urx - near, box.ury)
        case 180:
            return pikepdf.Rectangle(box.llx, box.ury - far, box.urx, box.ury - near)
        case 270:
            return pikepdf.Rectangle(box.llx + near, box.lly, box.llx + far, box.ury)
        case _:
            return pikepdf.Rectangle(box.llx, box.lly + near, box.urx, box.lly + far)


def _add_bookmarks(target: pikepdf.Pdf, parts: Sequence[tuple[str, int, bool]]) -> None:
    """Title, pages, and whether it stands under the last one that does not."""
    page = 0
    with target.open_outline() as outline:
        for title, pages, under in parts:
            item = pikepdf.OutlineItem(title, page)
            if under and outline.root:
                outline.root[-1].children.append(item)
            else:
                outline.root.append(item)
            page += pages
