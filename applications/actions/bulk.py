"""批量操作: a preview, a confirmation of just that set, the work, and an undo before any letter has left.

Each filing is a transaction of its own, judged once more under its lock; what changed since the preview is left out
and said. Sets above ``settings.BULK_AT_ONCE`` are done by the worker. The letters of a batch wait in the outbox until
its window has passed (``close``); an undo within it restores every filing and nobody was told anything.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from applications import bulk_plans
from applications.actions import bulk_work
from applications.actions.rights import require_secretariat
from applications.models import Application, BulkAction, BulkItem, BulkKind, BulkState, ItemState
from qcportal import audit, clock, outbox
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

# A thousand filings take about half a minute; the lease is longer, so that no second worker starts on the same ones.
LEASE_SECONDS = 900
# The worker goes on with what a web process left half done.
TAKEN_UP_AFTER = timedelta(minutes=2)
PREVIEWS_KEPT = timedelta(days=1)


class Changed(Refusal):
    """The set is not what was previewed; ``drift`` says what became of it."""

    def __init__(self, drift: bulk_plans.Drift) -> None:
        parts = []
        if drift.changed:
            parts.append(f"{len(drift.changed)} 件已有变化（{_few(drift.changed)}）")
        if drift.added:
            parts.append(f"新增 {len(drift.added)} 件（{_few(drift.added)}）")
        super().__init__(f"预览之后，{'，'.join(parts)}，所以还没有办理。", "changed")
        self.drift = drift


def _few(numbers: list[str]) -> str:
    return "、".join(numbers[:3]) + (" 等" if len(numbers) > 3 else "")


def preview(
    rows: QuerySet[Application], *, kind: str, actor: User, query: str, assignee: User | None = None
) -> BulkAction:
    """What would be done with every filing in ``rows`` stands as a batch that nothing has been done of.

    Refused: people who are not of the secretariat, an assignee who is not.
    """
    require_secretariat(actor)
    if kind == BulkKind.ASSIGN:
        require_secretariat(assignee or actor)
    with transaction.atomic(durable=True):
        now = clock.now_in_transaction()
        batch = BulkAction.objects.create(
            kind=kind, query=query, actor=actor, created_at=now,
            assignee=(assignee or actor) if kind == BulkKind.ASSIGN else None,
        )  # fmt: skip
        made = bulk_plans.plans(rows, kind, actor=actor, assignee=batch.assignee, now=now)
        BulkItem.objects.bulk_create(
            [
                BulkItem(
                    batch=batch, application=plan.application, position=position, seen=plan.seen, reason=plan.reason,
                    state=ItemState.LEFT_OUT if plan.reason else ItemState.PLANNED,
                )
                for position, plan in enumerate(made, 1)
            ],
            batch_size=500,
        )  # fmt: skip
    return batch


def confirm(batch: BulkAction, *, actor: User, rows: QuerySet[Application], declared: bool = False) -> BulkAction:
    """The previewed set is worked through, at once or by the worker. ``rows`` is what the filter gives now.

    Refused: another person's preview, one used already, an empty one, a set that changed since (``Changed``), and an
    acceptance of filings without a check unless it is declared that their checklist is met.
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        batch = BulkAction.objects.select_for_update().get(pk=batch.pk)
        if batch.actor_id != actor.pk:
            raise NotAllowed(f"这是 {batch.actor} 的预览，请自己预览后再办理。")
        if batch.state != BulkState.PREVIEW:
            raise Refusal("这一批已经办理过，请看下面的结果。", "not_preview")
        planned = batch.items.filter(state=ItemState.PLANNED)
        count = planned.count()
        if not count:
            raise Refusal("没有可以办理的申报，请调整筛选。", "empty")
        if batch.kind == BulkKind.ACCEPT and not declared and needs_declaration(batch):
            raise Refusal("请先确认审查清单的各项都已核对符合。", "undeclared")
        now = clock.now_in_transaction()
        drift = bulk_plans.drift(
            batch, bulk_plans.plans(rows, batch.kind, actor=actor, assignee=batch.assignee, now=now)
        )
        if drift:
            raise Changed(drift)
        batch.state, batch.confirmed_at = BulkState.RUNNING, now
        batch.save(update_fields=["state", "confirmed_at"])
        audit.record("bulk.confirmed", batch, actor=actor, kind=batch.kind, count=count, query=batch.query)
        at_once = _start(batch, "bulk.run", count, now)
    if at_once:
        run({"batch": batch.pk})
    batch.refresh_from_db()
    return batch


def needs_declaration(batch: BulkAction) -> bool:
    """Some filings would be accepted without anybody having ticked their checklist."""
    planned = batch.items.filter(state=ItemState.PLANNED)
    return planned.exclude(application__checks__outcome="", application__checks__checker=batch.actor_id).exists()


def _start(batch: BulkAction, topic: str, count: int, now: datetime) -> bool:
    """The outbox row is written in any case: it takes up what a web process could not finish."""
    at_once = count <= settings.BULK_AT_ONCE
    outbox.add(
        topic, f"{topic}:{batch.pk}", {"batch": batch.pk}, lease_seconds=LEASE_SECONDS,
        not_before=now + TAKEN_UP_AFTER if at_once else None,
    )  # fmt: skip
    return at_once


def run(payload: dict[str, Any]) -> None:
    """Outbox handler ``bulk.run``: what is still planned is done, item by item; may run twice without harm."""
    batch = BulkAction.objects.select_related("actor", "assignee").get(pk=payload["batch"])
    if batch.state != BulkState.RUNNING:
        return
    for pk in list(batch.items.filter(state=ItemState.PLANNED).values_list("pk", flat=True)):
        _one(batch, pk, ItemState.PLANNED, _do, failed=ItemState.SKIPPED)
    _finish(batch)


