"""Forty filings of one season, taken through by one secretary from the staff site alone: checked by hand, corrected, in
a batch; paper, reminders, more time for one enterprise, the summary tables."""

import json
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from applications import statistics
from applications.actions import closing
from applications.models import (
    AnnualReport,
    Application,
    DeskScan,
    Enterprise,
    FormalCheck,
    PaperReceipt,
    Round,
    WarningSummary,
)
from applications.states import State
from qcportal import clock
from qcportal.models import MailBatch, MailMessage, MailState
from tests.applications import checked
from tests.e2e import season as work
from tests.e2e import season_data, season_office
from tests.e2e.conftest import GUIDE
from tests.e2e.season_data import FILINGS, UNITS
from tests.mailserver import InThread
from tests.processes import wait_for

CHECKED_BY_HAND = 8


@pytest.fixture
def post():
    """A mail server that takes everything."""
    with InThread() as server:
        yield server


@pytest.fixture
def season(environment, start_worker, post):
    begun = season_data.begin()
    if GUIDE:
        season_data.documents_wait()
        start_worker(queues="documents")
    # As in script/server, mail does not queue behind documents; nobody looks at the documents of this journey. And its
    # mail, a season's in two minutes, is more than an ordinary installation lets go in a minute.
    start_worker(
        queues="default,mail", EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1",
        EMAIL_USE_SSL="0", EMAIL_PORT=str(post.port), MAIL_PER_MINUTE="600",
    )  # fmt: skip
    return begun


def test_one_secretary_takes_a_season_through(season, visit, post, tmp_path):
    visitor = visit()
    visitor.log_in("secretary")
    visitor.page.wait_for_url("**/admin/")
    clerk = work.Clerk(visitor)
    assert visitor.page.get_by_role("link", name=f"新提交 {FILINGS}").count() == 1

    assert work.verify(clerk) == 4
    by_hand = check_some(clerk)
    returned_comes_back(clerk, by_hand)
    accept_the_rest(clerk)
    paper(clerk)
    reminders(clerk, post, season)
    more_time_for_one(clerk, visit, post, season)
    summary_tables(clerk, tmp_path)
    keep(clerk)


def check_some(clerk) -> dict[str, str]:
    """Eight as they come: 3 presses for one without remark, decided for good with the press itself."""
    work.open_first(clerk)
    done = {work.accept(clerk): State.ACCEPTED for _ in range(CHECKED_BY_HAND - 4)}
    for words in ("请写明节电量和电价。", "请与财务证明一致。"):
        done[work.give_back(clerk, "benefit_basis", words)] = State.RETURNED
    done[work.decide(clerk, "缓评", "活动尚未结束，请完成后再报。")] = State.DEFERRED
    done[work.decide(clerk, "不予受理", "不是在青海实施的课题。")] = State.REFUSED
    assert len(done) == CHECKED_BY_HAND
    for number, state in done.items():
        assert Application.objects.get(file_number=number).state == state, number
    assert clerk.presses["审查一件，参评"] == [2, 3, 3, 3], "the first was started from the queue"
    letters = MailMessage.objects.filter(letter__startswith="check_")
    assert letters.values("about").distinct().count() == CHECKED_BY_HAND
    return done


def returned_comes_back(clerk, done) -> None:
    """The enterprises correct; what came back is first in the queue, and is accepted."""
    back = [number for number, state in done.items() if state == State.RETURNED]
    for number in back:
        row = Application.objects.get(file_number=number)
        checked.resubmit(row, row.created_by)
    clerk.go(f"{work.QUEUE}?queue=resubmitted")
    assert clerk.page.locator("#result_list tbody tr").count() == len(back)
    work.open_first(clerk)
    assert {work.accept(clerk) for _ in back} == set(back), "in front of all others"
    assert set(Application.objects.filter(file_number__in=back).values_list("state", flat=True)) == {State.ACCEPTED}


def accept_the_rest(clerk) -> None:
    """One batch for what nothing speaks against; undone within its window nobody is told, done again it holds."""
    visitor = clerk.visitor
    # As counted by the clockwork, which no test starts: what nobody has counted is left out of a batch.
    WarningSummary.objects.update(refreshed_at=clock.now())
    left = Application.objects.filter(state=State.SUBMITTED).count()
    # The filing that the last decision opened is hers: it is in the batch as well.
    work.accept_all(clerk, "queue=waiting")
    wait_for(lambda: Application.objects.filter(state=State.ACCEPTED).count() > left, 60, "the batch")
    accepted = Application.objects.filter(state=State.ACCEPTED).count()
    visitor.page.reload()
    clerk.press("撤销这一批")
    wait_for(lambda: Application.objects.filter(state=State.SUBMITTED).count() == left, 60, "the undo")
    work.accept_all(clerk, "queue=waiting")
    wait_for(lambda: Application.objects.filter(state=State.ACCEPTED).count() == accepted, 60, "the second batch")
    assert accepted == FILINGS - 2, "all but 缓评 and 不予受理"
    once = FormalCheck.objects.filter(outcome="accept", undone_at=None).values_list("application", flat=True)
    assert len(once) == len(set(once)), "nobody is accepted twice"


