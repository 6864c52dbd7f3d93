"""The presentation events: one that has been, with its drawn order, and one ahead."""

from datetime import datetime, timedelta

from django.db import transaction

from applications.models import Round
from events import draw as drawing
from events.models import Draw, Event, EventKind, Shortlist, ShortlistBasis, Slot, Track
from qcportal.demo.filing import Filed
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User

MINUTES = 17


def event(round_: Round, day: datetime, *, place: str, address: str) -> Event:
    """Published, from nine to half past five, with one track."""
    year = round_.programme.year
    made = Event.objects.create(
        slug=f"{year}-{round_.number}-presentation",
        programme=round_.programme,
        round=round_,
        kind=EventKind.PRESENTATION,
        title=f"{year} 年度全省质量管理小组活动{round_.label}成果技术交流发布会（演示）",
        starts_at=day + timedelta(hours=9),
        ends_at=day + timedelta(hours=17, minutes=30),
        place=place,
        address=address,
        intro="入选小组按抽签顺序发表，每组发表 12 分钟、提问 5 分钟。请提前 30 分钟签到。",
        is_published=True,
    )
    Track.objects.create(event=made, name="主会场", room="三楼会议厅", starts_at=made.starts_at)
    return made


def training(round_: Round, day: datetime) -> Event:
    year = round_.programme.year
    return Event.objects.create(
        slug=f"{year}-training",
        programme=round_.programme,
        kind=EventKind.TRAINING,
        title=f"{year} 年《质量管理小组活动准则》标准讲解培训（演示）",
        starts_at=day + timedelta(hours=9),
        ends_at=day + timedelta(hours=17),
        place="格尔木市昆仑会议中心",
        intro="面向推进质量管理小组活动的企业人员，含习题练习与答疑。",
        is_published=True,
    )


def run(
    source: Source, trail: Trail, made: Event, presenting: list[tuple[Filed, int]], secretary: User, at: datetime
) -> None:
    """Shortlist, draw (order by SHA-256 of seed:file_number), running order of an event that has been."""
    track = made.tracks.get()
    seed = source.salt()
    by_number = {str(item.application.file_number): item.application for item, _rank in presenting}
    entries = [drawing.Entry(number, row.enterprise.credit_code) for number, row in sorted(by_number.items())]
    result = drawing.draw(seed, entries, keep_apart=made.keep_enterprises_apart)
    drawn_at = at + timedelta(days=1)
    with transaction.atomic():
        Shortlist.objects.bulk_create(
            Shortlist(event=made, track=track, application=item.application, basis=ShortlistBasis.RANK,
                      document_rank=rank, added_by=secretary, added_at=at)
            for item, rank in presenting
        )  # fmt: skip
        Draw.objects.create(
            track=track, seed=seed, seed_sha256=drawing.seed_hash(seed), committed_at=at, committed_by=secretary,
            entries=sorted(by_number), revealed_at=drawn_at, drawn_by=secretary,
            record={"hashes": result.hashes, "drawn_order": result.drawn_order, "order": result.order,
                    "moves": result.moves, "keep_apart": made.keep_enterprises_apart},
        )  # fmt: skip
        Slot.objects.bulk_create(
            Slot(track=track, position=place, application=by_number[number], minutes=MINUTES,
                 starts_at=track.starts_at + timedelta(minutes=MINUTES * (place - 1)))
            for place, number in enumerate(result.order, 1)
        )  # fmt: skip
        Event.objects.filter(pk=made.pk).update(order_published_at=drawn_at)
    trail.add("draw.performed", made, drawn_at, secretary, seed=seed, order=result.order)
