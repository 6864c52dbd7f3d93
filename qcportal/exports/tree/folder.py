"""The archive as a folder on disk. Broken off at any moment, it is continued by writing it again."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO

from applications.models import Application, Programme
from qcportal import files
from qcportal.errors import Refusal
from qcportal.exports.tree import listing
from qcportal.exports.tree.items import UNITS, Archive, Item
from qcportal.exports.tree.listing import Written

JOURNAL = ".export-journal"
PART = ".part"


class DamagedFile(Exception):
    """The storage gave other bytes than the sha256 under which they are kept."""


def write(programme: Programme, root: Path) -> dict[str, int]:
    """Everything of ``programme`` stands below ``root``; returns counts.

    A file has its final name only when it is complete. Files that are there with the right checksum stay as they
    are, others are written again, and those that an earlier run wrote and nothing asks for any more are removed.
    Refused: a folder that holds anything but such an archive of the same year.
    """
    target = _Target(programme, root)
    archive = Archive(programme)
    with target.journal:
        for item in archive.items():
            target.put(item)
        target.put(Item(listing.INDEX, write=lambda stream: listing.write_index(archive, stream)))
        return target.finish(archive)


class _Target:
    def __init__(self, programme: Programme, root: Path) -> None:
        self.root, self.programme = root, programme
        root.mkdir(mode=0o700, parents=True, exist_ok=True)  # names and phones are in it
        self.before = _earlier(root, programme.year)
        for left in root.rglob(f"*{PART}"):
            left.unlink()
        self.journal = (root / JOURNAL).open("a", encoding="utf-8")
        self.journal.write("\n")  # the line before may have broken off
        self._note({"year": programme.year})
        self.written: dict[str, Written] = {}
        self.missing: list[str] = []
        self.counts: Counter[str] = Counter()

    def _note(self, line: dict[str, object]) -> None:
        self.journal.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.journal.flush()

    def put(self, item: Item) -> None:
        if item.missing or (item.stored is not None and not files.exists(item.stored)):
            self.missing.append(item.path)
            return None
        place = self.root / item.path
        earlier = self.before.get(item.path)
        if earlier is not None and item.source and earlier.source == item.source and _is(place, earlier):
            return self._keep(earlier, "kept")
        if item.content is not None and not item.source:
            content = item.content()
            made = Written(item.path, hashlib.sha256(content).hexdigest(), len(content), "")
            if _is(place, made):
                return self._keep(made, "kept")
            return self._write(item, lambda out: _copy(out, content))
        return self._write(item, lambda out: _fill(out, item))

    def _write(self, item: Item, fill: Callable[[IO[bytes]], None]) -> None:
        """Under a name of its own first; the rename makes it complete or leaves it out."""
        place = self.root / item.path
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + PART)
        with part.open("wb") as out:
            fill(out)
            out.flush()
            os.fsync(out.fileno())
        with part.open("rb") as done:
            found = files.sha256_of(done)
        if item.stored is not None and found != item.stored.sha256:
            part.unlink()
            raise DamagedFile(item.path)
        size = part.stat().st_size
        os.replace(part, place)
        self._keep(Written(item.path, found, size, item.source), "new")

    def _keep(self, one: Written, how: str) -> None:
        self.written[one.path] = one
        self.counts[how] += 1
        self._note(one._asdict())

    def finish(self, archive: Archive) -> dict[str, int]:
        for path in self.before.keys() - self.written.keys():
            if ".." not in Path(path).parts:
                (self.root / path.lstrip("/")).unlink(missing_ok=True)
            self.counts["removed"] += 1
        rows = list(self.written.values())
        self._write(Item(listing.MANIFEST), lambda out: _copy(out, listing.manifest(archive, rows, self.missing)))
        rows.append(self.written[listing.MANIFEST])
        self._write(Item(listing.SUMS), lambda out: _copy(out, listing.sums(rows)))
        self.journal.close()
        (self.root / JOURNAL).unlink()
        return self._summary(archive)

    def _summary(self, archive: Archive) -> dict[str, int]:
        above = Counter(path.split("/")[0] for path in self.written)
        return {
            "applications": Application.objects.filter(round__programme=archive.programme).count(),
            "enterprises": len(archive.folders),
            "documents": above[UNITS],
            **{name: above[name] for name in ("submissions", "reports", "opinions", "files", "scans")},
            "new": self.counts["new"],
            "kept": self.counts["kept"],
            "removed": self.counts["removed"],
            "missing": len(self.missing),
        }


def _earlier(root: Path, year: int) -> dict[str, Written]:
    """What an earlier run wrote here, complete (manifest) or broken off (journal)."""
    if not any(root.iterdir()):
        return {}
    found: dict[str, Written] = {}
    years = set()
    if (root / listing.MANIFEST).is_file():
        kept = json.loads((root / listing.MANIFEST).read_text(encoding="utf-8"))
        years.add(kept["programme"]["year"])
        found = {row["path"]: Written(**row) for row in kept["files"]}
    if (root / JOURNAL).is_file():
        for line in (root / JOURNAL).read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the line that was being written when it broke off
            if "year" in row:
                years.add(row["year"])
            else:
                found[row["path"]] = Written(**row)
    if years != {year}:
        raise Refusal(f"{root} 不是空目录，也不是 {year} 年度的导出，请换一个。", "not_empty")
    return found


def _is(place: Path, wanted: Written) -> bool:
    if not place.is_file() or place.stat().st_size != wanted.size:
        return False
    with place.open("rb") as stream:
        return files.sha256_of(stream) == wanted.sha256


def _fill(out: IO[bytes], item: Item) -> None:
    if item.stored is not None:
        for chunk in files.chunks(item.stored):
            out.write(chunk)
    elif item.content is not None:
        out.write(item.content())
    elif item.write is not None:
        item.write(out)


def _copy(out: IO[bytes], content: bytes) -> None:
    out.write(content)