def paper(clerk) -> None:
    """Ten parts by scanner, one of them twice."""
    filings = Application.objects.filter(state=State.ACCEPTED).order_by("file_number")[:10]
    codes = [row.submissions.order_by("-version").first().code for row in filings]
    work.receive(clerk, [*codes, codes[0]])
    # The page sends what was scanned one after the other, however fast the scanner was.
    wait_for(lambda: DeskScan.objects.count() == len(codes) + 1, 30, "the last scan")
    assert PaperReceipt.objects.count() == len(codes)
    assert DeskScan.objects.latest("pk").result != "received", "the second time it is said"


def reminders(clerk, post, season) -> None:
    """Who has a draft, and who owes paper, is reminded once: pressed twice it is the same batch, asked for again
    nobody is left on the list."""
    season_office.remind(clerk, "草稿未提交")
    season_office.wait_until_gone(clerk)
    people = sorted(row.created_by.email for row in (season.asks, season.forgets))
    assert sorted(season_office.letters(post.accepted, "项申报尚未提交")) == people

    season_office.remind(clerk, "纸质材料未收到", twice=True)
    season_office.wait_until_gone(clerk)
    clerk.shot("secretariat-reminded", 620)
    batch = MailBatch.objects.get(occasion="paper")
    owing = Enterprise.objects.filter(
        applications__state=State.ACCEPTED, applications__paper_receipts=None
    ).distinct()  # fmt: skip
    assert batch.total == owing.count() < len(UNITS), "ten parts have come"
    mails = MailMessage.objects.filter(letter="paper_missing")
    assert set(mails.values_list("state", flat=True)) == {MailState.SENT}
    arrived = Counter(season_office.letters(post.accepted, "请寄送盖章纸质材料"))
    assert arrived == Counter(mails.values_list("to", flat=True))
    assert set(arrived.values()) == {1}, "one letter to each person"
    told = owing.values_list("memberships__user__email", flat=True)
    assert set(told) <= set(arrived), "every enterprise that owes paper"

    clerk.go(f"{reverse('admin:reminders')}?occasion=paper")
    assert "名单上的收件人这次都不发" in clerk.visitor.text()


def more_time_for_one(clerk, visit, post, season) -> None:
    """延期 for one enterprise. The round ends while both sit before the last button: it files, the other cannot."""
    day = timezone.localdate() + timedelta(days=12)
    unit = season.asks.enterprise
    said = season_office.extend(clerk, season.round_.programme.year, unit.name, day, "财务人员住院，证明迟到。")
    assert "1 个单位" in said
    assert season_data.FORGETS not in said
    season_office.relay()
    wait_for(lambda: season_office.letters(post.accepted, "申报延期"), 60, "the letter about the extension")
    assert season_office.letters(post.accepted, "申报延期") == [season.asks.created_by.email]

    windows = {}
    for row in (season.asks, season.forgets):
        windows[row.pk] = visitor = visit()
        visitor.enter(row.created_by)
        season_office.ready_to_submit(visitor, f"/applications/{row.uuid}/")
    Round.objects.filter(pk=season.round_.pk).update(closes_at=clock.now() - timedelta(minutes=1))
    for visitor in windows.values():
        season_office.submit(visitor)
    assert "/receipt/" in windows[season.asks.pk].page.url
    assert "截止" in windows[season.forgets.pk].text()
    closing.close_due_rounds(clock.now())
    states = {row.pk: Application.objects.get(pk=row.pk).state for row in (season.asks, season.forgets)}
    assert states == {season.asks.pk: State.SUBMITTED, season.forgets.pk: State.LAPSED}


def summary_tables(clerk, folder) -> None:
    """What 导出汇总表 adds up is what the enterprises filed: all that submitted, not the draft that lapsed."""
    found = season_office.summary_tables(clerk, folder)
    filed = AnnualReport.objects.exclude(enterprise__name=season_data.FORGETS)
    assert filed.count() == len(UNITS) + 1
    for field in ("employees", "groups_registered", "participants", "results_count"):
        row = statistics.BY_FIELD[field]
        assert found[row.label] == (sum(getattr(one, field) for one in filed), len(UNITS) + 1), field
    benefit = sum(one.direct_benefit for one in filed)
    row = statistics.BY_FIELD["direct_benefit"]
    assert found[row.label] == (pytest.approx(float(benefit) / 10_000, abs=0.005), len(UNITS) + 1)


def keep(clerk) -> None:
    """The table of the guide, for whoever asks: QCPORTAL_TEST_TABLE names a file."""
    table = [{"work": name, "pieces": pieces, "presses": round(each, 1)} for name, pieces, each in clerk.table()]
    if os.environ.get("QCPORTAL_TEST_TABLE"):
        Path(os.environ["QCPORTAL_TEST_TABLE"]).write_text(json.dumps(table, ensure_ascii=False, indent=1))
    assert {line["work"]: line["presses"] for line in table}["审查一件，参评"] <= 3
