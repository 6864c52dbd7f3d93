"""Saved filters of the queue: each person's own, one of them the default, shared with colleagues on request."""

from django.db import IntegrityError, transaction

from applications.actions.rights import require_secretariat
from applications.models import SavedFilter
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User

MOST = 20


def save(*, actor: User, name: str, query: str, is_default: bool = False, is_shared: bool = False) -> SavedFilter:
    """The filter stands under ``name``; the same name again replaces it.

    Refused: no name, a filter that filters nothing, more than twenty.
    """
    require_secretariat(actor)
    name = _name(name)
    if not query:
        raise Refusal("现在没有筛选条件，先选好条件再保存。", "empty")
    with transaction.atomic(durable=True):
        mine = SavedFilter.objects.filter(owner=actor)
        if not mine.filter(name=name).exists() and mine.count() >= MOST:
            raise Refusal(f"最多保存 {MOST} 个筛选，请先删去不用的。", "too_many")
        if is_default:
            mine.update(is_default=False)
        row, _created = SavedFilter.objects.update_or_create(
            owner=actor, name=name,
            defaults={"query": query, "is_default": is_default, "is_shared": is_shared},
            create_defaults={
                "query": query, "is_default": is_default, "is_shared": is_shared, "created_at": clock.now()
            },
        )  # fmt: skip
        audit.record("queue_filter.saved", row, actor=actor, after={"name": name, "query": query})
    return row


def change(row: SavedFilter, *, actor: User, name: str, is_default: bool, is_shared: bool) -> SavedFilter:
    """Renamed, made the default (in place of the one before), shared or kept to oneself. Refused: a name in use."""
    require_secretariat(actor)
    name = _name(name)
    try:
        with transaction.atomic(durable=True):
            row = _own(row, actor)
            if is_default:
                SavedFilter.objects.filter(owner=actor).exclude(pk=row.pk).update(is_default=False)
            row.name, row.is_default, row.is_shared = name, is_default, is_shared
            row.save(update_fields=["name", "is_default", "is_shared"])
            audit.record("queue_filter.changed", row, actor=actor, after={"name": name, "shared": is_shared})
    except IntegrityError:
        raise Refusal(f"您已有名为“{name}”的筛选，请换一个名称。", "name_taken") from None
    return row


def delete(row: SavedFilter, *, actor: User) -> None:
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        row = _own(row, actor)
        audit.record("queue_filter.deleted", row, actor=actor, before={"name": row.name, "query": row.query})
        row.delete()


def _own(row: SavedFilter, actor: User) -> SavedFilter:
    row = SavedFilter.objects.select_for_update().get(pk=row.pk)
    if row.owner_id != actor.pk:
        raise NotAllowed("这是同事共用的筛选，只有保存它的人可以修改或删除。")
    return row


def _name(name: str) -> str:
    name = name.strip()
    if not name:
        raise Refusal("请给这个筛选起一个名称。", "no_name")
    if len(name) > 20:
        raise Refusal(f"名称最多 20 个字，现为 {len(name)} 个字。", "too_long")
    return name
