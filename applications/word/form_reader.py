"""Attachment 1 back from a document: by content controls first, else by the labels that people know."""

import re
from collections.abc import Iterator

from applications.sections import FIELD_LABELS
from applications.topics import STEPS_BY_CODE, TopicType
from applications.word import labels, values
from applications.word.document import Cell, Document, Paragraph, Table, table_text
from applications.word.found import RUNNING, FormFound, Found, Unplaced
from applications.word.members import read_members

# Fields whose text runs over the paragraphs under a heading of their own.
LONG = frozenset(
    {"group_intro", "benefit_basis", "social_benefit", "main_results", "honours"}
    | {f"steps.{code}" for code in STEPS_BY_CODE}
)
AFFIXES = frozenset({"次", "人", "%", "学时", "万元", "元", "至"})
_TAG_KEYS = frozenset(key for key in labels.BY_LABEL.values() if key != labels.PERIOD) | {
    "enterprise.industry", "enterprise.scale", "enterprise.address", "enterprise.postcode",
}  # fmt: skip
_PAIR = re.compile(
    r"(?:^|(?<=[\n\t 　;；,，]))([^\s:：;；,，。]{1,20}(?:[ 　]{1,2}[^\s:：;；,，。]{1,6}){0,4})[ 　]{0,4}[:：]"
)
_MEMBER_TAG = "member."


def read_form(document: Document) -> FormFound:
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.found = FormFound()
        self.exact: dict[str, str] = {}
        self.tables = 0
        self.read_inner: set[int] = set()  # id() of tables that went into a text

    def read(self) -> FormFound:
        self._read_controls()
        paragraphs: list[Paragraph] = []
        for block in self.document.blocks:
            if isinstance(block, Table):
                self._read_running(paragraphs)
                paragraphs = []
                self._read_table(block)
            else:
                paragraphs.append(block)
        self._read_running(paragraphs)
        return self.found

    # Content controls.

    def _read_controls(self) -> None:
        for control in self.document.controls:
            key = self._key_of_tag(control.tag)
            if key is None:
                continue
            if key.startswith("special_awards."):
                shown = control.text.strip()
                on = shown in values.TICKS if shown else bool(control.checked)
                self.found.ticks[key.removeprefix("special_awards.")] = on
            elif control.text.strip():
                place = "填写框"
                self.exact.setdefault(key, control.text)
                self.found.add(key, Found(control.text, place, self._unit(key), exact=True))

    def _unit(self, key: str) -> str:
        return "万元" if key in ("economic_benefit", "activity_cost") else ""

    def _key_of_tag(self, tag: str) -> str | None:
        parts = tag.split(".")
        if parts[0] == "steps" and len(parts) == 3 and parts[1] in list(TopicType):
            parts.pop(1)
        key = ".".join(parts)
        return key if key in _TAG_KEYS or key.startswith("special_awards.") else None

    # Tables.

    def _read_table(self, table: Table) -> None:
        self.tables += 1
        name = f"表 {self.tables} "
        members = read_members(table, name)
        self.found.members += members.people
        self.found.members_place = self.found.members_place or members.place
        self.found.unplaced += members.unplaced
        self.found.notes += members.notes
        _Pairs(self, table, name, members.taken).read()
        for row in table.rows:
            for cell in row:
                for inner in cell.tables:
                    if id(inner) not in self.read_inner:
                        self._read_table(inner)

    # Running text.

    def _read_running(self, paragraphs: list[Paragraph]) -> None:
        key: str | None = None
        lines: list[str] = []
        place = ""
        for one in paragraphs:
            if self._is_own(one) or not one.text.strip():
                if key and lines and not one.text.strip():
                    lines.append("")
                continue
            heading = labels.key_of(one.text) if _bounded(one.text) else None
            pairs = list(pairs_of(one.text)) if heading is None else []
            if heading is None and not pairs and key is not None and not one.heading:
                lines.append(one.text)
                if key not in LONG:
                    self._close(key, lines, place)
                    key = None
                continue
            self._close(key, lines, place)
            key = None
            if heading is not None:
                key, place = heading, f"标题“{one.text.strip()}”下"
            elif pairs:
                self._add_pairs(one.text, pairs, RUNNING)
                last = pairs[-1]
                if last[0] in LONG:
                    key, place = self._reopen(last[0], lines)
            else:
                self.leave(RUNNING, one.text)
        self._close(key, lines, place)

    def _reopen(self, key: str, lines: list[str]) -> tuple[str, str]:
        """A long text may go on after the paragraph that began with its label."""
        last = self.found.fields[key].pop() if self.found.fields.get(key) else Found("", RUNNING)
        lines[:] = [last.text] if last.text else []
        return key, last.place

    def _close(self, key: str | None, lines: list[str], place: str) -> None:
        text = "\n".join(lines).strip()
        if key is not None and text:
            self.add(key, Found(text, place))
        lines.clear()

    def _is_own(self, one: Paragraph) -> bool:
        """Read through its control already. What was typed beside a control is left over by name."""
        if not one.controls:
            return False
        rest = one.text
        for control in one.controls:
            rest = rest.replace(control.text, "", 1) if control.text else rest
        if rest.strip() and not is_static(rest):
            self.leave(RUNNING, rest, "写在了填写框外面")
        return True

    def _add_pairs(self, text: str, pairs: list[tuple[str, str, int, int, str]], place: str) -> None:
        before = text[: pairs[0][2]].strip()
        if before:
            self.leave(place, before)
        for key, value, _start, _end, unit in pairs:
            if value:
                self.add(key, Found(value, place, unit))

    def add(self, key: str, found: Found) -> None:
        """Controls win: a cell read by its label as well adds nothing when it says the same."""
        exact = self.exact.get(key)
        if exact is None:
            self.found.add(key, found)
        elif values.one_line(found.text) != values.one_line(exact):
            rest = values.one_line(found.text).replace(values.one_line(exact), "", 1).strip()
            others = [one for one in self.found.fields[key] if values.one_line(one.text) == values.one_line(found.text)]
            if rest and rest not in AFFIXES and not others:
                self.leave(found.place, rest, f"写在了“{_title(key)}”的填写框外面")

    def leave(self, place: str, text: str, reason: str = "没有对应的项目") -> None:
        if not is_static(text):
            self.found.unplaced.append(Unplaced(place, text.strip(), reason))


