"""What the queue knows of a filing, in one query for any number of rows, and the sets it is asked for."""

from datetime import datetime

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from applications.actions.checking import CHECKABLE
from applications.models import Application, Claim, FormalCheck, PaperReceipt, ScannedPart, Submission
from applications.models.checking import Outcome
from applications.states import State
from qcportal.models import User

# Paper is expected of these; what is refused, withdrawn or lapsed need not be sent.
PAPER_EXPECTED = (State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.IN_REVIEW)

_last_submission = Submission.objects.filter(application=OuterRef("pk")).order_by("-version")
_returned_before = FormalCheck.objects.filter(application=OuterRef("pk"), outcome=Outcome.RETURN)
_open_check = FormalCheck.objects.filter(application=OuterRef("pk"), outcome="")


def facts(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Version and time of the last submission, paper, scan, checker, claim, counted warnings.

    Subqueries run for the rows of one page only, and a count over the list leaves them out.
    """
    papers = PaperReceipt.objects.filter(application=OuterRef("pk")).order_by("-submission__version")
    related = ("enterprise", "round__programme", "claim__holder", "warning_summary")
    return rows.select_related(*related).annotate(
        last_version=Subquery(_last_submission.values("version")[:1]),
        last_submitted_at=Subquery(_last_submission.values("submitted_at")[:1]),
        paper_version=Subquery(papers.values("submission__version")[:1]),
        scan_state=Subquery(_last_scan().values("word")[:1]),
        checker_name=Subquery(_open_check.values("checker__name")[:1]),
        checker_pk=Subquery(_open_check.values("checker")[:1]),
        was_returned=Exists(_returned_before),
    )


def _last_scan() -> QuerySet[ScannedPart, dict[str, str]]:
    """The newest stamped scan of attachment 1 in its last version: looked at, consistent, or to be looked at."""
    newest = Submission.objects.filter(application=OuterRef("part__submission__application")).order_by("-version")
    word = Case(
        When(confirmed_at__isnull=False, then=Value("confirmed")),
        When(is_consistent=True, then=Value("scanned")),
        default=Value("attention"),
    )
    rows = ScannedPart.objects.filter(
        part__submission__application=OuterRef("pk"), part__submission=Subquery(newest.values("pk")[:1])
    )
    return rows.annotate(word=word).order_by("-scan_id").values("word")


def waiting(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(state=State.SUBMITTED)


def resubmitted(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(is_resubmitted())


def new(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(is_new())


def with_open_warnings(rows: QuerySet[Application]) -> QuerySet[Application]:
    return waiting(rows).filter(has_open_warnings())


def is_new() -> Q:
    """Waits for its first check."""
    return Q(~Exists(_returned_before), state=State.SUBMITTED)


def is_resubmitted() -> Q:
    return Q(Exists(_returned_before), state=State.SUBMITTED)


def is_being_checked() -> Q:
    return Q(Exists(_open_check), state__in=CHECKABLE)


def is_overdue(at: datetime) -> Q:
    """A correction is late: not closed yet by the clockwork, or lapsed already."""
    return Q(state=State.RETURNED, correction_due_at__lte=at) | Q(state=State.LAPSED, file_number__isnull=False)


def being_checked(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(is_being_checked())


def overdue(rows: QuerySet[Application], at: datetime) -> QuerySet[Application]:
    return rows.filter(is_overdue(at))


def without_paper(rows: QuerySet[Application]) -> QuerySet[Application]:
    """No receipt of the last version, where paper is expected."""
    return rows.filter(paper_is_missing())


def paper_is_missing() -> Q:
    return Q(~Exists(_receipt_of_last()), state__in=PAPER_EXPECTED)


def paper_is_there() -> Q:
    return Q(Exists(_receipt_of_last()))


def paper_is_old() -> Q:
    """Paper came, of an earlier version than the last."""
    return Q(Exists(PaperReceipt.objects.filter(application=OuterRef("pk")))) & ~Q(Exists(_receipt_of_last()))


def scan_is(*words: str) -> Q:
    """By the newest scan of the last version; without words: there is none."""
    if not words:
        return ~Q(Exists(_last_scan())) & Q(state__in=PAPER_EXPECTED) & ~Q(Exists(_receipt_of_last()))
    newest = _last_scan()[:1]
    return Q(pk__in=Application.objects.alias(scan=Subquery(newest)).filter(scan__in=words).values("pk"))


def _receipt_of_last() -> QuerySet[PaperReceipt]:
    newest = Submission.objects.filter(application=OuterRef("application")).order_by("-version").values("pk")[:1]
    return PaperReceipt.objects.filter(application=OuterRef("pk"), submission=Subquery(newest))


# --- whose they are --------------------------------------------------------------------------------


def is_held(at: datetime, by: Q | None = None) -> Q:
    """Somebody has it: a standing claim or an open check, of whoever ``by`` (a condition on the person's pk) says."""
    claims, checks = Claim.objects.standing(at).filter(application=OuterRef("pk")), _open_check
    if by is not None:
        claims, checks = claims.alias(person=F("holder")).filter(by), checks.alias(person=F("checker")).filter(by)
    return Q(state__in=CHECKABLE) & (Q(Exists(claims)) | Q(Exists(checks)))


def is_mine(at: datetime, user: User) -> Q:
    return is_held(at, Q(person=user.pk))


def is_others(at: datetime, user: User) -> Q:
    return is_held(at, ~Q(person=user.pk))


def is_free(at: datetime) -> Q:
    claims = Claim.objects.standing(at).filter(application=OuterRef("pk"))
    return Q(state=State.SUBMITTED) & ~Q(Exists(claims)) & ~Q(Exists(_open_check))


def free(rows: QuerySet[Application], at: datetime) -> QuerySet[Application]:
    return rows.filter(is_free(at))


def in_order(rows: QuerySet[Application]) -> QuerySet[Application]:
    """What came back from a correction first, then by time of submission, who waits longest in front."""
    return rows.annotate(
        in_turn=Case(When(Exists(_returned_before), then=Value(0)), default=Value(1)),
        waiting_since=Subquery(_last_submission.values("submitted_at")[:1]),
    ).order_by("in_turn", "waiting_since", "pk")


# --- warnings --------------------------------------------------------------------------------------


def has_open_warnings() -> Q:
    """Findings nobody explained, topics like another enterprise's, or a place of registration still to be looked at."""
    return Q(warning_summary__unexplained__gt=0) | Q(warning_summary__similar__gt=0) | flagged()


def flagged() -> Q:
    return Q(enterprise__origin_flagged=True, enterprise__verified_at=None)


def has_explained_warnings() -> Q:
    return Q(warning_summary__explained__gt=0)


def has_no_warnings() -> Q:
    none = Q(warning_summary__explained=0, warning_summary__unexplained=0, warning_summary__similar=0)
    return none & ~flagged()
