"""The secretary's pages, each against the promise of the portal: no page load over 200 ms of server time.

Median and 95 % of the wall time of whole requests (middleware, queries, template, rendered answer), in turns with a
bare Django page. The table comes on stderr, beside the JSON lines, with pass or FAIL for each page.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import previews
from applications.actions import checking
from applications.models import Application, Enterprise, FormalCheck, Submission
from applications.previews import building
from applications.states import State
from qcportal.models import StoredFile, User
from tests.bench.measure import bench, note, report, shares, turns

LIMIT = 200  # ms, the median; the 95 % is shown beside it
TIMES = 21
LIST = "admin:applications_application_changelist"


class Page(NamedTuple):
    """``name`` for machines, ``title`` for people, ``load`` what is timed."""

    name: str
    title: str
    load: Callable[[], HttpResponseBase]


class Measured(NamedTuple):
    page: Page
    median: float
    p95: float
    cpu: float  # of it processor time of the portal: what remains on a machine with other work is waiting
    bare: float
    queries: int


@bench("secretary", every_size=True, demo=True)
def secretary(size: str) -> None:
    client = Client()
    client.force_login(User.objects.get(username="demo-secretary"))
    measured = [found for page in _pages(client) if (found := _measure(client, page)) is not None]
    for one in measured:
        report(f"secretary_{one.page.name}_{size}", one.median, "ms", one.bare)
        report(f"secretary_{one.page.name}_{size}_p95", one.p95, "ms")
        report(f"secretary_{one.page.name}_{size}_cpu", one.cpu, "ms")
        report(f"secretary_{one.page.name}_{size}_queries", one.queries, "queries")
    over = [one for one in measured if one.median > LIMIT]
    report(f"secretary_pages_over_{LIMIT}_ms_{size}", len(over), "pages")
    _table(size, measured)


def _measure(client: Client, page: Page) -> Measured | None:
    if (status := page.load().status_code) not in {200, 304}:
        note(f"{page.name}: answers {status}, skipped")
        return None
    with CaptureQueriesContext(connection) as captured:
        page.load()
    queries = len(captured)
    cpu: list[float] = []

    def load() -> None:
        started = time.process_time()
        page.load()
        cpu.append((time.process_time() - started) * 1000)

    pairs = turns(load, lambda: client.get("/bench/bare/8/"), TIMES)
    own, bare = shares([pair[0] * 1000 for pair in pairs]), shares([pair[1] * 1000 for pair in pairs])
    return Measured(page, own.median, own.p95, shares(cpu).median, bare.median, queries)


def _table(size: str, measured: list[Measured]) -> None:
    head = f"{size} applications | median | 95 % | CPU | x bare page | queries | under {LIMIT} ms"
    lines = [f"| {head} |", "|---|---|---|---|---|---|---|"]
    for one in measured:
        times = f"{one.median:.0f} ms | {one.p95:.0f} ms | {one.cpu:.0f} ms | x{one.median / one.bare:.1f}"
        lines.append(f"| {one.page.title} | {times} | {one.queries} | {'pass' if one.median <= LIMIT else 'FAIL'} |")
    busy = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; above the cores, the median holds waiting"
    sys.stderr.write("\n" + "\n".join([*lines, busy]) + "\n")
    sys.stderr.flush()


# --- the pages ---------------------------------------------------------------------------------------


def _pages(client: Client) -> Iterator[Page]:
    for name, title, address in _addresses():
        yield Page(name, title, lambda address=address: client.get(address))  # type: ignore[misc]
    yield from _evidence(client)
    yield Page("bulk_preview", "批量参评预览（按下到看见）", lambda: _bulk(client, "accept"))
    yield Page("bulk_paper", "催交纸质件预览（按下到看见）", lambda: _bulk(client, "paper"))


def _bulk(client: Client, kind: str) -> HttpResponseBase:
    """Press and page that follows: what the secretary waits for."""
    return client.post(reverse("admin:applications_bulk_preview"), {"kind": kind}, follow=True)


def _addresses() -> Iterator[tuple[str, str, str]]:
    rows = Application.objects.order_by("pk")
    waiting = rows.filter(state=State.SUBMITTED)
    city = waiting.values_list("enterprise__city", flat=True).first()
    phone = waiting.values_list("contact_phone", flat=True).first()
    enterprise = Enterprise.objects.filter(applications__in=waiting).order_by("pk").first()
    assert enterprise is not None
    queue = reverse(LIST)
    yield "desk", "工作台", reverse("admin:index")
    yield "queue_all", "形式审查，全部已提交", f"{queue}?queue=all"
    yield "queue_search", "形式审查，按手机号搜索", f"{queue}?q={phone}"
    yield "queue_filtered", "形式审查，按市州、提醒、纸质件筛选", f"{queue}?city={city}&warnings=open&paper=missing"
    yield "queue", "形式审查，待审查", f"{queue}?queue=waiting"  # last: the check page walks this one
    yield from _of_filings(waiting)
    yield "paper", "纸质件签收", reverse("admin:paper")
    yield "paper_missing", "未到纸质件", reverse("admin:paper_missing")
    yield "outbox", "发件箱", reverse("admin:qcportal_mailmessage_changelist")
    yield "reminders", "催办名单：纸质材料", f"{reverse('admin:reminders')}?occasion=paper"
    yield "reminders_drafts", "催办名单：草稿", f"{reverse('admin:reminders')}?occasion=draft"
    yield "figures", "统计", reverse("admin:figures")
    yield "figures_missing", "未报附件 3 的单位", reverse("admin:figures_missing")
    yield "verification", "单位核验名单", reverse("admin:verification")
    yield "verify", "核验一家单位", reverse("admin:applications_enterprise_verify", args=[enterprise.pk])
    yield "claims", "同一代码两家申请", reverse("admin:claims")
    yield "dealings", "单位往来", reverse("admin:dealings", args=[enterprise.uuid])
    yield "attempts", "提交尝试", reverse("admin:attempts_enterprise", args=[enterprise.uuid])
    yield "calls", "电话记录", reverse("admin:calls")
    yield "threads", "留言", reverse("admin:message_inbox")
    yield "find", "查找", f"{reverse('admin:find')}?q=青海"
    yield "exports", "导出", reverse("admin:exports")
    yield "book_numbers", "文件编号簿", reverse("admin:book_numbers")
    yield "book_duplicates", "重复清单", reverse("admin:book_duplicates")
    yield "book_corrections", "补正史", reverse("admin:book_corrections")
    yield "audit", "审计", reverse("admin:audit_search")


def _of_filings(waiting) -> Iterator[tuple[str, str, str]]:
    fresh = waiting.exclude(checks__outcome="").first()
    begun = FormalCheck.objects.filter(outcome="", checker__username="demo-secretary").order_by("pk").first()
    last = waiting.exclude(checks__outcome="").last()
    if begun is None and last is not None and last != fresh:
        begun = checking.start_check(last, actor=User.objects.get(username="demo-secretary"))
    for name, title, pk in (
        ("check", "审查页，未开始", fresh.pk if fresh else None),
        ("check_begun", "审查页，审查中", begun.application_id if begun else None),
    ):
        if pk is not None:
            yield name, title, reverse("admin:applications_check", args=[pk])


def _evidence(client: Client) -> Iterator[Page]:
    """The viewer, one drawn page and the original of a PDF that a waiting filing was submitted with."""
    found = _pdf()
    if found is None:
        note("evidence: no waiting filing has a PDF")
        return
    submission, stored = found
    building.build({"sha256": stored.pk, "first": 1})
    at = [submission.application_id, submission.pk, stored.pk]
    view, original = (reverse(f"admin:applications_check_{name}", args=at) for name in ("view", "file"))
    picture = reverse("admin:applications_check_page_image", args=[*at, 1, previews.PAGE])
    yield Page("evidence", "佐证查看页", lambda: client.get(view))
    yield Page("evidence_page", "佐证一页图", lambda: client.get(picture))
    yield Page("evidence_file", "佐证原件", lambda: _read(client.get(original)))


def _pdf() -> tuple[Submission, StoredFile] | None:
    rows = Submission.objects.filter(application__state=State.SUBMITTED).order_by("pk")[:20]
    for submission in rows:
        for one in submission.data.get("evidence", []):
            stored = StoredFile.objects.filter(pk=one["sha256"], content_type="application/pdf").first()
            if stored is not None:
                return submission, stored
    return None


def _read(answer):
    """A streamed file counts when it has been read."""
    if answer.streaming:
        for _part in answer.streaming_content:
            pass
    answer.close()
    return answer
