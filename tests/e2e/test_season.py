"""Forty filings checked by one secretary from the staff site alone: by hand, corrected, in a batch, paper received."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from applications.actions.programmes import create_programme
from applications.models import (
    Application,
    DeskScan,
    FormalCheck,
    PaperReceipt,
    Round,
    WarningSummary,
)
from applications.states import State
from qcportal import clock
from qcportal.models import MailMessage
from tests import factories
from tests.applications import checked
from tests.e2e import season as work
from tests.processes import wait_for

FILINGS = 40
CHECKED_BY_HAND = 8
OBJECTS = (
    "碳酸锂包装", "变压器检修", "青稞酒灌装", "输电线路覆冰", "牧区饮水管", "光伏组件清洗", "钾肥干燥", "牦牛肉冷链",
    "铝锭浇铸", "水电站闸门", "风机齿轮箱", "枸杞烘干", "藏毯染色", "公路沥青摊铺", "隧道衬砌", "桥梁支座",
    "热力管网", "污水曝气", "气象雷达", "铁路道岔", "机场除冰", "银行柜面", "医院输液", "邮政分拣",
    "矿山充填", "尾矿筛分", "电解槽阴极", "镁锭酸洗", "玻璃退火", "水泥窑尾", "乳品杀菌", "药材切片",
    "基站电源", "光缆熔接", "客服工单", "加油站计量", "燃气调压", "电梯制动", "塔吊回转", "供水水表",
)  # fmt: skip


@pytest.fixture
def season(environment, start_worker):
    """Twenty enterprises with two filings each in a round that is open now, two of them not verified yet; one
    enterprise more that never pressed submit."""
    now = clock.now()
    create_programme(year=now.year)
    Round.objects.filter(programme__year=now.year, number=2).delete()
    round_ = Round.objects.get(programme__year=now.year, number=1)
    Round.objects.filter(pk=round_.pk).update(
        opens_at=now - timedelta(days=9), closes_at=now + timedelta(days=9),
        stamped_due_at=now + timedelta(days=16), paper_due_at=now + timedelta(days=16),
    )  # fmt: skip
    round_.refresh_from_db()
    secretary = factories.staff(username="secretary", name="陈雪梅")
    for number in range(FILINGS // 2):
        person = factories.enterprise_owner(username=f"unit{number}", enterprise_name=f"青海第{number + 1}有限公司")
        for topic in OBJECTS[2 * number : 2 * number + 2]:
            row = factories.complete_draft(
                person, round_, group_name=f"{topic}QC小组", topic_name=f"降低{topic}故障次数"
            )
            factories.explain(row, person)
            checked.submitted_draft(row, person)
        if number >= 2:
            checked.verify(factories.enterprise_of(person), actor=secretary)
    late = factories.enterprise_owner(username="late", enterprise_name="青海晚到有限公司")
    factories.complete_draft(late, round_, group_name="晚到QC小组", topic_name="缩短骆驼毛梳理停机时间")
    start_worker()
    return round_


def test_one_secretary_checks_a_season(season, visit):
    visitor = visit()
    visitor.log_in("secretary")
    visitor.page.wait_for_url("**/admin/")
    clerk = work.Clerk(visitor)
    assert visitor.page.get_by_role("link", name=f"新提交 {FILINGS}").count() == 1

    assert work.verify(clerk) == 3
    by_hand = check_some(clerk)
    returned_comes_back(clerk, by_hand)
    accept_the_rest(clerk)
    paper(clerk)
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


def keep(clerk) -> None:
    """The table of the guide, for whoever asks: QCPORTAL_TEST_TABLE names a file."""
    table = [{"work": name, "pieces": pieces, "presses": round(each, 1)} for name, pieces, each in clerk.table()]
    if os.environ.get("QCPORTAL_TEST_TABLE"):
        Path(os.environ["QCPORTAL_TEST_TABLE"]).write_text(json.dumps(table, ensure_ascii=False, indent=1))
    assert {line["work"]: line["presses"] for line in table}["审查一件，参评"] <= 3
