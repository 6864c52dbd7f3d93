"""Celery tasks of the platform. Each takes ids, calls one function, and may run twice without harm."""

from celery import shared_task
from django.conf import settings

from qcportal import acting, bounces, clock, mail, outbox
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


@shared_task(name="qcportal.tasks.read_bounces")
def read_bounces() -> int:
    if not settings.BOUNCE_SOURCE:
        return 0
    return bounces.read(settings.BOUNCE_SOURCE, password=settings.BOUNCE_PASSWORD).noted


outbox.handler("mail.send")(mail.deliver)
