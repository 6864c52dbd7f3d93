"""The public pages of events: list, programme with the draw's record, agenda."""

from django.db.models import Prefetch, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events.models import Event, Slot, Track
from qcportal import clock, files
from qcportal.roles import Role, has_role


def _visible(request: HttpRequest) -> "QuerySet[Event]":
    """Published events for everybody; all of them for the people who prepare them."""
    events = Event.objects.select_related("programme", "round__programme")
    if has_role(request.user, Role.SECRETARIAT, Role.EVENT_STAFF, Role.AUDITOR):
        return events
    return events.filter(is_published=True)


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    visible = _visible(request)
    return render(
        request,
        "events/list.html",
        {"upcoming": visible.upcoming(now), "past": visible.past(now)[:20]},  # type: ignore[attr-defined]
    )


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    event = get_object_or_404(_visible(request), slug=slug)
    tracks = list(
        Track.objects.filter(event=event)
        .select_related("draw")
        .prefetch_related(Prefetch("slots", Slot.objects.for_programme()))
    )
    return render(
        request,
        "events/detail.html",
        {
            "event": event,
            "tracks": tracks,
            # Who prepares an event sees the drawn order before the public does.
            "shows_order": event.order_is_public or has_role(request.user, Role.SECRETARIAT, Role.EVENT_STAFF),
        },
    )


@require_safe
def agenda_pdf(request: HttpRequest, slug: str) -> FileResponse | HttpResponse:
    """The agenda as built when the order was published; a waiting page while the worker builds it."""
    event = get_object_or_404(_visible(request), slug=slug)
    if not event.order_is_public:
        raise Http404
    if event.agenda is None:
        response = render(request, "events/agenda_building.html", {"event": event}, status=202)
        response["Retry-After"] = "5"
        return response
    return files.response(event.agenda, f"{event.title}议程.pdf")
