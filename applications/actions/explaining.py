"""Confirming warnings with a reason."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from applications import completeness, explaining, gates, last_year, report_gate
from applications.actions.enterprises import require_manager as require_enterprise_manager
from applications.actions.rights import require_manager
from applications.models import AnnualReport, Application, Enterprise, Programme, WarningConfirmation
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


class Given(NamedTuple):
    """A reason, and the fingerprint of the facts that the person had before them when giving it."""

    reason: str
    fingerprint: str


CHANGED = "数字有变化，请核对后重新说明。"


def confirm_report_warnings(
    enterprise: Enterprise, programme: Programme, *, actor: User, reasons: Mapping[str, Given]
) -> dict[str, str]:
    """Warnings about attachment 3, by code, are confirmed with these reasons; the errors of those that are not.

    A reason counts only for the facts it was given on: when the stored numbers are others now, the answer is
    CHANGED and the question stays open. Codes that are no warning (any more) are passed over. Refused: people who
    do not manage the enterprise; a time in which nothing of the report may be changed.
    """
    errors: dict[str, str] = {}
    with transaction.atomic(durable=True):
        Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        require_enterprise_manager(enterprise.pk, actor, "只有单位负责人或质量主管可以说明原因。")
        gate = report_gate.gate(enterprise, programme, clock.now_in_transaction())
        if gate.refusal is not None:
            raise gate.refusal
        report = AnnualReport.objects.filter(enterprise=enterprise, programme=programme).first()
        if report is None:
            return errors
        before, _version = last_year.compared(last_year.before(enterprise.pk, programme))
        found = completeness.report_problems(report, before, programme.fields)
        changed = []
        for one in explaining.asked_of_report(report, found):
            given = reasons.get(one.problem.code)
            if given is None or (one.confirmed and one.reason == given.reason.strip()):
                continue
            wrong = given.fingerprint != one.problem.fingerprint
            error = CHANGED if wrong else explaining.reason_error(given.reason)
            if error:
                errors[one.problem.code] = error
                continue
            _store(one, given.reason.strip(), actor, application=None, report=report)
            changed.append(one.problem.code)
        if changed:
            audit.record("report.warnings_confirmed", report, actor=actor, after={"codes": changed})
    return errors


def _record(application: Application, one: explaining.Asked, reason: str, actor: User) -> None:
    report = None
    if one.problem.of_report:
        report = AnnualReport.objects.get(
            enterprise=application.enterprise_id, programme=application.round.programme_id
        )
    _store(one, reason, actor, application=None if report else application, report=report)


def _store(
    one: explaining.Asked, reason: str, actor: User, *, application: Application | None, report: AnnualReport | None
) -> None:
    WarningConfirmation.objects.update_or_create(
        application=application,
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
