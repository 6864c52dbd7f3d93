"""Any two versions of a filing side by side: only what differs, in the words of the form. Reads, asks nothing."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from applications import explaining, freezing, frozen
from applications.models import AnnualReport, Application, ReportVersion, Submission

_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]|[^。；！？\n]+")
KEPT = 40  # characters of unchanged text shown on either side of a change
SAME, GONE, NEW = "same", "gone", "new"


class Piece(NamedTuple):
    """``kind``: same, gone (in the older version only) or new (in the newer one only)."""

    kind: str
    text: str


class Change(NamedTuple):
    """One field that differs: ``pieces`` for texts, else ``old`` and ``new``, where an empty side is a word."""

    label: str
    old: str
    new: str
    pieces: list[Piece]


class Section(NamedTuple):
    title: str
    changes: list[Change]


def compare(older: Submission, newer: Submission) -> list[Section]:
    """What differs between two frozen versions, attachment by attachment, in the order of the forms."""
    found = [
        *_attachment_1(older, newer),
        Section("证实性材料", list(_files(older.data["evidence"], newer.data["evidence"]))),
        *_reports(older.report_version, newer.report_version),
        Section("提醒与核实说明", list(_answers(older, newer))),
    ]
    return [section for section in found if section.changes]


def as_if_frozen(application: Application) -> Submission | None:
    """The working copy in the shape of a version that is not stored; None without attachments 2 and 3."""
    report = AnnualReport.objects.filter(
        enterprise=application.enterprise_id, programme=application.round.programme_id
    ).first()
    if report is None:
        return None
    public, personal = freezing.freeze_report(report)
    version = ReportVersion(report=report, version=0, data=public, personal=personal)
    public, personal = freezing.freeze_application(application)
    return Submission(application=application, version=0, data=public, personal=personal, report_version=version)


def _attachment_1(older: Submission, newer: Submission) -> Iterator[Section]:
    before = {part.title: part for part in frozen.attachment_1(older)}
    for part in frozen.attachment_1(newer):
        old = before.get(part.title)
        changes = list(_rows(old.rows if old else [], part.rows))
        if part.table is not None:
            changes += _table((old.table if old else None) or [], part.table, part.head)
        yield Section(part.title, changes)


def _rows(older: list[frozen.Row], newer: list[frozen.Row]) -> Iterator[Change]:
    """By key, since a field may be called otherwise by now; a step that only the other type has stands on one side."""
    before = {row.key or row.label: row for row in older}
    for row in newer:
        old = before.pop(row.key or row.label, None)
        yield from _change(row.label, old.value if old else "", row.value, long=row.long)
    for row in before.values():
        yield from _change(row.label, row.value, "", long=row.long)


def _change(label: str, old: str, new: str, *, long: bool = False) -> Iterator[Change]:
    if old != new:
        yield Change(label, old or "（无）", new or "（无）", pieces_of(old, new) if long and old and new else [])


def _table(older: list[list[str]], newer: list[list[str]], head: tuple[str, ...]) -> Iterator[Change]:
    """Members by name; a changed place in the list alone is no change."""
    before = {row[1]: row[1:] for row in older}
    after = {row[1]: row[1:] for row in newer}
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old != new:
            yield Change(f"成员 {name}", _words(old, head[1:]), _words(new, head[1:]), [])


def _words(row: list[str] | None, head: tuple[str, ...]) -> str:
    if row is None:
        return "（无）"
    return "，".join(f"{label} {cell}" for label, cell in zip(head, row, strict=False) if cell)


def _files(older: list[dict[str, Any]], newer: list[dict[str, Any]]) -> Iterator[Change]:
    before, after = ({item["uuid"]: item for item in items} for items in (older, newer))
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if old is None or new is None or _file_words(old) != _file_words(new) or old["sha256"] != new["sha256"]:
            name = (new or old or {})["name"]
            yield Change(f"《{name}》", _file_words(old), _file_words(new), [])


def _file_words(item: dict[str, Any] | None) -> str:
    if item is None:
        return "（无）"
    pages = f"，{item['pages']} 页" if item.get("pages") else ""
    kind = f"{item['kind_label']}：" if item.get("kind_label") else ""
    return f"{kind}{item['name']}{pages}（校验值 {item['sha256'][:8]}）"


def _answers(older: Submission, newer: Submission) -> Iterator[Change]:
    """What was said of warnings, between stored versions: the working copy's answers are on the review page."""
    if older.pk is None or newer.pk is None:
        return
    before, after = ({row["code"]: row for row in explaining.frozen(one.data, one.personal)} for one in (older, newer))
    for code in dict.fromkeys([*after, *before]):
        message = (after.get(code) or before[code])["message"]
        old, new = (rows.get(code, {}).get("reason", "") for rows in (before, after))
        yield from _change(message, old, new)


