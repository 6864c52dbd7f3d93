"""上一件 and 下一件 on the check page: through the filter that the person last looked at, in the order of its list."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from applications import queueing
from applications.admin import queue
from applications.admin.queue_filter import Filter
from applications.models import Application
from applications.states import State
from qcportal import clock
from qcportal.models import User


def filter_of(request: HttpRequest) -> Filter:
    """What the list last showed this person; before any list, what waits."""
    return Filter.of(queue.remembered(request), request.user)  # type: ignore[arg-type]


def neighbours(application: Application, wanted: Filter) -> dict[str, Any]:
    """The place of a filing in the filter, and the ids before and after it. Two queries of bare ids.

    A filing that is not in the filter (any more: it was just decided) keeps its place among the others, so that
    下一件 goes on from there; ``position`` is then 0.
    """
    inside = list(wanted.in_order().values_list("pk", flat=True))
    if application.pk in inside:
        place = inside.index(application.pk)
        before, after = inside[:place][-1:], inside[place + 1 :][:1]
        return _found(before, after, place + 1, len(inside))
    place = _place(application, wanted)
    return _found(inside[:place][-1:], inside[place:][:1], 0, len(inside))


def _found(before: list[int], after: list[int], position: int, total: int) -> dict[str, Any]:
    return {
        "previous": before[0] if before else None,
        "next": after[0] if after else None,
        "position": position,
        "total": total,
    }


def _place(application: Application, wanted: Filter) -> int:
    """How many of the filter come before a filing that is not in it."""
    with_it = Application.objects.filter(Q(pk__in=wanted.rows().values("pk")) | Q(pk=application.pk))
    return list(wanted.sorted(with_it).values_list("pk", flat=True)).index(application.pk)


def following(application: Application, wanted: Filter, user: User) -> int | None:
    """The next one of the filter that waits and that nobody else holds; after the last the first again."""
    free = queueing.waiting(wanted.rows()).exclude(queueing.is_others(clock.now(), user)).exclude(pk=application.pk)
    ids = list(wanted.sorted(free).values_list("pk", flat=True))
    if not ids:
        return None
    mine = wanted.sorted(Application.objects.filter(Q(pk__in=ids) | Q(pk=application.pk), state=State.SUBMITTED))
    place = list(mine.values_list("pk", flat=True))
    later = place[place.index(application.pk) + 1 :] if application.pk in place else []
    return later[0] if later else ids[0]
