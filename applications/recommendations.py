"""What a recommending unit is shown, which content an opinion is about, and how it stands."""

from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.fields.json import KT

from applications import freezing
from applications.models import (
    Application,
    Decision,
    Evidence,
    Recommendation,
    RecommendationRequest,
    RecommendingUnit,
    Submission,
    UnitMember,
)
from applications.states import State
from qcportal.models import User

# Until judging begins. A draft that lapsed, a filing that was refused or taken back needs no opinion.
OPEN_STATES = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED})
OPINION_LENGTH = 500
# Ready sentences to choose from; the text stays free.
SENTENCES = {
    Decision.RECOMMEND: (
        "经审核，材料真实、完整，成果有效，同意推荐申报青海省优秀质量管理小组。",
        "该小组活动程序规范，数据真实，成果已在生产现场应用，同意推荐。",
        "该课题针对生产实际，改进效果明显，具有推广价值，同意推荐。",
    ),
    Decision.DECLINE: (
        "经审核，活动程序不完整，建议完善后另行申报，本次不推荐。",
        "经审核，成果尚未巩固，建议继续活动，本次不推荐。",
        "该单位（小组）不属于我单位推荐范围，不推荐。",
    ),
}


def has_account(unit: RecommendingUnit | None) -> bool:
    """An account is somebody who can answer."""
    return unit is not None and UnitMember.objects.active().filter(unit=unit).exists()


def works_for_a_unit(user: User) -> bool:
    return UnitMember.objects.filter(user=user, is_active=True).exists()


# What freezing.fingerprint reads.
CONTENT = ("special_awards", "completing_units", Prefetch("evidence", Evidence.objects.order_by("position", "id")))


# --- Who sees what -------------------------------------------------------------------------------

_latest = Submission.objects.filter(application=OuterRef("pk")).order_by("-version")


def _shared_draft(units: Any) -> Exists:
    """The enterprise asked one of ``units``, which it still chooses, to look at the working copy."""
    asked = RecommendationRequest.objects.of_draft().filter(application=OuterRef("pk"), closed_at=None)
    return Exists(asked.filter(unit=OuterRef("recommending_unit"), unit__in=units))


def visible_to(user: User) -> QuerySet[Application]:
    """Applications whose latest version names a unit of ``user``, and working copies that were shown to it.

    ``latest_pk`` (None: never submitted), ``latest_version``, ``is_shared`` say which content may be read:
    the working copy only while it is shared, otherwise the latest version.
    """
    units = UnitMember.objects.units_of(user)
    rows = Application.objects.annotate(
        latest_pk=Subquery(_latest.values("pk")[:1]),
        latest_version=Subquery(_latest.values("version")[:1]),
        latest_unit=Subquery(_latest.values("recommending_unit")[:1]),
        is_shared=_shared_draft(units),
    )
    return rows.filter(Q(latest_unit__in=units) | Q(is_shared=True))


def for_list(rows: QuerySet[Application]) -> QuerySet[Application]:
    """With everything that a line of the list says; names as they were submitted, not as they are being edited."""
    return (
        rows.annotate(
            filed_group=Subquery(_latest.annotate(name=KT("data__group__group_name")).values("name")[:1]),
            filed_topic=Subquery(_latest.annotate(name=KT("data__topic__topic_name")).values("name")[:1]),
            latest_at=Subquery(_latest.values("submitted_at")[:1]),
            opinion=Subquery(_opinion(None).values("decision")[:1]),
        )
        .select_related("enterprise", "round__programme", "recommending_unit")
        .prefetch_related(*CONTENT, "round__extensions", "recommendation_requests", opinions_prefetch())
    )


def opinions_prefetch() -> Prefetch:  # type: ignore[type-arg]
    rows = Recommendation.objects.standing().select_related("submission", "frozen_in", "unit", "given_by")
    light = rows.defer("submission__data", "submission__personal", "frozen_in__data", "frozen_in__personal")
    return Prefetch("recommendations", light, to_attr="standing_opinions")


def _opinion(decision: str | None) -> QuerySet[Recommendation]:
    """The standing opinion about what is open for one now; the outer query has ``latest_pk`` and ``is_shared``."""
    rows = Recommendation.objects.standing().filter(application=OuterRef("pk"))
    about_version = Q(submission=OuterRef("latest_pk")) | Q(frozen_in=OuterRef("latest_pk"))
    about_draft = Q(submission=None, frozen_in=None, unit=OuterRef("recommending_unit"))
    rows = rows.filter(about_version | about_draft)
    return (rows.filter(decision=decision) if decision else rows).order_by("-id")


