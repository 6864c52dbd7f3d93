"""推荐意见: the people of a recommending unit, what they are asked, and their signed opinions."""

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from applications import codes
from applications.models.applications import Application
from applications.models.programmes import RecommendingUnit
from applications.models.submissions import Submission
from qcportal.models import StoredFile, User

if TYPE_CHECKING:
    from datetime import datetime


class UnitMemberQuerySet(models.QuerySet["UnitMember"]):
    def active(self) -> "UnitMemberQuerySet":
        return self.filter(is_active=True, user__is_active=True)

    def units_of(self, user: User) -> Any:
        """The ids of the recommending units that ``user`` works for, as a subquery."""
        return self.filter(is_active=True, user=user).values("unit")

    def for_list(self) -> "UnitMemberQuerySet":
        return self.select_related("user").order_by("-is_active", "id")


class UnitMember(models.Model):
    """A person of a recommending unit. Made by accepting an invitation of the secretariat; a unit has several."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(RecommendingUnit, models.PROTECT, related_name="members", verbose_name="推荐单位")
    user = models.ForeignKey(User, models.CASCADE, related_name="recommends_for", verbose_name="用户")
    is_active = models.BooleanField("有效", default=True)
    created_at = models.DateTimeField("加入时间")

    objects = UnitMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐单位人员"
        verbose_name_plural = "推荐单位人员"
        ordering = ["unit", "id"]
        constraints = [models.UniqueConstraint(fields=["unit", "user"], name="unit_member_unique")]

    def __str__(self) -> str:
        return f"{self.user} {self.unit}"


class UnitInvitationQuerySet(models.QuerySet["UnitInvitation"]):
    def unanswered(self) -> "UnitInvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self, at: "datetime") -> "UnitInvitationQuerySet":
        return self.unanswered().filter(expires_at__gt=at)


class UnitInvitation(models.Model):
    """The secretariat asks a person of a recommending unit in. Only a hash of the mailed secret is kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(RecommendingUnit, models.PROTECT, related_name="invitations", verbose_name="推荐单位")
    email = models.EmailField("受邀人邮箱")
    name = models.CharField("受邀人姓名", max_length=50)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="邀请人")
    created_at = models.DateTimeField("邀请时间")
    expires_at = models.DateTimeField("有效期至")
    accepted_at = models.DateTimeField("接受时间", null=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="接受人")
    revoked_at = models.DateTimeField("撤销时间", null=True)

    objects = UnitInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐单位邀请"
        verbose_name_plural = "推荐单位邀请"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"推荐单位邀请 → {self.unit}"


class RecommendationRequestQuerySet(models.QuerySet["RecommendationRequest"]):
    def open(self) -> "RecommendationRequestQuerySet":
        """Of the unit that is chosen now: choosing another one ends what the first was asked."""
        return self.filter(closed_at=None, unit=F("application__recommending_unit"))

    def of_draft(self) -> "RecommendationRequestQuerySet":
        return self.filter(submission=None)


class RecommendationRequest(models.Model):
    """A unit is asked for its opinion. Without ``submission`` it is asked about the working copy, and while the
    request is open it may read that copy; with one it is asked about that version alone."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="recommendation_requests", verbose_name="申报"
    )
    unit = models.ForeignKey(RecommendingUnit, models.PROTECT, related_name="requests", verbose_name="推荐单位")
    submission = models.ForeignKey(Submission, models.CASCADE, null=True, related_name="+", verbose_name="提交版本")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="请求人")
    requested_at = models.DateTimeField("请求时间")
    answered_at = models.DateTimeField("答复时间", null=True)
    closed_at = models.DateTimeField("结束时间", null=True)
    reminded_at = models.DateTimeField("提醒时间", null=True)

    objects = RecommendationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐意见请求"
        verbose_name_plural = "推荐意见请求"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.application} → {self.unit}"


class Decision(models.TextChoices):
    RECOMMEND = "recommend", "同意推荐"
    DECLINE = "decline", "不推荐"


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def standing(self) -> "RecommendationQuerySet":
        """Neither withdrawn nor replaced by a newer one about the same content."""
        return self.filter(withdrawn_at=None, superseded_by=None)

    def pending(self) -> "RecommendationQuerySet":
        """Given about a working copy and waiting for the submission that freezes it."""
        return self.standing().filter(submission=None, frozen_in=None)

    def about(self, submission: Submission) -> "RecommendationQuerySet":
        return self.filter(Q(submission=submission) | Q(frozen_in=submission))


class Recommendation(models.Model):
    """推荐意见: a signed record, never edited. Bound to exactly one version: ``submission`` when it was given about
    a version, ``frozen_in`` when it was given about the working copy and the version froze it.

    ``sha256`` covers ``data``, which holds only the salted digest of ``personal`` (the signer), as in a submission.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="recommendations", verbose_name="申报")
    unit = models.ForeignKey(RecommendingUnit, models.PROTECT, related_name="opinions", verbose_name="推荐单位")
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, related_name="recommendations", verbose_name="所针对的版本"
    )
    frozen_in = models.ForeignKey(
        Submission, models.PROTECT, null=True, related_name="frozen_recommendations", verbose_name="随其冻结的版本"
    )
    # Of a frozen one: whether the version froze the very content that the opinion was given about.
    frozen_unchanged = models.BooleanField("冻结时内容未变", null=True)
    fingerprint = models.CharField("内容指纹", max_length=64)
    decision = models.CharField("意见", max_length=10, choices=Decision.choices)
    text = models.TextField("意见内容")
    given_at = models.DateTimeField("出具时间")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="出具账户")
    ip = models.GenericIPAddressField("IP 地址", null=True)
    data = models.JSONField("冻结内容")
    personal = models.JSONField("签署人", null=True)
    salt = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    code = models.CharField("校验码", max_length=12, unique=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by", verbose_name="取代"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤回人")

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐意见"
        verbose_name_plural = "推荐意见"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="recommendation_decision_valid"),
            models.CheckConstraint(
                condition=Q(submission=None) | Q(frozen_in=None), name="recommendation_bound_to_one_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_decision_display()}"  # type: ignore[attr-defined]

    @property
    def version(self) -> Submission | None:
        return self.submission or self.frozen_in

    @property
    def signer_name(self) -> str:
        return str((self.personal or {}).get("signer_name", ""))

    @property
    def signer_title(self) -> str:
        return str((self.personal or {}).get("signer_title", ""))

    @property
    def code_grouped(self) -> str:
        return codes.grouped(self.code)

    @property
    def is_declined(self) -> bool:
        return self.decision == Decision.DECLINE


class RecommendationPage(models.Model):
    """推荐意见页: the PDF of one opinion about a version. Rendering again gives the same bytes."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="pages", verbose_name="推荐意见")
    template_version = models.CharField("模板版本", max_length=20)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    pages = models.PositiveIntegerField("页数")
    built_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "推荐意见页"
        verbose_name_plural = "推荐意见页"
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "template_version"], name="recommendation_page_unique")
        ]

    def __str__(self) -> str:
        return f"{self.recommendation} 意见页"
