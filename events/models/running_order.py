"""入选发表 and 发表顺序."""

from datetime import datetime, timedelta

from django.db import models

from applications.models import Application
from events.models.batches import ShortlistBatch
from events.models.events import Event, Track
from qcportal.models import User


class ShortlistBasis(models.TextChoices):
    RANK = "rank", "按资料评审名次"
    QUOTA = "quota", "按名额"
    HAND = "hand", "人工确定"


class Shortlist(models.Model):
    """One group that presents at an event."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="shortlist", verbose_name="活动")
    track = models.ForeignKey(Track, models.PROTECT, related_name="shortlist", verbose_name="会场")
    application = models.ForeignKey(Application, models.PROTECT, related_name="shortlistings", verbose_name="申报")
    basis = models.CharField("依据", max_length=10, choices=ShortlistBasis.choices)
    document_rank = models.PositiveIntegerField("资料评审名次", null=True, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    batch = models.ForeignKey(
        ShortlistBatch, models.SET_NULL, null=True, related_name="rows", verbose_name="批次", editable=False
    )
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="确定人")
    added_at = models.DateTimeField("确定时间")

    class Meta:
        verbose_name = "入选发表"
        verbose_name_plural = "入选发表"
        ordering = ["event", "document_rank", "id"]
        constraints = [models.UniqueConstraint(fields=["event", "application"], name="shortlist_unique")]

    def __str__(self) -> str:
        return f"{self.event} {self.application}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def for_programme(self) -> "SlotQuerySet":
        """With all that the public programme and the agenda print."""
        return self.select_related("application__enterprise").order_by("position")


class Slot(models.Model):
    """One place in the running order of a track."""

    track = models.ForeignKey(Track, models.PROTECT, related_name="slots", verbose_name="会场")
    position = models.PositiveSmallIntegerField("顺序")
    application = models.ForeignKey(Application, models.PROTECT, related_name="slots", verbose_name="申报")
    starts_at = models.DateTimeField("开始时间")
    minutes = models.PositiveSmallIntegerField("分钟")

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "发表顺序"
        verbose_name_plural = "发表顺序"
        ordering = ["track", "position"]
        constraints = [
            models.UniqueConstraint(fields=["track", "position"], name="slot_position_unique"),
            models.UniqueConstraint(fields=["track", "application"], name="slot_application_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.application}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)
