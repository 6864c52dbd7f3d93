"""Text with light marks, as notices and pages are written, and the HTML it becomes. Pure Python but for escaping.

No HTML goes in: every character of the source is escaped, and only the marks below make elements. So nothing that
was pasted can run, load or style anything, and plain text of old notices is what it always was.

    # 标题   ## 小标题      headings            - 事项   1. 事项     lists
    **粗体**               bold                | 甲 | 乙 |          tables, the first row is the head
    [文字](https://…)      links               ![说明](文件名)       a picture among the attachments
    > 引用                 a quotation         an empty line        the next paragraph
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LONGEST = 100_000
_HEADING = re.compile(r"^(#{1,3})\s+(\S.*)$")
_BULLET = re.compile(r"^[-*•·]\s+(\S.*)$")
_NUMBER = re.compile(r"^(\d{1,3})[.)]\s+(\S.*)$")
_ROW = re.compile(r"^\|.*\|$")
_RULE_ROW = re.compile(r"^[\s|:-]+$")
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,120})\]\(([^()\s]{1,200})\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(([^()\s]{1,500})\)")
_BOLD = re.compile(r"\*\*([^*\n]{1,500})\*\*")
# What a link may lead to: other pages of the portal, the web, mail and telephone. Nothing that runs.
_SAFE = re.compile(r"^(?:https?://[^\s/]|mailto:[^\s@]+@[^\s@]+$|tel:[+\d-]{3,20}$|/(?![/\\])|#[\w-]+$)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class File(NamedTuple):
    """An attachment as texts name it."""

    url: str
    is_image: bool


Files = Mapping[str, File]


def render(source: str, files: Files | None = None) -> SafeString:
    """The HTML of ``source``; ``files`` by name are what pictures and links may name besides addresses."""
    inline = _Inline(files or {})
    return mark_safe("\n".join(_blocks(clean(source), inline)))  # noqa: S308 - every text was escaped


def clean(source: str) -> str:
    """Without control characters and those that turn the direction of writing; one kind of line end."""
    text = source[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def plain(source: str) -> str:
    """The words alone, for summaries and searches."""
    text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", clean(source)))
    lines = (re.sub(r"^(#{1,3}\s+|[-*•·]\s+|>\s?)", "", line).strip("| ") for line in text.split("\n"))
    return " ".join(line for line in _BOLD.sub(r"\1", "\n".join(lines)).split("\n") if line)


def pictures(source: str) -> set[str]:
    """The files that the text shows as pictures."""
    return {match[2] for match in _PICTURE.finditer(clean(source))}


class _Inline:
    """Marks inside a line. Pictures and links are taken out first, so that no mark works inside an address."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def __call__(self, text: str) -> str:
        made: list[str] = []

        def keep(html: str) -> str:
            made.append(html)
            return f"\x00{len(made) - 1}\x00"

        text = _PICTURE.sub(lambda match: keep(self._picture(match)), text)
        text = _LINK.sub(lambda match: keep(self._link(match)), text)
        html = _BOLD.sub(r"<strong>\1</strong>", str(escape(text)))
        for number in reversed(range(len(made))):
            html = html.replace(f"\x00{number}\x00", made[number])
        return html

    def _picture(self, match: re.Match[str]) -> str:
        found = self.files.get(match[2])
        if found is None or not found.is_image:
            return f"（没有这张图片：{escape(match[2])}）"
        alt = escape(match[1])
        return f'<img src="{escape(found.url)}" alt="{alt}" loading="lazy">'

    def _link(self, match: re.Match[str]) -> str:
        words, target = str(escape(match[1])), match[2]
        found = self.files.get(target)
        if found is not None:
            return f'<a href="{escape(found.url)}">{words}</a>'
        if not _SAFE.match(target):
            return str(escape(match[0]))
        outside = ' rel="noopener noreferrer"' if target.lower().startswith("http") else ""
        return f'<a href="{escape(target)}"{outside}>{words}</a>'


def _blocks(text: str, inline: _Inline) -> Iterator[str]:
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if not line:
            at += 1
            continue
        kind = _kind_of(line)
        end = at + 1
        if kind is not _heading:
            while end < len(lines) and lines[end].strip() and _kind_of(lines[end].strip()) is kind:
                end += 1
        yield kind([one.strip() for one in lines[at:end]], inline)
        at = end


Block = Callable[[list[str], _Inline], str]


def _kind_of(line: str) -> Block:
    if _HEADING.match(line):
        return _heading
    if _BULLET.match(line):
        return _bullets
    if _NUMBER.match(line):
        return _numbers
    if len(line) > 2 and _ROW.match(line):
        return _table
    return _quotation if line.startswith(("> ", "＞")) else _paragraph


def _heading(lines: list[str], inline: _Inline) -> str:
    """The page's title is the first level, so the marks begin at the second."""
    found = _HEADING.match(lines[0])
    assert found is not None  # noqa: S101 - the kind says so
    level = len(found[1]) + 1
    return f"<h{level}>{inline(found[2])}</h{level}>"


def _bullets(lines: list[str], inline: _Inline) -> str:
    items = "".join(f"<li>{inline(match[1])}</li>" for line in lines if (match := _BULLET.match(line)))
    return f"<ul>{items}</ul>"


def _numbers(lines: list[str], inline: _Inline) -> str:
    found = [match for line in lines if (match := _NUMBER.match(line))]
    start = int(found[0][1])
    items = "".join(f"<li>{inline(match[2])}</li>" for match in found)
    return f'<ol start="{start}">{items}</ol>' if start != 1 else f"<ol>{items}</ol>"


def _table(lines: list[str], inline: _Inline) -> str:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not _RULE_ROW.match(line)]
    if not rows:
        return ""
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    head = "".join(f'<th scope="col">{inline(cell)}</th>' for cell in rows[0])
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{escape(name)}">{inline(cell)}</td>' for name, cell in zip(rows[0], row, strict=True)
        )
        + "</tr>"
        for row in rows[1:]
    )
    return f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _quotation(lines: list[str], inline: _Inline) -> str:
    return f"<blockquote><p>{'<br>'.join(inline(line.lstrip('>＞ ')) for line in lines)}</p></blockquote>"


def _paragraph(lines: list[str], inline: _Inline) -> str:
    return f"<p>{'<br>'.join(inline(line) for line in lines)}</p>"
