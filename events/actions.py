"""Who presents, the draw, and the published running order."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from applications.models import Application
from applications.states import TAKING_PART
from events import choosing
from events import draw as drawing
from events.models import Draw, Event, Shortlist, ShortlistBasis, ShortlistBatch, Slot, Track
from qcportal import audit, clock, mail, outbox
from qcportal.errors import NotAllowed, Refusal, StaleState
from qcportal.models import MailKind, User
from qcportal.roles import Role, has_role


def shortlist_by_hand(track: Track, application: Application, *, actor: User, reason: str) -> Shortlist:
    """``application`` presents in ``track``, for ``reason``. Refused after the draw, for filings that take no
    part, of another round, or listed already."""
    if not reason.strip():
        raise Refusal("请填写入选理由。", "no_reason")
    with transaction.atomic():
        return _shortlist(track, application, actor=actor, basis=ShortlistBasis.HAND, reason=reason.strip())


def shortlist_batch(track: Track, by: str, quotas: Mapping[str, int], *, actor: User, seen: str) -> ShortlistBatch:
    """The groups that ``choosing.plan`` takes present in ``track``, as one batch that can be undone.

    Refused: other people than the secretariat, after the draw, when nobody would be added, and when the ranking
    or the list changed since the preview (``seen`` is its seal).
    """
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        _lock_undrawn(track)
        plan = choosing.plan(track.event, by, quotas)
        if not plan.added:
            raise Refusal("没有可以列入的小组。", "nobody")
        if plan.seal != seen:
            raise StaleState("成绩或名单刚刚有变化，请核对新的预览后再确认。")
        batch = ShortlistBatch.objects.create(
            event=track.event, track=track, rule=plan.rule, count=len(plan.added), made_at=clock.now(), made_by=actor
        )
        for one in plan.added:
            _shortlist(track, one.application, actor=actor, basis=plan.basis, rank=one.rank, batch=batch)
        audit.record("shortlist.batch_added", batch, actor=actor, after={"rule": batch.rule, "count": batch.count})
        return batch


def undo_batch(batch: ShortlistBatch, *, actor: User) -> int:
    """What the batch took in is off the list again, as far as it is still there; returns how many groups.

    Refused: other people than the secretariat, a second time, after the draw and once the order is public.
    """
    with transaction.atomic(durable=True):
        _require_secretariat(actor)
        _lock_undrawn(batch.track)
        if batch.event.order_published_at is not None:
            raise Refusal("发表顺序已公布，不能撤销。", "published")
        if not ShortlistBatch.objects.filter(pk=batch.pk, undone_at=None).update(
            undone_at=clock.now(), undone_by=actor
        ):
            raise Refusal("这一批已经撤销。", "undone")
        numbers = list(batch.rows.values_list("application__file_number", flat=True))
        batch.rows.all().delete()
        audit.record("shortlist.batch_undone", batch, actor=actor, before={"file_numbers": numbers})
        return len(numbers)


def _require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed("只有秘书处可以进行此项操作。")


def _shortlist(
    track: Track,
    application: Application,
    *,
    actor: User,
    basis: str,
    reason: str = "",
    rank: int | None = None,
    batch: ShortlistBatch | None = None,
) -> Shortlist:
    event = track.event
    _lock_undrawn(track)
    if application.state not in TAKING_PART:
        raise Refusal(f"{application} 的状态为“{application.state_label}”，不能入选。", "bad_state")
    if event.round_id and application.round_id != event.round_id:
        raise Refusal(f"{application} 不属于本活动对应的一期。", "other_round")
    row, created = Shortlist.objects.get_or_create(
        event=event,
        application=application,
        defaults={
            "track": track,
            "basis": basis,
            "reason": reason,
            "document_rank": rank,
            "batch": batch,
            "added_by": actor,
            "added_at": clock.now(),
        },
    )
    if not created:
        raise Refusal(f"{application} 已在入选名单中。", "listed")
    audit.record(
        "shortlist.added",
        row,
        actor=actor,
        after={"file_number": application.file_number, "basis": basis},
        reason=reason,
    )
    return row


def remove_from_shortlist(row: Shortlist, *, actor: User, reason: str) -> None:
    """The group no longer presents. Refused once its track was drawn."""
    with transaction.atomic():
        _lock_undrawn(row.track)
        audit.record(
            "shortlist.removed",
            row,
            actor=actor,
            before={"file_number": row.application.file_number, "basis": row.basis},
            reason=reason,
        )
        row.delete()


def _lock_undrawn(track: Track) -> None:
    """The track's row is the lock of its list; after the draw the list stands."""
    Track.objects.select_for_update().get(pk=track.pk)
    if Draw.objects.filter(track=track).exclude(revealed_at=None).exists():
        raise Refusal("该会场已抽签，名单不能再改动。", "drawn")


