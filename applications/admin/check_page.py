"""Everything the check page shows, gathered once: a fixed number of queries however much a filing holds."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse

from applications import check_keys, explaining, frozen, paper_status, report_keys, similar
from applications.actions.checking import CHECKABLE
from applications.admin import check_forms, due_dates, queue
from applications.admin.chips import chip_of
from applications.models import Application, FormalCheck, Message, PaperReceipt, Remark, Submission
from applications.models.checking import Outcome
from applications.states import State
from qcportal import clock
from qcportal.roles import Role, has_role


def load(pk: int) -> Application | None:
    return queue.for_queue(Application.objects.filter(pk=pk)).select_related("recommending_unit").first()


def open_check_of(application: Application) -> FormalCheck | None:
    """None for a filing that was withdrawn meanwhile: there is nothing left to decide."""
    return (
        application.checks.filter(outcome="", application__state__in=CHECKABLE)
        .select_related("checker", "submission__report_version", "application__round__programme")
        .prefetch_related(Prefetch("remarks", Remark.objects.select_related("evidence")))
        .first()
    )


def context(request: HttpRequest, application: Application, bound: dict[str, Any] | None = None) -> dict[str, Any]:
    """``bound`` holds forms with errors, by their name in the template."""
    check = open_check_of(application)
    submission = check.submission if check else _last(application)
    may_edit = has_role(request.user, Role.SECRETARIAT)
    mine = bool(check and may_edit and check.checker_id == request.user.pk)
    return {
        "application": application,
        "submission": submission,
        "check": check,
        "mine": mine,
        "may_edit": may_edit,
        "chip": chip_of(application),
        "neighbours": queue.neighbours(application),
        "claim_bar": queue.claim_context(application, request.user),  # type: ignore[arg-type]
        **(_content(application, submission, check) if submission else {}),
        **(_check_forms(check, request.GET.get("remark", "")) if check and mine else {}),
        "paper_row": _paper(application, submission),
        **_side_forms(application),
        **_past(application),
        **(bound or {}),
    }


def _paper(application: Application, submission: Submission | None) -> paper_status.Row | None:
    if submission is None:
        return None
    submission.application = application
    return paper_status.of_submission(submission)


def _last(application: Application) -> Submission | None:
    return application.submissions.select_related("report_version", "submitted_by").order_by("-version").first()


def _content(application: Application, submission: Submission, check: FormalCheck | None) -> dict[str, Any]:
    remarks = list(check.remarks.all()) if check else []
    by_key: dict[str, list[str]] = {}
    for number, remark in enumerate(remarks, 1):
        by_key.setdefault(remark.field, []).append(f"意见 {number}：{remark.text}")
    evidence = [{**item, "url": _file_url(application, submission, item)} for item in submission.data["evidence"]]
    summary = frozen.attachment_2(submission, empty=True)
    if summary["file"]:
        summary["file_url"] = _file_url(application, submission, summary["file"])
    return {
        "parts": [{"part": part, "rows": _with_notes(part.rows, by_key)} for part in frozen.attachment_1(submission)],
        "summary": {**summary, "rows": _with_notes(summary["rows"], by_key)},
        "document_notes": by_key.get(report_keys.KEYS[report_keys.DOCUMENT], []),
        "report_notes": by_key.get(report_keys.REPORT_SUMMARY, []),
        "statistics_notes": by_key.get(report_keys.REPORT_STATISTICS, []),
        "statistics": _statistics(frozen.attachment_3(submission), by_key),
        "evidence": evidence,
        "explanations": explaining.frozen(submission.data, submission.personal),
        "similar": similar.among_filed(application),
        "remarks": [{"label": _remark_label(remark, application), "text": remark.text} for remark in remarks],
        "packet_url": _packet_url(application, submission),
    }


def _with_notes(rows: list[frozen.Row], by_key: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [{"row": row, "notes": by_key.get(row.key, [])} for row in rows]


def _statistics(table: dict[str, Any], by_key: dict[str, list[str]]) -> dict[str, Any]:
    """Each row with its key ("" for a computed one) and what is remarked on it."""
    lines = [{**line, "key": report_keys.KEYS.get(line.get("field", ""), "")} for line in table["rows"]]
    signers = [
        {"key": report_keys.KEYS[field], "label": label, "value": table[field],
         "notes": by_key.get(report_keys.KEYS[field], [])}
        for field, label in table["signers"].items()
    ]  # fmt: skip
    return {**table, "rows": [{**line, "notes": by_key.get(line["key"], [])} for line in lines], "signers": signers}


def _remark_label(remark: Any, application: Application) -> str:
    if remark.evidence:
        return f"《{remark.evidence.name}》"
    return check_keys.label(remark.field, application.fields, application.topic_type)


def _file_url(application: Application, submission: Submission, item: dict[str, Any]) -> str:
    return reverse("admin:applications_check_file", args=[application.pk, submission.pk, item["sha256"]])


def _packet_url(application: Application, submission: Submission) -> str:
    return f"{reverse('applications:packet_pdf', args=[application.uuid])}?v={submission.version}"


def _check_forms(check: FormalCheck, preset: str) -> dict[str, Any]:
    return {
        "checklist_form": check_forms.ChecklistForm(check),
        "decision_form": check_forms.DecisionForm(check),
        "remark_forms": check_forms.remark_formset(check, preset=preset),
    }


def _side_forms(application: Application) -> dict[str, Any]:
    count = application.round.programme.correction_workdays
    due = due_dates.end_of(due_dates.default_correction_day(clock.now(), count))
    state = application.state
    late = state == State.LAPSED and application.file_number is not None
    return {
        "default_due": due,
        "default_workdays": count,
        "receipt_form": check_forms.ReceiptForm(prefix="paper"),
        "message_form": check_forms.MessageForm(),
        "extend_form": check_forms.ExtendForm(prefix="extend", due=application.correction_due_at)
        if state == State.RETURNED or late
        else None,
        "reopen_form": check_forms.ReasonForm(prefix="reopen") if state == State.REFUSED else None,
        "disqualify_form": check_forms.ReasonForm(prefix="disqualify")
        if state in {State.ACCEPTED, State.IN_REVIEW}
        else None,
    }


def _past(application: Application) -> dict[str, Any]:
    past = (
        application.checks.exclude(outcome="")
        .select_related("checker", "submission")
        .prefetch_related(Prefetch("remarks", Remark.objects.select_related("evidence", "reply__replied_by")))
    )
    return {
        "past_checks": [
            {
                "check": check,
                "opened": [
                    check_keys.label(key, application.fields, application.topic_type) for key in check.open_fields
                ],
                "remarks": [
                    {
                        "label": _remark_label(remark, application),
                        "text": remark.text,
                        "reply": getattr(remark, "reply", None),
                    }
                    for remark in check.remarks.all()
                ],
                "is_return": check.outcome == Outcome.RETURN,
            }
            for check in past
        ],
        "attempts": application.submit_attempts.select_related("user", "submission")[:20],
        "receipts": PaperReceipt.objects.filter(application=application).select_related("submission", "received_by"),
        "recommendations": application.recommendations.select_related(
            "unit", "submission", "frozen_in", "given_by", "superseded_by"
        ),
        "thread_messages": Message.objects.filter(thread__application=application).select_related("author"),
    }
