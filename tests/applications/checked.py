"""Submitted filings for the tests of checking, built by the real submit action."""

from applications.actions import checking, submission, verification
from applications.models import Application, ChecklistItem, Enterprise, FormalCheck
from qcportal import clock
from tests import factories

CONFIRMED = {"truthful": "2026-1", "members_informed": "2026-1"}


def submitted(owner, round_=None, **fields) -> Application:
    return submitted_draft(factories.complete_draft(owner, round_, **fields), owner)


def submitted_draft(application: Application, owner) -> Application:
    submission.submit(application, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
    return Application.objects.get(pk=application.pk)


def resubmit(application: Application, owner) -> Application:
    Application.objects.filter(pk=application.pk).update(has_unsubmitted_changes=True)
    application.refresh_from_db()
    submission.submit(application, actor=owner, confirmations=CONFIRMED, arrived_at=clock.now())
    application.refresh_from_db()
    return application


def checklist(application: Application, *texts: str) -> list[ChecklistItem]:
    programme = application.round.programme
    return [
        ChecklistItem.objects.create(programme=programme, position=position, text=text)
        for position, text in enumerate(texts or ("单位名称与营业执照一致", "材料齐全"), 1)
    ]


def verify(enterprise: Enterprise, *, actor) -> None:
    """By comparison with the licence, in which everything agreed."""
    verification.see_licence(
        enterprise, actor=actor, seen_name=enterprise.name, name_agrees=True, code_agrees=True, area_agrees=True
    )
    enterprise.refresh_from_db()


def open_check(application: Application, checker, *, answer: str = "yes") -> FormalCheck:
    """An open check with every item answered, on a verified enterprise."""
    if not application.enterprise.is_verified:
        verify(application.enterprise, actor=checker)
    check = checking.start_check(application, actor=checker)
    answers = {line["item"]: answer for line in check.checklist}
    return checking.save_check(check, actor=checker, answers=answers, note="", remarks=[])
