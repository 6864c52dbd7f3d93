"""Confirming warnings with a reason."""

from collections.abc import Mapping

from django.db import transaction

from applications import completeness, explaining, gates
from applications.actions.rights import require_manager
from applications.models import AnnualReport, Application, WarningConfirmation
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User


def confirm_warnings(application: Application, *, actor: User, reasons: Mapping[str, str]) -> None:
    """The warnings named by code in ``reasons`` are confirmed with these reasons, on the facts as they are now.

    Refused: anyone but owner and 质量主管, times in which the text may not be changed, reasons too short or too
    long. A code that is no warning (any more) is passed over: it was answered by a correction. The same reason on
    the same facts is left as it was given. The audit row names codes: a reason may name people.
    """
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        now = clock.now_in_transaction()
        require_manager(application, actor)
        refusal = gates.edit_refusal(application, now)
        if refusal is not None:
            raise refusal
        changed = []
        for one in explaining.asked(application, completeness.problems(application)):
            reason = reasons.get(one.problem.code, "").strip()
            if not reason or (one.confirmed and one.reason == reason):
                continue
            error = explaining.reason_error(reason)
            if error:
                raise Refusal(error, "reason")
            _record(application, one, reason, actor)
            changed.append(one.problem.code)
        if changed:
            audit.record("application.warnings_confirmed", application, actor=actor, after={"codes": changed})


def _record(application: Application, one: explaining.Asked, reason: str, actor: User) -> None:
    report = None
    if one.problem.of_report:
        report = AnnualReport.objects.get(
            enterprise=application.enterprise_id, programme=application.round.programme_id
        )
    WarningConfirmation.objects.update_or_create(
        application=None if report else application,
        report=report,
        code=one.problem.code,
        defaults={
            "fingerprint": one.problem.fingerprint,
            "message": one.problem.message,
            "reason": reason,
            "confirmed_by": actor,
            "confirmed_at": clock.now(),
        },
    )