class _Pairs:
    """Label and value in one table: beside each other, under each other, or in one cell."""

    def __init__(self, reader: _Reader, table: Table, name: str, taken: set[int]) -> None:
        self.reader, self.table, self.name, self.taken = reader, table, name, taken

    def read(self) -> None:
        for number, row in enumerate(self.table.rows):
            for index, cell in enumerate(row):
                if id(cell) not in self.taken and cell.text:
                    self._read_cell(number, index, cell)
        for number, row in enumerate(self.table.rows):
            for cell in row:
                if id(cell) not in self.taken and cell.text:
                    self._leave(cell, f"{self.name}第 {number + 1} 行")

    def _read_cell(self, number: int, index: int, cell: Cell) -> None:
        place = f"{self.name}第 {number + 1} 行"
        text = labels.squeezed(cell.text)
        if labels.bare(text) in labels.PROFILE or text in labels.OPINIONS:
            self._read_past(number, index, cell, place)
            return
        key = labels.key_of(cell.text)
        if key is not None:
            value = self._value_of(number, index)
            if value is not None:
                self.taken |= {id(cell), id(value)}
                text = self._with_tables(value) if key in LONG else value.text
                if text:
                    self.reader.add(key, Found(text, place, labels.unit_of(cell.text)))
            elif self._is_label_only(cell):
                self.taken.add(id(cell))
            return
        pairs = list(pairs_of(cell.text))
        if pairs:
            self.taken.add(id(cell))
            self.reader._add_pairs(cell.text, pairs, place)

    def _with_tables(self, cell: Cell) -> str:
        """A table of figures inside a long text is part of it; one with labels of ours is a form of its own."""
        figures = [inner for inner in cell.tables if not any(_has_label(row) for row in inner.rows)]
        self.reader.read_inner |= {id(inner) for inner in figures}
        return "\n".join(part for part in (cell.text, *map(table_text, figures)) if part)

    def _is_label_only(self, cell: Cell) -> bool:
        return not cell.controls

    def _value_of(self, number: int, index: int) -> Cell | None:
        """The cell to the right, unless it is a label itself: then the one below, which must not be one."""
        row = self.table.rows[number]
        right = row[index + 1] if index + 1 < len(row) else None
        if right is not None and id(right) not in self.taken and not self._is_label(right):
            return right
        if number + 1 < len(self.table.rows):
            below = next((one for one in self.table.rows[number + 1] if one.left == row[index].left), None)
            if below is not None and id(below) not in self.taken and not below.continues and not self._is_label(below):
                return below
        return None

    def _is_label(self, cell: Cell) -> bool:
        if cell.controls or not cell.text:
            return False
        text = labels.squeezed(cell.text)
        return labels.key_of(cell.text) is not None or text in labels.STATIC or text in labels.OPINIONS

    def _read_past(self, number: int, index: int, cell: Cell, place: str) -> None:
        """The enterprise's profile and the opinions: not part of the filing, but said when something is there."""
        self.taken.add(id(cell))
        is_opinion = labels.squeezed(cell.text) in labels.OPINIONS
        rows = [number]
        while is_opinion and rows[-1] + 1 < len(self.table.rows):
            below = self.table.rows[rows[-1] + 1]
            if not any(one.left == cell.left and one.continues for one in below):
                break
            rows.append(rows[-1] + 1)
        for at in rows:
            for one in self.table.rows[at][index + 1 : None if is_opinion else index + 2]:
                if id(one) in self.taken or (not is_opinion and self._is_label(one)):
                    continue
                self.taken.add(id(one))
                if is_opinion and one.text:
                    self.reader.leave(place, one.text, "意见栏以盖章的纸质件为准，不读入")

    def _leave(self, cell: Cell, place: str) -> None:
        self.taken.add(id(cell))
        if all(control.tag.startswith((_MEMBER_TAG, "qc.")) for control in cell.controls) or not cell.controls:
            self.reader.leave(place, cell.text)
            return
        rest = cell.text
        for control in cell.controls:
            rest = rest.replace(control.text.strip(), "", 1) if control.text.strip() else rest
        if rest.strip() and rest.strip() not in AFFIXES and not self._names_awards(cell):
            self.reader.leave(place, rest, "写在了填写框外面")

    def _names_awards(self, cell: Cell) -> bool:
        return any(control.tag.startswith("special_awards.") for control in cell.controls)


