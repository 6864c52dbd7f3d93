"""Celery tasks of the platform. Each takes ids, calls one function, and may run twice without harm."""

from celery import shared_task

from qcportal import acting, clock, mail, outbox
from qcportal.models import Heartbeat


@shared_task(name="qcportal.tasks.deliver")
def deliver(pk: int) -> str:
    return outbox.deliver(pk)


@shared_task(name="qcportal.tasks.relay")
def relay() -> int:
    return outbox.relay()


@shared_task(name="qcportal.tasks.heartbeat")
def heartbeat() -> None:
    """Sent by beat and run by a worker: a fresh row proves that both are alive."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": clock.now()})


@shared_task(name="qcportal.tasks.end_viewings")
def end_viewings() -> int:
    return acting.end_what_is_over(clock.now())


outbox.handler("mail.send")(mail.deliver)
