"""Outbox handlers of events."""

from events import agenda
from qcportal import outbox

outbox.handler("agenda.build")(agenda.build)