def commit_draw(track: Track, *, actor: User) -> Draw:
    """A secret seed is made and its SHA-256 published, before the list is frozen. Once per track."""
    seed = drawing.new_seed()
    with transaction.atomic():
        Track.objects.select_for_update().get(pk=track.pk)
        if Draw.objects.filter(track=track).exists():
            raise Refusal("该会场的种子哈希已公布。", "committed")
        row = Draw.objects.create(
            track=track,
            seed=seed,
            seed_sha256=drawing.seed_hash(seed),
            committed_at=clock.now(),
            committed_by=actor,
        )
        audit.record("draw.committed", row, actor=actor, after={"seed_sha256": row.seed_sha256})
    return row


def perform_draw(track: Track, *, actor: User) -> Draw:
    """The list is frozen, the order drawn, the seed revealed, and the running order written with its times.

    Refused before the hash was published, for an empty list, and a second time.
    """
    with transaction.atomic():
        Track.objects.select_for_update().get(pk=track.pk)
        row = Draw.objects.filter(track=track).first()
        if row is None:
            raise Refusal("请先公布种子哈希，再抽签。", "not_committed")
        if row.revealed_at is not None:
            raise Refusal("该会场已抽签，结果不能更改。", "drawn")
        listed = list(track.shortlist.select_related("application__enterprise"))
        if not listed:
            raise Refusal("入选名单为空，不能抽签。", "empty")
        by_number = {entry.application.file_number or "": entry.application for entry in listed}
        entries = [drawing.Entry(number, app.enterprise.credit_code) for number, app in sorted(by_number.items())]
        result = drawing.draw(row.seed, entries, keep_apart=track.event.keep_enterprises_apart)
        now = clock.now()
        record = {
            "drawn": [{"file_number": number, "sha256": result.hashes[number]} for number in result.drawn_order],
            "order": result.order,
            "moves": result.moves,
            "keep_apart": track.event.keep_enterprises_apart,
        }
        if not Draw.objects.filter(pk=row.pk, revealed_at=None).update(
            entries=sorted(by_number), record=record, revealed_at=now, drawn_by=actor
        ):
            raise StaleState
        _write_slots(track, [by_number[number] for number in result.order])
        audit.record("draw.performed", row, actor=actor, after={"seed": row.seed, "order": result.order})
    row.refresh_from_db()
    return row


def _write_slots(track: Track, order: list[Application]) -> None:
    event = track.event
    minutes = event.presentation_minutes + event.question_minutes
    Slot.objects.bulk_create(
        Slot(
            track=track,
            position=place,
            application=application,
            starts_at=track.starts_at + timedelta(minutes=minutes * (place - 1)),
            minutes=minutes,
        )
        for place, application in enumerate(order, 1)
    )


def publish_order(event: Event, *, actor: User, now: datetime) -> None:
    """The running order becomes public and every presenting enterprise is told. Refused before all tracks are drawn."""
    with transaction.atomic():
        undrawn = event.tracks.filter(draw__revealed_at=None)
        if undrawn.exists() or not event.tracks.exists():
            raise Refusal("还有会场没有抽签，不能公布发表顺序。", "undrawn")
        if not Event.objects.filter(pk=event.pk, order_published_at=None).update(
            order_published_at=now, is_published=True
        ):
            raise Refusal("发表顺序已公布。", "published")
        audit.record("event.order_published", event, actor=actor)
        outbox.add("agenda.build", f"agenda:{event.pk}", {"event": event.pk}, queue="documents", priority=4)
        for slot in Slot.objects.filter(track__event=event).select_related("track", "application__enterprise"):
            mail.queue_template(
                kind=MailKind.LETTER,
                to=slot.application.contact_email,
                template="running_order",
                about_row=slot.application,
                context={"slot": slot, "event": event, "application": slot.application},
            )
    event.order_published_at = now
    event.is_published = True
