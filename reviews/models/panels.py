"""评审组 and 分派: who scores what in which stage."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT

from applications.models import Application, Submission
from applications.states import State
from qcportal.clock import half_open_label
from qcportal.models import User
from reviews.models.judges import Judge, Recusal
from reviews.models.rubrics import Stage


class Panel(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="panels", verbose_name="评审阶段")
    name = models.CharField("名称", max_length=40)
    lead = models.ForeignKey(
        Judge, models.PROTECT, null=True, blank=True, related_name="led_panels", verbose_name="组长"
    )
    judges = models.ManyToManyField(Judge, blank=True, related_name="panels", verbose_name="评委")

    class Meta:
        verbose_name = "评审组"
        verbose_name_plural = "评审组"
        ordering = ["stage", "name"]
        constraints = [models.UniqueConstraint(fields=["stage", "name"], name="panel_name_unique")]

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def of(self, user: User) -> "AssignmentQuerySet":
        """What ``user`` was given to score. Recused ones stay listed, marked, and open nothing."""
        return self.filter(judge__user=user, withdrawn_at=None)

    def active(self) -> "AssignmentQuerySet":
        return self.filter(withdrawn_at=None)

    def with_recusal(self) -> "AssignmentQuerySet":
        return self.annotate(is_recused=Exists(_recusals()))

    def not_recused(self) -> "AssignmentQuerySet":
        """Those whose sheets count: no recusal is on record, confirmed or not."""
        return self.filter(~Exists(_recusals()))

    def with_topic(self) -> "AssignmentQuerySet":
        """topic_name, topic_type, group_name, unit_name as they were submitted last, not as they stand in a draft."""
        return self.annotate(
            topic_name=_frozen("data__topic__topic_name"),
            topic_type=_frozen("data__topic__topic_type"),
            group_name=_frozen("data__group__group_name"),
            unit_name=_frozen("data__enterprise__certificate_unit_name"),
        )

    def for_list(self) -> "AssignmentQuerySet":
        """With everything a judge's list shows, in a fixed number of queries."""
        return (
            self.with_recusal()
            .with_topic()
            .select_related("stage__round__programme", "application", "panel", "judge__user")
            .prefetch_related("sheets__scores")
            .order_by("stage_id", "position", "id")
        )


def _recusals() -> QuerySet[Recusal]:
    return Recusal.objects.filter(judge=OuterRef("judge"), application=OuterRef("application"))


def _frozen(path: str) -> Subquery:
    latest: QuerySet[Submission] = Submission.objects.filter(application=OuterRef("application")).order_by("-version")
    return Subquery(latest.annotate(frozen_text=KT(path)).values("frozen_text")[:1])


class Assignment(models.Model):
    """One judge scores one application in one stage. /reviews/<uuid>/ is this row's address."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="assignments", verbose_name="评审阶段")
    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments", verbose_name="申报")
    judge = models.ForeignKey(Judge, models.PROTECT, related_name="assignments", verbose_name="评委")
    panel = models.ForeignKey(
        Panel, models.SET_NULL, null=True, blank=True, related_name="assignments", verbose_name="评审组"
    )
    position = models.PositiveIntegerField("次序", default=1)
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="分派人")
    assigned_at = models.DateTimeField("分派时间")
    withdrawn_at = models.DateTimeField("取消时间", null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "分派"
        verbose_name_plural = "分派"
        ordering = ["stage", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["stage", "application", "judge"], name="assignment_unique")]

    def __str__(self) -> str:
        return f"{self.application} → {self.judge}"

    def closed_reason(self, at: datetime) -> str:
        """Why nothing may be scored at ``at`` (state and window), or "" when it may. Recusal is asked apart."""
        if self.withdrawn_at is not None:
            return "该份分派已取消。"
        if not self.stage.is_active:
            return "该评审阶段未启用。"
        if self.application.state != State.IN_REVIEW:
            return f"该申报当前为“{self.application.state_label}”，不能评分。"
        if at < self.stage.opens_at:
            return f"评分尚未开始，{half_open_label(self.stage.opens_at)}开放。"
        if at >= self.stage.closes_at:
            return f"已过评分截止时间（{half_open_label(self.stage.closes_at)}）。"
        return ""
