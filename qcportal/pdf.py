"""WeasyPrint with what makes it fast, right and safe: one font configuration, no network, same bytes each time.

Pages are laid out first (``layout``) and written once (``write``), so that page numbers of later parts are
known before a cover is made, and all parts share one subset of each font.
"""

import functools
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

# Part of every stored document's identity. Raise it when templates, styles or fonts change the bytes.
TEMPLATE_VERSION = "2026-2"
ASSETS: Path = settings.BASE_DIR / "templates" / "pdf"
OFFICIAL_CSS = "official.css"


@functools.cache
def _weasyprint() -> Any:
    """Imported on first use: it takes half a second that web processes need not spend."""
    import weasyprint  # noqa: PLC0415

    return weasyprint


@functools.cache
def _font_config() -> Any:
    """One per process: without it every document scans the fonts again and keeps them (x1.16 time, +100 MB)."""
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    return FontConfiguration()


@functools.cache
def _fetcher() -> Any:
    """Answers data: addresses and files of the template folder; refuses everything else, the network first of all."""
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    class AssetFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            parts = urlsplit(url)
            if parts.scheme == "file":
                path = Path(url2pathname(parts.path)).resolve()
                if not path.is_relative_to(ASSETS.resolve()):
                    raise ValueError(f"not an asset of the PDF templates: {url}")
            return super().fetch(url, headers)

    return AssetFetcher(allowed_protocols=["data", "file"], allow_redirects=False)


@functools.cache
def _stylesheet(name: str) -> Any:
    """Parsed once per process (CSS is 9 % of a warm render)."""
    return _weasyprint().CSS(filename=str(ASSETS / name), font_config=_font_config(), url_fetcher=_fetcher())


def layout(html: str, *, stylesheets: Sequence[str] = (OFFICIAL_CSS,)) -> Any:
    """A laid-out WeasyPrint document: ``pages`` are known, nothing is written yet."""
    source = _weasyprint().HTML(string=html, base_url=ASSETS.as_uri() + "/", url_fetcher=_fetcher())
    sheets = [_stylesheet(name) for name in stylesheets]
    return source.render(font_config=_font_config(), stylesheets=sheets)


def layout_template(template: str, context: dict[str, Any]) -> Any:
    return layout(render_to_string(f"pdf/{template}", context))


def write(documents: Iterable[Any]) -> bytes:
    """The pages of all ``documents`` as one PDF."""
    documents = list(documents)
    pages = [page for document in documents for page in document.pages]
    return documents[0].copy(pages).write_pdf()


def render(html: str, *, stylesheets: Sequence[str] = (OFFICIAL_CSS,)) -> bytes:
    """``html`` as a PDF; the same input gives the same bytes. Styles and pictures come from templates/pdf only."""
    return write([layout(html, stylesheets=stylesheets)])


def render_template(template: str, context: dict[str, Any]) -> bytes:
    """A template of templates/pdf, such as one that extends pdf/base.html, as a PDF."""
    return write([layout_template(template, context)])


def warm_up() -> None:
    """Load WeasyPrint, the fonts and the style sheet before the first document asks for them."""
    render('<p class="song">宋体<b>粗</b></p><p class="hei">黑体</p><p class="kai">楷体</p><p class="mono">A1</p>')


def qr_svg(text: str) -> SafeString:
    """A QR code as inline SVG in a box that the style sheet sizes (class ``qr``)."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(f'<div class="qr">{out.getvalue().decode()}</div>')  # noqa: S308 - a drawing made of digits


def verify_url(code: str) -> str:
    return f"{settings.SITE_URL}/verify/{code}/"
