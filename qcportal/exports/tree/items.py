"""What an archive of a programme holds, file by file, in an order that stays the same from run to run."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from applications.models import (
    Application,
    Enterprise,
    Evidence,
    PaperPart,
    Programme,
    Recommendation,
    StampedScan,
    Submission,
)
from applications.packets import folder, opinions
from applications.packets.names import free_name, safe_name
from applications.states import State
from qcportal import mail, pdf
from qcportal.exports import summary
from qcportal.exports.tree.names import FolderNames
from qcportal.models import MailMessage, StoredFile

UNITS = "各单位"
WITHDRAWN = "已撤回"
CHUNK = 200


class Item(NamedTuple):
    """One file. ``source`` names what its bytes follow from, so that what is there already need not be made again;
    empty where making them is cheap: then the bytes themselves are compared."""

    path: str
    source: str = ""
    stored: StoredFile | None = None
    content: Callable[[], bytes] | None = None
    write: Callable[[IO[bytes]], None] | None = None  # made anew every time
    missing: bool = False


class Archive:
    """The files of ``programme``. ``paths`` fills while they are walked: submission -> its attachment 1; so does
    ``withdrawn``: filing -> its folder.
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.paths: dict[int, str] = {}
        self.folders: dict[int, str] = {}
        self.withdrawn: dict[int, str] = {}

    def items(self, *, flat: bool = True) -> Iterator[Item]:
        """The enterprises' folders, the frozen versions as JSON, the tables; ``flat`` adds evidence and scans under
        their numbers, withdrawn filings included."""
        yield from self._units()
        yield from self._withdrawn()
        yield from self._frozen()
        if flat:
            yield from self._evidence()
            yield from self._scans()
        yield Item("汇总.xlsx", write=lambda stream: summary.workbook(self.programme).save(stream))

    # --- One folder for each enterprise ------------------------------------------------------------

    def units(self) -> Any:
        filed = Application.objects.submitted().filter(round__programme=self.programme)
        return Enterprise.objects.filter(pk__in=filed.values("enterprise")).order_by("pk")

    def _units(self) -> Iterator[Item]:
        names = FolderNames()
        for enterprise in self.units().iterator(chunk_size=CHUNK):
            place = folder.of_year(enterprise, self.programme)
            if place is None:
                continue
            below = f"{UNITS}/{names.of(place)}"
            self.folders[enterprise.pk] = below
            taken: set[str] = set()
            for item in self._unit(place):
                path = free_name(f"{below}/{item.path}", taken)
                yield item._replace(path=path)
                if item.source.startswith("annex1:"):
                    self.paths[int(item.source.split(":")[1])] = path

    def _unit(self, place: folder.Place) -> Iterator[Item]:
        entries = folder.entries_of(place)
        printed = _printed([entry.code for entry in entries if entry.code])
        forms = {one.code: one.pk for held in place.held for one in held.submissions}
        for entry in entries:
            yield _of_entry(entry, printed, forms)
        yield from _stamped(place)
        yield from _opinion_pages(place)
        yield from _letters(place)

    def _withdrawn(self) -> Iterator[Item]:
        """What was filed and taken back is no part of an enterprise's folder: its evidence, as last submitted, lies
        apart. Its attachment 1 is among the frozen versions."""
        newest = Submission.objects.filter(application=OuterRef("application")).order_by("-version").values("pk")[:1]
        rows = Submission.objects.filter(pk=Subquery(newest), application__round__programme=self.programme)
        rows = rows.filter(application__state=State.WITHDRAWN).select_related("application__round")
        for row in rows.order_by("file_number", "pk").iterator(chunk_size=CHUNK):
            filing = row.application
            name = safe_name(f"{row.file_number}_{filing.group_name}")
            below = f"{WITHDRAWN}/{filing.round.label}/{name}"
            evidence = row.data.get("evidence", [])
            stored = StoredFile.objects.in_bulk([one["sha256"] for one in evidence])
            if evidence:
                self.withdrawn[filing.pk] = below
            taken: set[str] = set()
            for position, one in enumerate(evidence, 1):
                shown = safe_name(f"{position:02d}-{one['name']}")
                path = free_name(f"{below}/{shown}", taken)
                found = stored.get(one["sha256"])
                yield _stored(path, found) if found else Item(path, missing=True)

    # --- What verification needs, and the evidence under its number ----------------------------------

    def _frozen(self) -> Iterator[Item]:
        for name, rows in (
            ("submissions", summary.submissions(self.programme)),
            ("reports", summary.report_versions(self.programme)),
            ("opinions", summary.opinions(self.programme)),
        ):
            for key, content in rows:
                yield Item(f"{name}/{key}.json", content=lambda content=content: _json(content))  # type: ignore[misc]

    def _evidence(self) -> Iterator[Item]:
        rows = Evidence.objects.filter(application__round__programme=self.programme)
        rows = rows.exclude(application__file_number=None).select_related("application", "file")
        for row in rows.order_by("application_id", "position", "pk").iterator(chunk_size=CHUNK):
            name = safe_name(f"{row.position:02d}-{row.pk}-{row.name}")
            yield _stored(f"files/{row.application.file_number}/{name}", row.file)

    def _scans(self) -> Iterator[Item]:
        rows = StampedScan.objects.filter(round__programme=self.programme).select_related("enterprise", "round", "file")
        for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
            name = safe_name(f"{row.round.number}-{row.pk}-{row.name}")
            yield _stored(f"scans/{row.enterprise.credit_code}/{name}", row.file)


