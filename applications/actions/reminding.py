"""Reminders: by the clockwork some days before something is due, and by the secretariat when it thinks fit."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from applications import reminders
from applications.actions.rights import require_secretariat
from applications.models import Enterprise
from applications.reminders import OCCASIONS, Target, Wanted
from qcportal import audit, clock, mail, outbox, sending
from qcportal.errors import Refusal, StaleState
from qcportal.models import MailBatch, MailKind, SendingRules, User

# --- By the clockwork ----------------------------------------------------------------------------


def send_reminders(now: datetime) -> int:
    """Every enterprise with something unfinished is told once a step (SendingRules.reminders): drafts, corrections,
    scans, paper.

    One mail to each person for all filings of an enterprise with the same deadline. A step that passed before a
    filing came into that state, or while nothing ran and the next one is there already, is left out. People who
    declined reminders, and addresses whose mail came back for good, are left out. Safe to run at any time, by
    several processes. Returns how many mails were written.
    """
    rules = sending.rules()
    return sum(_of_occasion(occasion.code, rules, now) for occasion in OCCASIONS.values() if occasion.is_automatic)


def _of_occasion(occasion: str, rules: SendingRules, now: datetime) -> int:
    steps = sending.steps(rules, occasion)
    if not steps.is_on or not steps.spans:
        return 0
    due = []
    for row in _near(occasion, now, max(steps.spans)):
        deadline = reminders.deadline_of(occasion, row)
        step = _step(deadline, now, steps.spans)
        since = row.since  # type: ignore[attr-defined]
        if deadline is not None and step is not None and since is not None and since < deadline - step:
            due.append(row)
    if not due:
        return 0
    targets = reminders.plan(occasion, due, now, rules=rules, may_repeat=True)
    return sum(_remind(occasion, target, _step(target.deadline, now, steps.spans), now) for target in targets)


def _near(occasion: str, now: datetime, span: timedelta) -> Any:
    """Rows whose deadline may have come so near: an extension of a round only moves its deadline on."""
    rows = reminders.waiting(occasion, now).order_by("enterprise_id", "preference", "pk")
    if occasion == "correction":
        return rows.filter(correction_due_at__gt=now, correction_due_at__lte=now + span)
    field = {"scan": "round__stamped_due_at", "paper": "round__paper_due_at"}.get(occasion)
    if field:
        return rows.filter(**{f"{field}__gt": now, f"{field}__lte": now + span})
    return rows.filter(round__closes_at__lte=now + span)


def _step(deadline: datetime | None, now: datetime, spans: list[timedelta]) -> timedelta | None:
    """The last step that has come, or None before the first and after the deadline."""
    if deadline is None or now >= deadline:
        return None
    return min((step for step in spans if deadline - step <= now), default=None)


def _remind(occasion: str, target: Target, step: timedelta | None, now: datetime) -> int:
    deadline = target.deadline
    if step is None or deadline is None or not target.people:
        return 0
    count = 0
    # "draft" has had these keys since the first season: nobody is told twice for their sake.
    name = "reminder" if occasion == "draft" else f"reminder:{occasion}"
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=target.enterprise.pk)  # one process at a time
        for person in target.people:
            key = f"mail:{name}:{deadline:%Y%m%d%H%M}:{int(step.total_seconds())}:{person.who}"
            sent = _write(occasion, target, person.address, key, left=_left(step), now=now)
            count += sent is not None
    return count


def _write(occasion: str, target: Target, to: str, key: str, *, left: str, now: datetime, **more: Any) -> Any:
    """In the quiet hours it waits, but not so near to its deadline that it would come too late to help."""
    pressing = target.deadline is not None and now < target.deadline <= now + sending.PRESSING
    if mail.already(key):
        return None
    return mail.queue_template(
        kind=MailKind.NOTICE, to=to, template=OCCASIONS[occasion].letter, key=key, about_row=target.enterprise,
        context=reminders.context(occasion, target, left), quiet=not pressing, **more,
    )  # fmt: skip


def _left(step: timedelta) -> str:
    return f"{step.days} 天" if step.days else f"{step.seconds // 3600} 小时"


# --- By the secretariat --------------------------------------------------------------------------


def send_batch(key: UUID, occasion: str, wanted: Wanted, *, seen: str, actor: User) -> MailBatch:
    """Everybody on the list gets one reminder; the worker writes them. ``key`` comes with the form: pressed twice, or
    sent again by the browser, it is the same batch.

    Refused: anyone but the secretariat; a list that is not the one ``seen`` any more; an empty one.
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        now = clock.now()
        found = MailBatch.objects.filter(uuid=key).first()
        if found is not None:
            return found
        rows = reminders.narrowed(reminders.waiting(occasion, now), wanted)
        targets = reminders.plan(occasion, rows, now)
        if reminders.digest(targets) != seen:
            raise StaleState("名单刚刚有变化，请核对现在的名单后再发送。")
        told = [target for target in targets if target.people]
        if not told:
            raise Refusal("名单上没有可以提醒的人。", "nobody")
        batch, made = MailBatch.objects.get_or_create(
            uuid=key,
            defaults={
                "occasion": occasion, "filters": wanted.as_data(), "created_by": actor, "created_at": now,
                "total": len(told), "targets": [[row.pk for row in target.applications] for target in told],
            },
        )  # fmt: skip
        if made:
            outbox.add("reminder.batch", f"reminder.batch:{batch.pk}", {"batch": batch.pk}, queue="mail", priority=4)
            audit.record(
                "reminder.sent", batch, actor=actor,
                after={"occasion": occasion, "enterprises": len(told), "mails": sum(len(t.people) for t in told)},
            )  # fmt: skip
    return batch


def write_batch(payload: dict[str, int]) -> None:
    """Outbox handler ``reminder.batch``: one mail for each person on the list; what was done meanwhile is left out.

    Repeated after a crash it goes on where it stopped: each mail has a key of its own.
    """
    batch = MailBatch.objects.get(pk=payload["batch"])
    if batch.written_at is not None:
        return
    now = clock.now()
    pks = [pk for group in batch.targets for pk in group]
    rows = reminders.waiting(batch.occasion, now).filter(pk__in=pks)
    key = f"mail:batch:{batch.pk}:"
    for target in reminders.plan(batch.occasion, rows, now, but=key):
        tell(batch.occasion, target, key=key, now=now, batch=batch)
    MailBatch.objects.filter(pk=batch.pk).update(written_at=clock.now())


def tell(occasion: str, target: Target, *, key: str, now: datetime, **more: Any) -> int:
    """One mail to each person of ``target``, under keys that begin with ``key``: written again, nothing is added.

    The enterprise's row is the lock between the ways to remind: whoever comes second within the time that the
    sending rules set finds that it was told, and is silent. Returns how many were written.
    """
    due = f"{target.deadline:%Y%m%d%H%M}" if target.deadline else ""
    left = reminders.left_words(target.deadline, now)
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=target.enterprise.pk)
        since = now - timedelta(hours=sending.rules().limit_hours)
        if reminders.told_since(occasion, target.enterprise, since, key):
            return 0
        keys = [(person, f"{key}{target.enterprise.pk}:{due}:{person.who}") for person in target.people]
        sent = [_write(occasion, target, who.address, one, left=left, now=now, **more) for who, one in keys]
    return sum(one is not None for one in sent)
