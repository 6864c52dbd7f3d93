"""电子文件夹: ZIP 单位名称_联系人_电话 of one round or of a whole year (notice, section 3).

Files go from storage to storage in pieces: memory does not grow with what is packed.
"""

import hashlib
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple

from django.utils import timezone

from applications import codes, exchange
from applications.models import Bundle, Enterprise, PartKind, Programme, Round
from applications.packets import building, parts
from applications.packets.constituents import Constituents
from applications.packets.content import Frozen, FrozenReport
from applications.packets.names import free_name, safe_name
from qcportal import clock, files, jobs
from qcportal.models import StoredFile

ZIP_TYPE = "application/zip"
LIST_NAME = "清单.txt"
GROUP_NAME_LIMIT = 40
# What a rendered document weighs in the progress bar: rendering takes about as long as copying so much.
RENDERED_WEIGHT = 5 * 1024 * 1024
REPORT_SECONDS = 0.5


class Entry(NamedTuple):
    """``content`` makes the bytes when their turn comes; ``stored`` is copied as it is."""

    path: str
    note: str
    content: Callable[[], bytes] | None = None
    stored: StoredFile | None = None
    missing: str = ""
    code: str = ""  # of the printed part that holds the same bytes

    @property
    def weight(self) -> int:
        return self.stored.size if self.stored else RENDERED_WEIGHT


class Place(NamedTuple):
    """Whose folder: of ``round``, or of the whole ``programme`` when that is None."""

    enterprise: Enterprise
    programme: Programme
    round: Round | None
    held: list[Constituents]

    @property
    def job(self) -> str:
        return f"bundle:{self.enterprise.pk}:{self.programme.pk}:{self.round.pk if self.round else 'year'}"

    @property
    def fingerprint(self) -> str:
        if self.round is not None:
            return self.held[0].folder_fingerprint
        return codes.digest([[held.round.number, held.folder_fingerprint] for held in self.held])

    @property
    def row(self) -> dict[str, Any]:
        if self.round is not None:
            return {"enterprise": self.enterprise, "round": self.round}
        return {"enterprise": self.enterprise, "round": None, "programme": self.programme}


def of_round(enterprise: Enterprise, round_: Round) -> Place | None:
    """None when nothing is filed (any more)."""
    held = Constituents(enterprise, round_)
    return Place(enterprise, round_.programme, round_, [held]) if held.submissions else None


def of_year(enterprise: Enterprise, programme: Programme) -> Place | None:
    rounds = programme.rounds.select_related("programme").order_by("number")
    held = [one for one in (Constituents(enterprise, round_) for round_ in rounds) if one.submissions]
    return Place(enterprise, programme, None, held) if held else None


def current(place: Place) -> Bundle | None:
    return Bundle.objects.filter(**place.row, fingerprint=place.fingerprint).select_related("file").first()


def build(place: Place | None) -> Bundle | None:
    """The folder exists as of now; how far it is can be read meanwhile under ``place.job``."""
    if place is None:
        return None
    found = current(place)
    if found is not None:
        return found
    name = folder_name(place)
    with tempfile.TemporaryFile() as stream:
        write(stream, name, place)
        stored = files.store(stream, ZIP_TYPE)
    row, _created = Bundle.objects.get_or_create(
        **place.row,
        fingerprint=place.fingerprint,
        defaults={"name": f"{name}.zip", "file": stored, "built_at": clock.now()},
    )
    jobs.clear(place.job)
    return row


def folder_name(place: Place) -> str:
    """单位名称_联系人_电话 as the notice asks; a year's folder says so at the end."""
    first = place.held[0]
    contact = next((held.contact for held in place.held if any(held.contact)), ("", ""))
    unit = first.submissions[0].data["enterprise"]["name"]
    year = f"{place.programme.year}年全年" if place.round is None else ""
    return safe_name("_".join(filter(None, [unit, *contact, year])))


def write(stream: IO[bytes], name: str, place: Place) -> None:
    """Entries carry the time of the last submission: the same versions give the same bytes."""
    entries = entries_of(place)
    moment = max(submission.submitted_at for held in place.held for submission in held.submissions)
    at = timezone.localtime(moment)
    total, done, lines, taken = sum(entry.weight for entry in entries) or 1, 0, [], set[str]()
    progress = _Progress(place.job, total)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for number, entry in enumerate(entries, 1):
            path = free_name(entry.path, taken)
            progress.start(done, f"第 {number} 个，共 {len(entries)} 个：{PurePosixPath(path).name}")
            digest, size = _put(archive, f"{name}/{path}", entry, at, progress)
            lines.append("\t".join([path, str(size), digest, entry.note + entry.missing]))
            done += entry.weight
        listing = _listing(place, at, lines)
        archive.writestr(_info(f"{name}/{LIST_NAME}", at, len(listing)), listing)


