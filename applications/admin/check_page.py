"""Everything the check page shows, gathered once: a fixed number of queries however much a filing holds."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from applications import (
    check_findings,
    check_hints,
    check_keys,
    explaining,
    frozen,
    paper_status,
    previews,
    report_keys,
)
from applications.actions.checking import CHECKABLE
from applications.admin import (
    check_changes,
    check_desk,
    check_files,
    check_forms,
    due_dates,
    queue,
    queue_page,
    queue_walk,
)
from applications.admin.chips import chip_of
from applications.models import Application, FormalCheck, Message, PaperReceipt, ProofKind, Remark, Submission
from applications.models.checking import Outcome
from applications.states import State
from qcportal import clock
from qcportal.roles import Role, has_role


def load(pk: int) -> Application | None:
    rows = queue.for_queue(Application.objects.filter(pk=pk))
    return rows.select_related("recommending_unit", "carry_answer").first()


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
    past = list(_past_checks(application))
    content = _content(application, submission, check, past) if submission else {}
    rounds = sum(one.outcome == Outcome.RETURN for one in past)
    limit = application.round.programme.correction_limit
    return {
        "application": application,
        "submission": submission,
        "check": check,
        "mine": mine,
        "revision": check.revision if check else 0,
        "may_edit": may_edit,
        "chip": chip_of(application),
        **_walk(request, application),
        "claim_bar": queue.claim_context(application, request.user),  # type: ignore[arg-type]
        "rounds": rounds,
        "round_limit": limit,
        "limit_reached": rounds >= limit,
        **content,
        **(check_desk.forms(request, check, content["hints"]) if check and mine and submission else {}),
        **_side_forms(application),
        **_past(application, past),
        **_bound(bound, content.get("hints", {})),
    }


def _walk(request: HttpRequest, application: Application) -> dict[str, Any]:
    """Where this one stands in what the person works through, and what that is, in words."""
    wanted = queue_walk.filter_of(request)
    chosen = [chip.label for chip in queue_page.chips(wanted) if chip.title != str(wanted.form.fields["queue"].label)]
    states = [wanted.labels("queue")[state] for state in wanted.states]
    return {
        "neighbours": queue_walk.neighbours(application, wanted),
        "walk_words": "、".join([*states, *chosen]),
        "walk_url": queue_page.address(wanted.query or f"queue={queue_page.WAITING}"),
    }


def _bound(bound: dict[str, Any] | None, hints: dict[str, list[check_hints.Hint]]) -> dict[str, Any]:
    if not bound or "checklist_form" not in bound:
        return bound or {}
    return {**bound, "lines": check_desk.lines(bound["checklist_form"], hints, bound["texts"])}


def _last(application: Application) -> Submission | None:
    return application.submissions.select_related("report_version", "submitted_by").order_by("-version").first()


def _content(
    application: Application, submission: Submission, check: FormalCheck | None, past: list[FormalCheck]
) -> dict[str, Any]:
    """The version as the enterprise sees it, in the order of the forms, with what stands beside each place."""
    submission.application = application
    remarks = list(check.remarks.all()) if check else []
    changes = check_changes.Changes(application, submission, past)
    places = Places(remarks, changes, check_changes.said_before(past, submission))
    files = check_files.of_version(application, submission)
    check_files.add_remarks(files, remarks)
    for one in files:
        _key, _colon, uuid = one.target.rpartition(":")
        one.change = changes.of_file(uuid, one.sha256) if one.can_page else ""
        one.said = places.said.get(one.target, [])
    findings = _findings(application, submission, files)
    return {
        "changes": changes,
        **_attachments(submission, places),
        "files": files,
        "evidence": [one for one in files if one.group == "证实性材料"],
        "gone_files": changes.files_gone(submission),
        "evidence_notes": places.notes_of("evidence"),
        "evidence_said": check_changes.said_of_evidence(places.said, {one.target for one in files}),
        "explanations": explaining.frozen(submission.data, submission.personal),
        "remarks": [
            {"label": check_keys.place_of(remark, application.fields, application.topic_type), "text": remark.text}
            for remark in remarks
        ],
        "packet_url": f"{reverse('applications:packet_pdf', args=[application.uuid])}?v={submission.version}",
        "paper_row": paper_status.of_submission(submission),
        **findings,
    }


class Places:
    """At each key of the forms: the remarks of now, those of the last return with their answers, what changed."""

    def __init__(self, remarks: list[Remark], changes: check_changes.Changes, said: dict[str, Any]) -> None:
        self.changes, self.said = changes, said
        self._notes: dict[str, list[str]] = {}
        for number, remark in enumerate(remarks, 1):
            if remark.file_uuid is None:
                self._notes.setdefault(remark.field, []).append(f"意见 {number}：{remark.text}")

    def notes_of(self, key: str) -> list[str]:
        """Remarks on the whole of ``key``; of evidence also those on a kind."""
        if key == "evidence":
            keys = [one for one in self._notes if one == key or one.startswith("evidence.")]
            return [note for one in keys for note in self._notes[one]]
        return self._notes.get(key, [])

    def rows(self, rows: list[frozen.Row]) -> list[dict[str, Any]]:
        return [
            {
                "row": row, "notes": self.notes_of(row.key), "was": self.changes.of_row(row),
                "said": self.said.get(row.key, []) if row.key else [],
            }
            for row in rows
        ]  # fmt: skip


def _attachments(submission: Submission, places: Places) -> dict[str, Any]:
    summary = frozen.attachment_2(submission, empty=True)
    parts = []
    for part in frozen.attachment_1(submission):
        table = [{"cells": row, "is_new": places.changes.is_new_person(row)} for row in part.table or []]
        gone = places.changes.people_gone(part.table) if part.table is not None else []
        parts.append({"part": part, "rows": places.rows(part.rows), "table": table, "gone": gone})
    document = report_keys.KEYS[report_keys.DOCUMENT]
    return {
        "parts": parts,
        "summary": {**summary, "rows": places.rows(summary["rows"])},
        "document_notes": places.notes_of(document),
        "document_said": places.said.get(document, []),
        "report_notes": places.notes_of(report_keys.REPORT_SUMMARY),
        "report_said": places.said.get(report_keys.REPORT_SUMMARY, []),
        "statistics_notes": places.notes_of(report_keys.REPORT_STATISTICS),
        "statistics_said": places.said.get(report_keys.REPORT_STATISTICS, []),
        "statistics": _statistics(frozen.attachment_3(submission), places),
    }


def _statistics(table: dict[str, Any], places: Places) -> dict[str, Any]:
    """Each row with its key ("" for a computed one), what is remarked on it, and what it said before."""
    lines = [{**line, "key": report_keys.KEYS.get(line.get("field", ""), "")} for line in table["rows"]]
    signers = [
        {"key": report_keys.KEYS[field], "label": label, "value": table[field],
         "notes": places.notes_of(report_keys.KEYS[field])}
        for field, label in table["signers"].items()
    ]  # fmt: skip
    rows = [
        {
            **line,
            "notes": places.notes_of(line["key"]) if line["key"] else [],
            "said": places.said.get(line["key"], []) if line["key"] else [],
            "was": places.changes.of_count(line),
        }
        for line in lines
    ]
    return {**table, "rows": rows, "signers": signers}


def _findings(application: Application, submission: Submission, files: list[check_files.Shown]) -> dict[str, Any]:
    """What the portal found, and what it can say beside each line of the checklist."""
    enterprise, round_ = application.enterprise, application.round
    evidence = submission.data["evidence"]
    licence = [one for one in files if f":{ProofKind.LICENCE}:" in one.target]
    licence += [one for one in files if one.key.startswith("proof-") and one.kind == ProofKind.LICENCE.label]
    facts = check_hints.Facts(
        submission,
        enterprise,
        data_year=round_.programme.data_year,
        latest_day=timezone.localdate(round_.closes_at),
        former_names=[one.name for one in enterprise.former_names.all()],
        licence_href=f"#{licence[0].key}" if licence else "",
        stamped=check_files.stamped(submission),
        same_files=check_findings.same_files(application, evidence),
        alike=check_findings.alike_texts(application, submission),
        awards=check_findings.chosen_awards(application, submission),
        unreadable=[one.name for one in files if one.can_page and one.state == previews.FAILED],
        without_preview=[one.name for one in files if one.can_page and one.state == previews.NONE],
    )
    hints = check_hints.hints(facts)
    attention = len(facts.alike) + sum(one.is_foreign for one in facts.same_files)
    attention += sum(bool(one.doubt) for one in facts.awards) + sum(one[1] == "look" for one in facts.stamped)
    attention += hints["region"][0].kind == check_hints.LOOK
    return {"facts": facts, "hints": hints, "attention": attention}


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
        "extend_form": check_forms.ExtendForm(prefix="extend", due=application.correction_due_at, workdays=count)
        if state == State.RETURNED or late
        else None,
        "reopen_form": check_forms.ReasonForm(prefix="reopen") if state == State.REFUSED else None,
        "disqualify_form": check_forms.ReasonForm(prefix="disqualify")
        if state in {State.ACCEPTED, State.IN_REVIEW}
        else None,
    }


def _past_checks(application: Application) -> Any:
    return (
        application.checks.exclude(outcome="")
        .select_related("checker", "submission")
        .prefetch_related(Prefetch("remarks", Remark.objects.select_related("evidence", "reply__replied_by")))
    )


def _past(application: Application, past: list[FormalCheck]) -> dict[str, Any]:
    return {
        "past_checks": [
            {
                "check": check,
                "opened": [
                    check_keys.label(key, application.fields, application.topic_type) for key in check.open_fields
                ],
                "remarks": [
                    {
                        "label": check_keys.place_of(remark, application.fields, application.topic_type),
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
