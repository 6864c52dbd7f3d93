"""A version that came back: at each place what stood there before, and what was said about it then."""

from typing import Any, NamedTuple

from applications import check_keys, comparing, frozen
from applications.comparing import Piece
from applications.models import Application, FormalCheck, Submission
from applications.models.checking import Outcome


class Was(NamedTuple):
    """What the version before had at this place; ``pieces`` where a long text can be told apart word by word."""

    old: str
    pieces: list[Piece]


class Changes:
    """The version that was checked before, or else the one just before ``submission``. Without one nothing is marked.

    One query.
    """

    def __init__(self, application: Application, submission: Submission, past: list[FormalCheck]) -> None:
        checked = [one.submission.version for one in past if one.submission.version < submission.version]
        wanted = max(checked, default=submission.version - 1)
        self.before = (
            application.submissions.filter(version=wanted).select_related("report_version").first() if wanted else None
        )
        self._rows: dict[str, str] = {}
        self._counts: dict[str, str] = {}
        self._people: set[tuple[str, ...]] = set()
        self._files: dict[str, str] = {}
        if self.before is not None:
            self._read(self.before)

    def _read(self, before: Submission) -> None:
        for part in frozen.attachment_1(before):
            self._rows |= {row.label: row.value for row in part.rows}
            if part.table is not None:
                self._people = {tuple(row[1:]) for row in part.table}
        self._rows |= {row.label: row.value for row in frozen.attachment_2(before, empty=True)["rows"]}
        self._counts = {line["number"]: line["value"] for line in frozen.attachment_3(before)["rows"]}
        self._files = {item["uuid"]: item["sha256"] for item in before.data["evidence"]}

    def of_row(self, row: frozen.Row) -> Was | None:
        if self.before is None or row.label not in self._rows or self._rows[row.label] == row.value:
            return None
        old = self._rows[row.label]
        return Was(old or "（无）", comparing.pieces_of(old, row.value) if row.long and old and row.value else [])

    def of_count(self, line: dict[str, Any]) -> Was | None:
        old = self._counts.get(line["number"])
        return None if old is None or old == line["value"] else Was(old or "（无）", [])

    def is_new_person(self, row: list[str]) -> bool:
        return self.before is not None and tuple(row[1:]) not in self._people

    def people_gone(self, table: list[list[str]]) -> list[str]:
        """By name: those of whom no line is left."""
        names = {row[1] for row in table}
        return sorted({person[0] for person in self._people if person[0] not in names})

    def of_file(self, uuid: str, sha256: str) -> str:
        """新增, 已替换, or ""."""
        if self.before is None:
            return ""
        if uuid not in self._files:
            return "新增"
        return "" if self._files[uuid] == sha256 else "已替换"

    def files_gone(self, submission: Submission) -> list[str]:
        if self.before is None:
            return []
        kept = {item["uuid"] for item in submission.data["evidence"]}
        return [item["name"] for item in self.before.data["evidence"] if item["uuid"] not in kept]


def said_of_evidence(said: dict[str, list[dict[str, Any]]], targets: set[str]) -> list[dict[str, Any]]:
    """What was said about evidence as a whole, about a kind of it, or about a file that is not there any more."""
    return [
        {"text": f"{line['place']}：{line['plain']}", "reply": line["reply"]}
        for key, lines in said.items()
        if key.partition(".")[0] == "evidence" or (key.startswith("file:") and key not in targets)
        for line in lines
    ]


def said_before(past: list[FormalCheck], submission: Submission) -> dict[str, list[dict[str, Any]]]:
    """The remarks of the last return with the enterprise's answers, by the key or file they were on."""
    last = past[0] if past else None
    if last is None or last.outcome != Outcome.RETURN or last.submission.version >= submission.version:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for remark in last.remarks.all():
        kind = remark.field.partition(".")[2]
        key = f"file:{kind}:{remark.file_uuid}" if remark.file_uuid else remark.field
        reply = getattr(remark, "reply", None)
        page = f"第 {remark.page} 页：" if remark.page else ""
        line = {"text": f"{page}{remark.text}", "reply": reply.text if reply else ""}
        found.setdefault(key, []).append({**line, "place": check_keys.place_of(remark), "plain": remark.text})
    return found