def _has_label(row: list[Cell]) -> bool:
    return any(labels.key_of(cell.text) is not None for cell in row)


def pairs_of(text: str) -> Iterator[tuple[str, str, int, int, str]]:
    """Every 课题名称：… of a text: key, value, start, end and the unit in the label. Unknown labels stay value."""
    known = [
        (key, match.start(1), match.end(), labels.unit_of(match[1]))
        for match in _PAIR.finditer(text)
        if (key := labels.key_of(match[1])) is not None
    ]
    for position, (key, start, end, unit) in enumerate(known):
        stop = known[position + 1][1] if position + 1 < len(known) else len(text)
        yield key, text[end:stop].strip(" \t\n　;；,，"), start, end, unit


def is_static(text: str) -> bool:
    """Words of the printed form: titles, numbers of rows, places for seal and signature."""
    plain = labels.squeezed(text)
    return (
        plain in labels.STATIC | labels.OPINIONS
        or (plain.isdigit() and len(plain) <= 2)
        or labels.SEALS.match(plain) is not None
        or plain.startswith((labels.INSTRUCTION, "活动过程("))
        or ("申报表" in plain and len(plain) <= 30)
        or labels.bare(plain) in labels.STATIC
    )


def _bounded(text: str) -> bool:
    return len(text.strip()) <= 30 and not text.strip().endswith(("。", "；", ";"))


def _title(key: str) -> str:
    from_sections = FIELD_LABELS.get(key)
    return from_sections or {"enterprise.name": "单位名称", "enterprise.credit_code": "统一社会信用代码"}.get(key, key)
