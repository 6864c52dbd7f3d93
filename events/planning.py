"""The two presentation events of a year, prepared before their dates are known (notice, section 2: July, December)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from applications import programme_copy
from applications.models import Programme, Round
from events.models import Event, Track
from qcportal import audit
from qcportal.models import User

MONTHS = {1: 7, 2: 12}
PRESUMED_DAY = 15  # until the association announces the day; the event stays unpublished till then
PLACE = "待定"


@programme_copy.copier("发布会")
def _planned_anew(copy: programme_copy.Copy) -> list[str]:
    """The events of the old year stay with it; the new one gets its own, unpublished, without a day."""
    made = plan_events(copy.target)
    where = "请在“发布会与培训”中填写日期和地点"
    return [f"{copy.target.year} 年度的 {len(made)} 场发布会已建立但未公布，{where}。"] if made else []


@programme_copy.with_round
def _planned_with(round_: Round, actor: User) -> list[str]:
    """A round that is added later gets its event as well."""
    made = plan_events(round_.programme, actor=actor)
    return [f"“{event.title}”已建立但未公布，请在“发布会与培训”中填写日期和地点。" for event in made]


def plan_events(programme: Programme, *, actor: User | None = None) -> list[Event]:
    """An unpublished presentation event with one track for each round that has none yet. Returns the new ones."""
    with transaction.atomic():
        return [
            _plan(programme, round_, actor)
            for round_ in programme.rounds.all()
            if not round_.events.filter(kind="presentation").exists()
        ]


def _plan(programme: Programme, round_: Round, actor: User | None) -> Event:
    zone = timezone.get_default_timezone()
    month = MONTHS[round_.number]
    starts_at = datetime(programme.year, month, PRESUMED_DAY, 9, tzinfo=zone)
    event = Event.objects.create(
        slug=f"{programme.year}-{round_.number}",
        programme=programme,
        round=round_,
        title=f"{programme.year} 年度全省质量管理小组活动{round_.label}成果技术交流发布会",
        starts_at=starts_at,
        ends_at=starts_at.replace(hour=17),
        place=PLACE,
    )
    Track.objects.create(event=event, name="主会场", starts_at=starts_at)
    audit.record("event.planned", event, actor=actor, after={"starts_at": starts_at.isoformat(), "place": PLACE})
    return event