def _reports(older: ReportVersion, newer: ReportVersion) -> Iterator[Section]:
    if older.pk is not None and older.pk == newer.pk:
        return
    before = {_part_key(part): part["text"] for part in older.data["summary"]}
    texts = [
        change
        for part in newer.data["summary"]
        for change in _change(part["title"], before.get(_part_key(part), ""), part["text"], long=True)
    ]
    old_file, new_file = older.data.get("summary_file"), newer.data.get("summary_file")
    if (old_file or {}).get("sha256") != (new_file or {}).get("sha256"):
        texts.append(Change("总结文件", _file_words(old_file), _file_words(new_file), []))
    yield Section("附件 2 活动总结", texts)
    counts = {row["field"]: row["value"] for row in older.data["statistics"]}
    yield Section(
        "附件 3 统计表",
        [
            change
            for row in newer.data["statistics"]
            for change in _change(
                f"{row['number']} {row['label']}",
                _with_unit(counts.get(row["field"], ""), row["unit"]),
                _with_unit(row["value"], row["unit"]),
            )
        ],
    )


def _part_key(part: dict[str, str]) -> str:
    """Oldest versions know their parts by title alone."""
    return part.get("code") or part["title"]


def _with_unit(value: str, unit: str) -> str:
    return f"{value} {unit}" if value else ""


# --- Texts ------------------------------------------------------------------------------------------


def pieces_of(old: str, new: str) -> list[Piece]:
    """``new`` against ``old``: sentence by sentence, and inside a changed sentence character by character.

    Sentences first, because characters alone match by chance across a page; long unchanged text is cut to its
    ends. The pieces that are not new make ``old``, those that are not gone make ``new``, but for those cuts.
    """
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    pieces: list[Piece] = []
    for what, a1, a2, b1, b2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left, right = "".join(before[a1:a2]), "".join(after[b1:b2])
        if what == "equal":
            pieces.append(Piece(SAME, left))
        else:
            pieces += _characters(left, right)
    return _shortened(_joined(pieces))


def _characters(left: str, right: str) -> list[Piece]:
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    if len(left) * len(right) > 4_000_000 or matcher.quick_ratio() < 0.4:
        return [Piece(GONE, left), Piece(NEW, right)]
    pieces = []
    for what, a1, a2, b1, b2 in matcher.get_opcodes():
        if what == "equal":
            pieces.append(Piece(SAME, left[a1:a2]))
        else:
            pieces += [Piece(GONE, left[a1:a2]), Piece(NEW, right[b1:b2])]
    return pieces


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece, empty ones left out."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if found and found[-1].kind == piece.kind:
            found[-1] = Piece(piece.kind, found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def _shortened(pieces: list[Piece]) -> list[Piece]:
    last = len(pieces) - 1
    return [
        _cut(piece, first=place == 0, last=place == last) if piece.kind == SAME else piece
        for place, piece in enumerate(pieces)
    ]


def _cut(piece: Piece, *, first: bool, last: bool) -> Piece:
    text = piece.text
    if len(text) <= KEPT * 2 + 10:
        return piece
    head, tail = "" if first else text[:KEPT], "" if last else text[-KEPT:]
    return Piece(SAME, f"{head}……{tail}")
