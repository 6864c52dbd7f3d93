"""承诺书: accepted once a year and version, before the first file opens."""

from django.db import transaction

from applications.models import Programme
from qcportal import audit, clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User
from qcportal.request_context import current_request
from reviews import pledge
from reviews.models import Judge, Pledge


def accept_pledge(judge: Judge, programme: Programme, *, actor: User, version: str) -> Pledge:
    """The judge has promised confidentiality and fairness for this year.

    Refused: other people than the judge, and a text that is no longer the current one. Again: same row.
    """
    with transaction.atomic(durable=True):
        if actor.pk != judge.user_id:
            raise NotAllowed("承诺书只能由评委本人签署。")
        if version != pledge.VERSION:
            raise Refusal("承诺书已更新，请阅读新版本后再确认。", "old_version")
        row, created = Pledge.objects.get_or_create(
            judge=judge,
            programme=programme,
            version=version,
            defaults={"accepted_at": clock.now(), "ip": current_request.get().ip},
        )
        if created:
            audit.record("pledge.accepted", row, actor=actor, after={"version": version})
        return row


def has_pledged(judge: Judge, programme_id: int) -> bool:
    return judge.pledges.filter(programme_id=programme_id, version=pledge.VERSION).exists()
