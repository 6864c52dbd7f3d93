"""Events with shortlisted groups."""

from datetime import timedelta

from applications.models import Application
from applications.states import State
from events import actions
from events.models import Event, Track
from tests import factories


def accepted(owner, round_, number: int, **fields) -> Application:
    return factories.draft(
        owner,
        round_,
        state=State.ACCEPTED,
        file_number=f"QC{round_.programme.year}-{round_.number}-{number:04d}",
        group_name=f"第{number}QC小组",
        topic_name="降低设备故障率",
        topic_type="self_set",
        contact_email="lwj@huguang.example",
        **fields,
    )


def event(round_, **fields) -> Event:
    starts = round_.closes_at + timedelta(days=20, hours=9)
    defaults = {
        "slug": f"{round_.programme.year}-{round_.number}",
        "programme": round_.programme,
        "round": round_,
        "title": "第一期成果技术交流发布会",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=8),
        "place": "西宁宾馆",
    }
    row = Event.objects.create(**{**defaults, **fields})
    Track.objects.create(event=row, name="主会场", room="一楼会议厅", starts_at=starts)
    return row


def drawn_event(owner, secretary, round_, groups: int = 3) -> Event:
    row = event(round_)
    track = row.tracks.get()
    for number in range(1, groups + 1):
        actions.shortlist_by_hand(track, accepted(owner, round_, number), actor=secretary, reason="资料评审突出")
    actions.commit_draw(track, actor=secretary)
    actions.perform_draw(track, actor=secretary)
    return row
