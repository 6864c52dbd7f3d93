"""Celery tasks and outbox handlers of filing."""

from celery import shared_task

from applications import warning_summaries
from applications.actions import (
    bulk,
    carrying,
    check_letters,
    claiming,
    closing,
    digest,
    importing,
    recommending,
    reminding,
    submission,
    uploads,
)
from applications.packets import handlers
from applications.previews import building
from applications.scans import handlers as scan_handlers
from qcportal import clock, outbox


@shared_task(name="applications.tasks.close_due_rounds")
def close_due_rounds() -> int:
    return closing.close_due_rounds(clock.now())


@shared_task(name="applications.tasks.carry_deferred")
def carry_deferred() -> int:
    return carrying.carry_waiting(clock.now())


@shared_task(name="applications.tasks.remove_expired_imports")
def remove_expired_imports() -> int:
    return importing.remove_expired(clock.now())


@shared_task(name="applications.tasks.remind_recommenders")
def remind_recommenders() -> int:
    return recommending.remind(clock.now())


@shared_task(name="applications.tasks.send_reminders")
def send_reminders() -> int:
    return reminding.send_reminders(clock.now())


@shared_task(name="applications.tasks.release_idle_claims")
def release_idle_claims() -> int:
    return claiming.release_idle(clock.now())


@shared_task(name="applications.tasks.count_warnings")
def count_warnings() -> int:
    return warning_summaries.count_due(clock.now())


@shared_task(name="applications.tasks.sweep_bulk_previews")
def sweep_bulk_previews() -> int:
    return bulk.sweep(clock.now())


@shared_task(name="applications.tasks.send_digest")
def send_digest() -> int:
    return digest.send_digest(clock.now())


@shared_task(name="applications.tasks.sweep_uploads")
def sweep_uploads() -> int:
    return uploads.sweep(clock.now())


outbox.handler("staff.submissions")(submission.notify_staff_of_submissions)
outbox.handler("reminder.batch")(reminding.write_batch)
outbox.handler("letter.message")(check_letters.post_message_of)
outbox.handler("packet.build")(handlers.build_packet)
outbox.handler("paperset.build")(handlers.build_set)
outbox.handler("bundle.build")(handlers.build_bundle)
outbox.handler("scan.read")(scan_handlers.read_scan)
outbox.handler("opinion.build")(handlers.build_opinion)
outbox.handler("preview.build")(building.build)
outbox.handler("blanks.install")(handlers.install_blanks)
outbox.handler("bulk.run")(bulk.run)
outbox.handler("bulk.undo")(bulk.run_undo)
outbox.handler("bulk.close")(bulk.close)
