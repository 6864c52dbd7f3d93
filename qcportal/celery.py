"""The Celery application: three queues, no result store, messages that may be delivered twice.

Nothing relies on Celery's own redelivery: the outbox (qcportal.outbox) sends again what was not done.
"""

import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qcportal.settings")

app = Celery("qcportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def warm_fonts(**_kwargs: object) -> None:
    """Load fonts once per worker process, so that the first packet is not the slow one."""
    from qcportal import pdf  # noqa: PLC0415 -- only worker processes pay for WeasyPrint

    pdf.warm_up()
