"""The last look before submitting: what the page shows, and what was typed into it."""

import uuid as uuids
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from applications import completeness, confirmations, crosschecks, explaining, progress
from applications.actions import entered
from applications.actions import explaining as explaining_actions
from applications.explaining import Asked
from applications.forms.filing import SubmitForm
from applications.models import Application
from applications.models.confirming import REASON_MAX
from applications.packets import preview
from applications.states import State
from applications.views.filing_desk import Desk
from qcportal.errors import NotAllowed, Refusal

CERTIFICATE = "certificate_name"


class Answer(NamedTuple):
    """A warning on the page: what was typed into it, and what is wrong with that."""

    asked: Asked
    url: str
    typed: str
    error: str

    @property
    def code(self) -> str:
        return self.asked.problem.code


class Review:
    """One application at the moment of submitting, with everything that was typed if the form came back."""

    def __init__(self, desk: Desk, user: Any, posted: QueryDict | None = None) -> None:
        self.desk, self.posted = desk, posted
        self.comparison = crosschecks.Comparison(desk.application)
        self.statements = confirmations.statements(desk.now)
        self.privacy = confirmations.must_agree_to_privacy(user)
        self.pressed = False  # whether an empty answer is a mistake yet

    @cached_property
    def problems(self) -> list[completeness.Problem]:
        """Only when asked for: a press without answers to warnings leaves the question to the action."""
        prefetch_related_objects([self.desk.application], "special_awards")
        return completeness.problems(self.desk.application, self.comparison)

    @cached_property
    def asked(self) -> list[Asked]:
        return explaining.asked(self.desk.application, self.problems)

    @property
    def brings_answers(self) -> bool:
        return self.posted is not None and any(name.startswith(("reason-", "ready-")) for name in self.posted)

    @property
    def blocking(self) -> list[completeness.Problem]:
        return [problem for problem in self.problems if problem.blocks]

    def form(self) -> SubmitForm:
        application = self.desk.application
        name = application.certificate_unit_name or application.enterprise.name_on_certificate
        sentence = f"证书用名为“{name} {application.display_name}”，提交后如需更改由秘书处退回办理。"
        return SubmitForm(
            self.posted, statements=self.statements, privacy=self.privacy, certificate=(CERTIFICATE, sentence)
        )

    def typed(self, code: str) -> str:
        """The ready reason that was chosen, else what was written: with script the choice is written at once."""
        if self.posted is None:
            return ""
        return self.posted.get(f"ready-{code}", "").strip() or self.posted.get(f"reason-{code}", "").strip()

    def answers(self) -> list[Answer]:
        """A confirmed answer is shown as given unless the form came back with another one."""
        made = []
        for one in self.asked:
            code = one.problem.code
            posted = self.posted is not None and f"reason-{code}" in self.posted
            shown = self.typed(code) if posted else (one.reason if one.confirmed else "")
            wanted = bool(shown) or (posted and one.confirmed) or (self.pressed and not one.confirmed)
            error = explaining.reason_error(shown) if self.posted is not None and wanted else ""
            made.append(Answer(one, self.desk.problem_url(one.problem.key), shown, error))
        return made

    def errors(self) -> list[Answer]:
        return [answer for answer in self.answers() if answer.error]

    def save_answers(self, user: Any) -> Refusal | None:
        """What can be taken is kept, whatever becomes of the rest and of the press itself."""
        if not self.brings_answers:
            return None
        known = {one.problem.code: one.reason for one in self.asked if one.confirmed}
        reasons = {
            answer.code: answer.typed
            for answer in self.answers()
            if answer.typed and not explaining.reason_error(answer.typed) and known.get(answer.code) != answer.typed
        }
        if not reasons:
            return None
        try:
            explaining_actions.confirm_warnings(self.desk.application, actor=user, reasons=reasons)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except Refusal as refusal:
            return refusal
        return None


def page(
    request: HttpRequest,
    review: Review,
    form: SubmitForm,
    refused: Refusal | None = None,
    arrived_at: datetime | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    desk, application = review.desk, review.desk.application
    own = [problem for problem in review.problems if not problem.of_report]
    states = progress.section_states(application, own)
    answers = review.answers()
    draft = preview.Draft(application, review.comparison.report, review.asked, desk.now)
    last = draft.last
    unanswered = [answer for answer in answers if not answer.asked.confirmed]
    unchanged = application.state == State.SUBMITTED and not application.has_unsubmitted_changes
    check, remarks = desk.remarks()
    context = desk.context(
        form=form,
        entered=entered.refusal_for(application) is not None,
        check=check,
        remarks=remarks,
        without_reply=[remark for remark in remarks if remark.reply is None],
        refused=refused,
        arrived_at=arrived_at,
        nav=desk.nav("submit", states),
        facts=[(state, desk.section_url(state.section.code), _fact(application, state)) for state in states],
        draft=draft,
        report_problems=desk.linked([problem for problem in review.blocking if problem.of_report]),
        blocking=desk.linked(review.blocking),
        answers=answers,
        unanswered=unanswered,
        answer_errors=[answer for answer in answers if answer.error],
        checks=crosschecks.passed(review.comparison, [answer.code for answer in answers]),
        hints=[*review.comparison.own, *review.comparison.published],
        close=settings.SIMILAR_WARNING,
        evidence=list(application.evidence.all()),
        evidence_pages=sum(item.pages or 0 for item in application.evidence.all()),
        next_version=(last.version + 1) if last else 1,
        last=last,
        unchanged=unchanged,
        writable=desk.refusal is None and not unchanged,
        ready=not review.blocking and not unanswered and desk.refusal is None,
        reason_max=REASON_MAX,
        text_changed=refused is not None and refused.code == "text_changed",
    )
    return render(request, "applications/submit.html", context, status=status)


def _fact(application: Application, state: progress.SectionState) -> str:
    """A section in a few words, so that a mistake shows without opening it."""
    code = state.section.code
    if code == "contact":
        return application.certificate_unit_name or application.enterprise.name
    if code == "group":
        count = f"，活动 {application.activity_count} 次" if application.activity_count else ""
        return f"{len(application.members.all())} 人{count}"
    if code == "topic":
        return application.topic_type_label
    if code == "results" and application.economic_benefit is not None:
        return f"直接效益 {application.economic_benefit / 10000:,.2f} 万元"
    if code == "awards":
        return "、".join(award.name for award in application.special_awards.all()) or "不申报单项奖"
    if code == "evidence":
        items = application.evidence.all()
        return f"{len(items)} 件，共 {sum(item.pages or 0 for item in items)} 页"
    return ""


@login_required
@require_safe
def packet_preview(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The packet in the official layout as it would be frozen now; marked as not submitted on every sheet."""
    desk = Desk(request, uuid)
    application = desk.application
    comparison = crosschecks.Comparison(application)
    asked = explaining.asked(application, completeness.problems(application, comparison))
    draft = preview.Draft(application, comparison.report, asked, desk.now)
    context = {"application": application, "draft": draft, "sheets": draft.sheets(), "made_at": desk.now}
    return render(request, "applications/preview.html", context)


@require_safe
@cache_control(public=True, max_age=3600)
def preview_css(request: HttpRequest) -> HttpResponse:
    """The style sheet of the printed forms; the same for everybody."""
    return HttpResponse(preview.stylesheet(), content_type="text/css; charset=utf-8")