def _one(batch: BulkAction, pk: int, expected: ItemState, work: Any, *, failed: ItemState) -> None:
    try:
        with transaction.atomic(durable=True):
            item = BulkItem.objects.select_for_update().get(pk=pk)
            if item.state == expected:
                application = Application.objects.select_for_update().get(pk=item.application_id)
                work(batch, item, application)
                item.save(update_fields=["state", "reason", "before", "formal_check"])
    except Refusal as refusal:
        BulkItem.objects.filter(pk=pk, state=expected).update(state=failed, reason=refusal.message[:300])


def _do(batch: BulkAction, item: BulkItem, application: Application) -> None:
    now = clock.now_in_transaction()
    rows = Application.objects.filter(pk=application.pk)
    plan = bulk_plans.plans(rows, batch.kind, actor=batch.actor, assignee=batch.assignee, now=now, but=batch.pk)[0]
    if plan.reason or plan.seen != item.seen:
        raise Refusal(f"确认后有变化：{plan.reason or '同事刚刚处理过'}", "changed")
    bulk_work.DO[BulkKind(batch.kind)](batch, item, application, now)
    item.state, item.reason = ItemState.DONE, ""


def _finish(batch: BulkAction) -> None:
    with transaction.atomic(durable=True):
        now = clock.now_in_transaction()
        done = batch.items.filter(state=ItemState.DONE).count()
        until = now + timedelta(minutes=settings.BULK_UNDO_MINUTES)
        state = BulkState.DONE if done else BulkState.CLOSED
        changed = BulkAction.objects.filter(pk=batch.pk, state=BulkState.RUNNING)
        if changed.update(state=state, finished_at=now, undo_until=until if done else None):
            audit.record("bulk.finished", batch, actor=batch.actor, kind=batch.kind, count=done)
            if done:
                outbox.add(
                    "bulk.close", f"bulk.close:{batch.pk}", {"batch": batch.pk}, lease_seconds=LEASE_SECONDS,
                    not_before=until,
                )  # fmt: skip


def undo(batch: BulkAction, *, actor: User) -> BulkAction:
    """Everything done by the batch is as it was before, and its letters never leave.

    Refused once the window has passed. What went on since (taken into judging, a check begun) stays, and is said.
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        now = clock.now_in_transaction()
        open_ = BulkAction.objects.filter(pk=batch.pk, state=BulkState.DONE, undo_until__gt=now)
        if not open_.update(state=BulkState.UNDOING, undone_by=actor):
            raise Refusal("已过可撤销的时间，或已经撤销过，请看下面的结果。", "too_late")
        count = batch.items.filter(state=ItemState.DONE).count()
        audit.record("bulk.undone", batch, actor=actor, kind=batch.kind, count=count)
        at_once = _start(batch, "bulk.undo", count, now)
    if at_once:
        run_undo({"batch": batch.pk})
    batch.refresh_from_db()
    return batch


def run_undo(payload: dict[str, Any]) -> None:
    """Outbox handler ``bulk.undo``: the last one done is undone first; may run twice without harm."""
    batch = BulkAction.objects.select_related("actor", "undone_by").get(pk=payload["batch"])
    if batch.state != BulkState.UNDOING:
        return
    items = batch.items.filter(state=ItemState.DONE).order_by("-position")
    for pk in list(items.values_list("pk", flat=True)):
        _one(batch, pk, ItemState.DONE, _undo, failed=ItemState.KEPT)
    BulkAction.objects.filter(pk=batch.pk, state=BulkState.UNDOING).update(
        state=BulkState.UNDONE, undone_at=clock.now()
    )


def _undo(batch: BulkAction, item: BulkItem, application: Application) -> None:
    bulk_work.UNDO[BulkKind(batch.kind)](batch, item, application, clock.now_in_transaction())
    item.state = ItemState.UNDONE


def close(payload: dict[str, Any]) -> None:
    """Outbox handler ``bulk.close``: the window has passed, the letters of what stands are written, each once."""
    batch = BulkAction.objects.select_related("actor").get(pk=payload["batch"])
    if batch.state in {BulkState.RUNNING, BulkState.UNDOING}:
        raise outbox.Postpone(30, "批量操作还在进行")
    if batch.undo_until is not None and clock.now() < batch.undo_until:
        raise outbox.Postpone(int((batch.undo_until - clock.now()).total_seconds()) + 1, "还可以撤销")
    BulkAction.objects.filter(pk=batch.pk, state=BulkState.DONE).update(state=BulkState.CLOSED)
    batch.refresh_from_db()
    if batch.state not in {BulkState.CLOSED, BulkState.UNDONE}:  # an undo came first, in the last moment
        raise outbox.Postpone(30, "批量操作还在进行")
    tell = bulk_work.TELL.get(BulkKind(batch.kind))
    if tell is not None:
        tell(batch, batch.items.filter(state__in=[ItemState.DONE, ItemState.KEPT], told_at=None))


def sweep(now: datetime) -> int:
    """Previews that nobody confirmed are forgotten after a day."""
    old = BulkAction.objects.filter(state=BulkState.PREVIEW, created_at__lt=now - PREVIEWS_KEPT)
    count = old.count()
    old.delete()
    return count


def at_once() -> int:
    """Up to so many filings are done before the page comes back."""
    return int(settings.BULK_AT_ONCE)
