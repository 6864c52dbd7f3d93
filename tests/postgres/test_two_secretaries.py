"""Two people, one queue, real PostgreSQL: nothing is checked twice, no remark is lost."""

import itertools
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from applications.actions import bulk, checking, claiming
from applications.models import Application, BulkKind, Claim, FormalCheck, Remark, WarningSummary
from applications.states import State
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import AuditEvent
from qcportal.roles import Role
from tests import factories
from tests.applications import checked
from tests.processes import ROOT

QUEUE = 24


def filings(count):
    return [
        checked.submitted(
            factories.enterprise_owner(username=f"of{number}", enterprise_name=f"青海第{number}有限公司"),
            topic_name=f"课题{number:03d}" * 4,
        )
        for number in range(count)
    ]


@pytest.fixture
def people(environment):
    """Tests of this kind empty every table behind them, the roles of the migration included."""
    Group.objects.get_or_create(name=Role.SECRETARIAT)
    return [factories.staff(username="chen", name="陈雪梅"), factories.staff(username="lin", name="林秀兰")]


def at_once(*presses):
    """Each press in a thread of its own with a connection of its own, all at the same moment; what they answered."""
    answers, gate = [None] * len(presses), threading.Barrier(len(presses))

    def run(place, press):
        try:
            gate.wait()
            answers[place] = press()
        except Refusal as refusal:
            answers[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(presses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def overlap(lines, others):
    """Whether two of them had a filing open at the same moment."""
    spans, more = ([(float(begun), float(left)) for _n, begun, left in each] for each in (lines, others))
    return any(begun < until and since < left for begun, left in spans for since, until in more)


def test_four_processes_of_two_people_work_through_one_queue(environment, people):
    """By the pages: every filing is claimed by one press, checked once, and keeps the two remarks of whoever had it."""
    rows = filings(QUEUE)
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "qcportal.settings"}
    start = str(time.time() + 10)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.postgres.secretary", person.username, start, str(number % 2)],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number, person in enumerate(people * 2)
    ]  # fmt: skip
    outputs = [process.communicate(timeout=180) for process in running]
    assert [process.returncode for process in running] == [0] * 4, outputs
    work = [[line.split() for line in out.splitlines()] for out, _err in outputs]
    claimed = Counter(number for lines in work for number, _from, _to in lines)
    assert claimed == Counter(row.file_number for row in rows)
    assert all(work), "one of the processes came too late to find anything: it was no competition"
    for lines, others in itertools.combinations(work, 2):
        assert overlap(lines, others), "two of the processes worked one after the other"
    assert FormalCheck.objects.count() == QUEUE
    assert AuditEvent.objects.filter(verb="check.started").count() == QUEUE
    assert AuditEvent.objects.filter(verb="claim.taken").count() == QUEUE
    for check in FormalCheck.objects.select_related("application", "checker"):
        name, number = check.checker.username, check.application.file_number
        assert [remark.text for remark in check.remarks.all()] == [f"{name} 看过 {number}", f"{name} 再看 {number}"]
        assert check.note == name
    decided = Application.objects.filter(state=State.DEFERRED).count()
    assert Claim.objects.count() == QUEUE - decided


def test_threads_pressing_next_at_the_same_moment_get_different_filings(people):
    filings(6)
    rows = Application.objects.all()
    presses = [lambda person=person: claiming.claim_next(rows, actor=person) for person in people * 4]
    given = [application.pk for application in at_once(*presses) if application is not None]
    assert sorted(given) == sorted(rows.values_list("pk", flat=True))


def test_one_filing_pressed_by_two_is_begun_by_one(people):
    row = filings(1)[0]
    more = [factories.staff(username=f"p{number}", name=f"秘书{number}") for number in range(2)]
    presses = [lambda person=person: checking.start_check(row, actor=person) for person in (*people, *more)]
    answers = at_once(*presses)
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert len(refused) == 3
    assert set(refused) <= {"check_open", "claimed"}
    assert (FormalCheck.objects.count(), Claim.objects.count()) == (1, 1)
    assert Claim.objects.get().holder == FormalCheck.objects.get().checker


def test_no_remark_is_lost_while_a_check_changes_hands(people):
    """One saves again and again, the other takes over in between: what was saved last before it stands, and grows."""
    row = filings(1)[0]
    first, second = people
    check = checking.start_check(row, actor=first)
    saved = []

    def keep_saving():
        for number in range(200):
            texts = [checking.RemarkText("topic_name", f"第 {one} 条") for one in range(number + 1)]
            try:
                checking.save_check(check, actor=first, answers={}, note="", remarks=texts)
            except Refusal:
                return
            saved.append(number + 1)

    def take_over():
        while len(saved) < 3:
            time.sleep(0.01)
        claiming.take_over(row, actor=second)
        mine = FormalCheck.objects.get(pk=check.pk)
        before = list(mine.remarks.values_list("text", flat=True))
        texts = [checking.RemarkText("topic_name", text) for text in [*before, "林秀兰接着看"]]
        checking.save_check(mine, actor=second, answers={}, note="", remarks=texts)
        return before

    _none, before = at_once(keep_saving, take_over)
    assert before == [f"第 {one} 条" for one in range(saved[-1])]
    assert list(Remark.objects.values_list("text", flat=True)) == [*before, "林秀兰接着看"]
    assert Claim.objects.get().holder == second


def test_a_bulk_acceptance_and_a_colleague_pressing_next_never_take_the_same(people):
    rows = filings(12)
    chen, lin = people
    for row in rows:
        checked.verify(row.enterprise, actor=chen)
    WarningSummary.objects.update(refreshed_at=clock.now(), unexplained=0, similar=0)
    everything = Application.objects.all()
    batch = bulk.preview(everything, kind=BulkKind.ACCEPT, actor=chen, query="")

    def press_next():
        taken = []
        while (application := claiming.claim_next(everything, actor=lin)) is not None:
            taken.append(application.pk)
            with suppress(Refusal):
                checking.start_check(application, actor=lin)
        return taken

    answer, _taken = at_once(lambda: bulk.confirm(batch, actor=chen, rows=everything, declared=True), press_next)
    accepted = set(everything.filter(state=State.ACCEPTED).values_list("pk", flat=True))
    begun = set(FormalCheck.objects.filter(checker=lin).values_list("application", flat=True))
    assert answer != "changed" or not accepted  # either nothing was done, or what was done was nobody else's
    assert accepted.isdisjoint(begun)
    assert accepted | begun == set(everything.values_list("pk", flat=True))
    assert FormalCheck.objects.count() == 12
