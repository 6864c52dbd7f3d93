"""A small year: two enterprises, three numbers, a return that came back, sheets, an announced ranking, a receipt."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from applications.actions import checking, paper, replying
from applications.actions.checking import RemarkText
from applications.models import Application
from qcportal import clock
from reviews.models import Ranking
from tests import factories
from tests.applications import checked


@dataclass
class Year:
    programme: Any
    round: Any
    owner: Any
    other: Any
    secretary: Any
    first: Application
    returned: Application
    foreign: Application


def build(secretary) -> Year:
    round_ = factories.open_round()
    owner = factories.enterprise_owner(username="of-year", name="马启明")
    other = factories.enterprise_owner(username="of-other", name="祁文澜", enterprise_name="青海瀚澄盐湖化工有限公司")
    first = checked.submitted(owner, round_)
    returned = checked.submitted(owner, round_, group_name="沙柳QC小组", topic_name="降低包装线停机时间")
    foreign = checked.submitted(other, round_, group_name="=1+1小组", preference=1)
    return Year(round_.programme, round_, owner, other, secretary, first, returned, foreign)


def give_back(year: Year, *, reply: bool = True) -> Application:
    """``returned`` goes back with one remark; with ``reply`` it is answered and handed in again."""
    check = checked.open_check(year.returned, year.secretary)
    checking.return_for_correction(
        check, actor=year.secretary, remarks=[RemarkText("topic_name", "课题名称请与报告一致。")], open_fields=[],
        correction_due_at=clock.now() + timedelta(days=5), reason="请完善",
    )  # fmt: skip
    year.returned.refresh_from_db()
    if reply:
        replying.reply_to_remark(check.remarks.get(), actor=year.owner, text="已与报告核对一致。")
        checked.resubmit(year.returned, year.owner)
    return year.returned


def announce(year: Year) -> Ranking:
    rows = [{"rank": 1, "file_number": year.first.file_number, "enterprise": year.first.enterprise.name,
             "group": "红柳QC小组", "topic": "课题", "total": "91.50", "award": "一等奖"}]  # fmt: skip
    return Ranking.objects.create(
        programme=year.programme, round=year.round, version=1, sha256="0" * 64, frozen_by=year.secretary,
        data={"rows": rows}, frozen_at=clock.now(), announced_at=clock.now(),
    )  # fmt: skip


def receive(year: Year) -> None:
    paper.receive_paper(
        year.first.latest_submission, actor=year.secretary, shelf="A-1", note="两份", accept_stale=False
    )


@pytest.fixture
def year(db, secretary) -> Year:
    return build(secretary)