def _stored(path: str, stored: StoredFile) -> Item:
    return Item(path, f"file:{stored.sha256}", stored=stored)


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _printed(codes: list[str]) -> dict[str, StoredFile]:
    """Parts that were rendered for the paper set are the same documents: taken as they are."""
    rows = PaperPart.objects.filter(code__in=codes, template_version=pdf.TEMPLATE_VERSION).exclude(file=None)
    return {row.code: row.file for row in rows.select_related("file") if row.file is not None}


def _of_entry(entry: folder.Entry, printed: dict[str, StoredFile], forms: dict[str, int]) -> Item:
    if entry.stored is not None:
        return _stored(entry.path, entry.stored)
    if entry.missing:
        return Item(entry.path, missing=True)
    if not entry.code:
        return Item(entry.path, content=entry.content)
    kind = f"annex1:{forms[entry.code]}" if entry.code in forms else "annex"
    source = f"{kind}:{entry.code}:{pdf.TEMPLATE_VERSION}"
    stored = printed.get(entry.code)
    return Item(entry.path, source, stored=stored, content=None if stored else entry.content)


def _stamped(place: folder.Place) -> Iterator[Item]:
    rows = StampedScan.objects.filter(enterprise=place.enterprise, round__programme=place.programme)
    for row in rows.select_related("round", "file").order_by("pk"):
        yield _stored(f"{row.round.label}/盖章扫描件/{safe_name(f'{row.pk}_{row.name}')}", row.file)


def _opinion_pages(place: folder.Place) -> Iterator[Item]:
    """Opinions that have a page of their own; the others are printed in attachment 1."""
    rows = Recommendation.objects.filter(
        application__enterprise=place.enterprise, application__round__programme=place.programme
    ).exclude(submission=None)
    for row in rows.select_related("submission", "application__round", "unit").order_by("pk"):
        assert row.submission is not None  # noqa: S101 -- excluded above
        name = safe_name(f"{row.submission.file_number}第{row.submission.version}版_{row.unit.name}_{row.pk}.pdf")
        path = f"{row.application.round.label}/推荐意见/{name}"
        page = opinions.newest(row)
        if page is not None:
            yield _stored(path, page.file)
        else:
            source = f"opinion:{row.code}:{pdf.TEMPLATE_VERSION}"
            yield Item(path, source, content=lambda row=row: opinions.rendered(row).content)  # type: ignore[misc]


def _letters(place: folder.Place) -> Iterator[Item]:
    """What the secretariat wrote about the enterprise's filings, as it was sent."""
    filings = Application.objects.filter(enterprise=place.enterprise, round__programme=place.programme)
    about = {mail.about(row): row for row in filings.select_related("round")}
    rows = MailMessage.objects.letters().filter(about__in=list(about)).order_by("pk")
    for row in rows:
        filing = about[row.about]
        name = f"{_stamp(row.created_at)}_{row.pk}_{row.subject}"
        path = f"{filing.round.label}/往来信函/{safe_name(name)[:60].strip(' .')}.txt"
        yield Item(path, content=lambda row=row: _letter(row))  # type: ignore[misc]


def _stamp(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y%m%d-%H%M}"


def _letter(row: MailMessage) -> bytes:
    """With the mark and line ends that Notepad wants."""
    sent = f"{timezone.localtime(row.sent_at):%Y-%m-%d %H:%M:%S}" if row.sent_at else "尚未发出"
    head = [f"主题：{row.subject}", f"收件人：{row.to}", f"发送时间：{sent}", ""]
    return ("\ufeff" + "\r\n".join([*head, *row.body.splitlines(), ""])).encode()
