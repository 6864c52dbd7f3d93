"""The agenda of an event as a PDF, built by a worker when the order is published."""

from typing import Any

from django.template.loader import render_to_string

from events.models import Event, Slot, Track
from qcportal import files, pdf


def render(event: Event) -> bytes:
    """The agenda's PDF: every track with its running order and times."""
    tracks = [
        {"track": track, "slots": list(Slot.objects.filter(track=track).for_programme())}  # type: ignore[attr-defined]
        for track in Track.objects.filter(event=event)
    ]
    return pdf.render(render_to_string("pdf/agenda.html", {"event": event, "tracks": tracks}))


def build(payload: dict[str, Any]) -> None:
    """Outbox handler ``agenda.build``: the same order gives the same file."""
    event = Event.objects.select_related("programme").get(pk=payload["event"])
    stored = files.store(render(event), "application/pdf")
    Event.objects.filter(pk=event.pk).update(agenda=stored)
