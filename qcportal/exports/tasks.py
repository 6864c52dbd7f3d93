"""Celery task and outbox handler of exports (settings.CELERY_IMPORTS)."""

from celery import shared_task

from qcportal import outbox
from qcportal.exports import actions


@shared_task(name="qcportal.exports.tasks.remove_expired")
def remove_expired() -> int:
    return actions.remove_expired()


outbox.handler("export.build")(actions.handle)