class _Progress:
    """Tells the waiting page at most twice a second."""

    def __init__(self, job: str, total: int) -> None:
        self.job, self.total, self.base, self.text, self.last = job, total, 0, "", 0.0

    def start(self, base: int, text: str) -> None:
        self.base, self.text = base, text
        self.copied(0)

    def copied(self, count: int) -> None:
        if time.monotonic() - self.last >= REPORT_SECONDS:
            self.last = time.monotonic()
            jobs.report(self.job, 99 * (self.base + count) / self.total, self.text)


def _put(archive: zipfile.ZipFile, name: str, entry: Entry, at: datetime, progress: _Progress) -> tuple[str, int]:
    """Already packed formats all, hence stored. Returns sha256 and size; a file that is gone becomes a line."""
    if entry.missing:
        return "—", 0
    if entry.content is not None:
        content = entry.content()
        archive.writestr(_info(name, at, len(content)), content)
        return hashlib.sha256(content).hexdigest(), len(content)
    assert entry.stored is not None  # noqa: S101 -- one of the three
    copied = 0
    # The size is known beforehand, so that an entry beyond 4 GB gets its zip64 field in time.
    with archive.open(_info(name, at, entry.stored.size), "w") as target:
        for chunk in files.chunks(entry.stored):
            target.write(chunk)
            copied += len(chunk)
            progress.copied(copied)
    return entry.stored.sha256, copied


def _info(name: str, at: datetime, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.external_attr = 0o644 << 16
    info.file_size = size
    return info


def _listing(place: Place, at: datetime, lines: list[str]) -> bytes:
    """With the mark and line ends that Notepad wants."""
    unit = place.held[0].submissions[0].data["enterprise"]["name"]
    scope = str(place.round) if place.round else f"{place.programme.year} 年全年"
    head = [f"{unit}　{scope}　电子文件夹清单", f"最后提交：{at:%Y-%m-%d %H:%M:%S}　共 {len(lines)} 个文件"]
    table = ["文件\t字节数\tSHA-256\t说明", *lines]
    return ("\ufeff" + "\r\n".join([*head, "", *table, ""])).encode()


def entries_of(place: Place) -> list[Entry]:
    """What the folder holds, rendered or stored; also read by the archive of a whole programme."""
    entries: list[Entry] = []
    for held in place.held:
        below = f"{held.round.label}/" if place.round is None else ""
        entries += [entry._replace(path=below + entry.path) for entry in _round_entries(held)]
    stored = StoredFile.objects.in_bulk([entry.missing for entry in entries if entry.missing])
    return [_found(entry, stored) for entry in entries]


def _found(entry: Entry, stored: dict[str, StoredFile]) -> Entry:
    """``missing`` held the wanted sha256 so far; now it says so only when there is no such file."""
    if not entry.missing:
        return entry
    row = stored.get(entry.missing)
    if row is not None and files.exists(row):
        return entry._replace(stored=row, missing="")
    return entry._replace(missing="；系统中没有找到该文件，请联系秘书处")


def _round_entries(held: Constituents) -> Iterator[Entry]:
    for number, submission in enumerate(held.submissions, 1):
        frozen = Frozen(submission)
        group = safe_name(f"{number:02d}_{frozen.data['group']['group_name']}")[:GROUP_NAME_LIMIT].strip(" .")
        about = f"{submission.file_number} 第 {submission.version} 版"
        yield Entry(
            f"附件1_青海省优秀质量管理小组申报表_{group}.pdf",
            f"{about}　校验码 {submission.code}",
            content=lambda frozen=frozen: parts.form(frozen).content,  # type: ignore[misc]
            code=submission.code,
        )
        for item in frozen.data["evidence"]:
            yield Entry(
                f"证实性材料/{group}/{safe_name(item['name'])}",
                f"{about}　{item.get('kind_label', '')}",
                missing=item["sha256"],
            )
    yield from _report_entries(held)


def _report_entries(held: Constituents) -> Iterator[Entry]:
    by_kind = {spec.kind: spec for spec in held.parts if spec.report_version is not None}
    summary, statistics = by_kind[PartKind.SUMMARY], by_kind[PartKind.STATISTICS]
    assert summary.report_version is not None  # noqa: S101 -- chosen above
    assert statistics.report_version is not None  # noqa: S101
    second, third = FrozenReport(summary.report_version), FrozenReport(statistics.report_version)
    title = f"{second.data['programme']['data_year']}年企业质量管理小组活动总结"
    yield Entry(
        f"附件2_{title}.pdf",
        f"第 {summary.version} 版　校验码 {summary.code}",
        content=lambda: parts.summary(second, summary.code).content,
        code=summary.code,
    )
    document = second.summary_file
    if document and document["content_type"] != building.PDF_TYPE:
        yield Entry(f"附件2_{safe_name(document['name'])}", "活动总结文件", missing=document["sha256"])
    title = "附件3_企业质量管理小组活动统计表"
    about = f"第 {statistics.version} 版　校验码 {statistics.code}"
    yield Entry(
        f"{title}.pdf", about, content=lambda: parts.statistics(third, statistics.code).content, code=statistics.code
    )
    yield Entry(f"{title}.xlsx", about, content=lambda: exchange.statistics_workbook(third.data, third.personal))