def answered(rows: QuerySet[Application], decision: str | None = None) -> QuerySet[Application]:
    return rows.filter(Exists(_opinion(decision)))


def waiting(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Still to be answered, while it can be."""
    return rows.filter(~Exists(_opinion(None)), state__in=OPEN_STATES)


# For the secretariat: opinions about the latest version, by any unit.


def with_latest(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.annotate(latest_pk=Subquery(_latest.values("pk")[:1]))


# --- How it stands -------------------------------------------------------------------------------


class Word(StrEnum):
    """The state of the opinion about what would count now, in the words of every page and mail."""

    NO_UNIT = "不经推荐单位"
    PAPER = "纸面盖章"
    NOT_ASKED = "未请求"
    ASKED = "已请求"
    RECOMMENDED = "同意推荐"
    DECLINED = "不推荐"
    CHANGED = "针对修改前的内容"
    OLDER = "针对旧版本"


CHIPS = {
    Word.NO_UNIT: ("grey", "minus"),
    Word.PAPER: ("outline", "file"),
    Word.NOT_ASKED: ("outline", "circle"),
    Word.ASKED: ("amber", "clock"),
    Word.RECOMMENDED: ("tint", "check"),
    Word.DECLINED: ("red", "close"),
    Word.CHANGED: ("amber", "warning"),
    Word.OLDER: ("amber", "history"),
}


class Standing(NamedTuple):
    """``is_draft``: the working copy is what the unit is (or would be) asked about, else ``version``."""

    word: Word
    is_draft: bool
    version: int
    opinion: Recommendation | None
    older: list[Recommendation]
    request: RecommendationRequest | None

    @property
    def chip(self) -> tuple[str, str, str]:
        return (*CHIPS[self.word], str(self.word))

    @property
    def waits(self) -> bool:
        return self.request is not None and self.request.answered_at is None


def standing(application: Application, *, account: bool) -> Standing:
    """How the opinion stands. ``recommendation_requests`` and ``standing_opinions`` are used as prefetched."""
    opinions = _standing_opinions(application)
    versions = [one.version for one in opinions if one.version is not None]
    latest = _latest_version(application, versions)
    unit_id = application.recommending_unit_id
    requests = [
        one for one in application.recommendation_requests.all() if one.closed_at is None and one.unit_id == unit_id
    ]
    about_draft = next((one for one in requests if one.submission_id is None), None)
    pending = next((one for one in opinions if one.version is None and one.unit_id == unit_id), None)
    is_draft = about_draft is not None or not latest
    older = [one for one in opinions if one.version is not None and (is_draft or one.version.version != latest)]
    if is_draft:
        changed = pending is not None and freezing.fingerprint(application) != pending.fingerprint
        word = _word(pending, about_draft, changed=changed, older=older)
        found = Standing(word, True, latest, pending, older, about_draft)
    else:
        opinion = next((one for one in opinions if one.version and one.version.version == latest), None)
        asked = next((one for one in requests if one.submission_id), None)
        changed = opinion is not None and opinion.frozen_unchanged is False
        found = Standing(_word(opinion, asked, changed=changed, older=older), False, latest, opinion, older, asked)
    if found.opinion is None and not found.waits:
        if unit_id is None:
            return found._replace(word=Word.NO_UNIT if not older else found.word)
        if not account:
            return found._replace(word=Word.PAPER)
    return found


def _standing_opinions(application: Application) -> list[Recommendation]:
    if not hasattr(application, "standing_opinions"):
        prefetch_related_objects([application], opinions_prefetch())
    return application.standing_opinions  # type: ignore[attr-defined,no-any-return]


def _latest_version(application: Application, versions: list[Submission]) -> int:
    known = getattr(application, "latest_version", None)
    if known is None and application.file_number:
        known = application.submissions.order_by("-version").values_list("version", flat=True).first()
    return known or max((one.version for one in versions), default=0)


def _word(
    opinion: Recommendation | None, request: RecommendationRequest | None, *, changed: bool, older: list[Any]
) -> Word:
    if opinion is not None:
        if changed:
            return Word.CHANGED
        return Word.DECLINED if opinion.is_declined else Word.RECOMMENDED
    if older:
        return Word.OLDER
    return Word.ASKED if request is not None else Word.NOT_ASKED
