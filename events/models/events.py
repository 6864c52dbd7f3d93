"""活动 and 会场."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models

from applications.models import Programme, Round
from qcportal.models import StoredFile


class EventKind(models.TextChoices):
    PRESENTATION = "presentation", "成果技术交流发布会"
    TRAINING = "training", "培训"
    CONFERENCE = "conference", "代表会议"
    STORY = "story", "故事演讲"


class EventQuerySet(models.QuerySet["Event"]):
    def published(self) -> "EventQuerySet":
        return self.filter(is_published=True).select_related("programme", "round__programme")

    def upcoming(self, at: datetime) -> "EventQuerySet":
        return self.filter(ends_at__gte=at).order_by("starts_at")

    def past(self, at: datetime) -> "EventQuerySet":
        return self.filter(ends_at__lt=at).order_by("-starts_at")


class Event(models.Model):
    slug = models.SlugField("地址名", max_length=60, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="events", verbose_name="年度活动")
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="events", verbose_name="期")
    kind = models.CharField("类别", max_length=15, choices=EventKind.choices, default=EventKind.PRESENTATION)
    title = models.CharField("名称", max_length=100)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    place = models.CharField("地点", max_length=100)
    address = models.CharField("地址", max_length=200, blank=True)
    intro = models.TextField("说明", blank=True)
    presentation_minutes = models.PositiveSmallIntegerField("发表分钟数", default=12)
    question_minutes = models.PositiveSmallIntegerField("提问分钟数", default=5)
    keep_enterprises_apart = models.BooleanField("同一单位的小组不相邻", default=True)
    is_published = models.BooleanField("已公布", default=False)
    order_published_at = models.DateTimeField("发表顺序公布时间", null=True, editable=False)
    agenda = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="议程 PDF"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "活动"
        verbose_name_plural = "活动"
        ordering = ["-starts_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def order_is_public(self) -> bool:
        return self.order_published_at is not None

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "结束时间应晚于开始时间。"})


class Track(models.Model):
    """会场: a room with its own running order."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="tracks", verbose_name="活动")
    name = models.CharField("名称", max_length=40, default="主会场")
    room = models.CharField("房间", max_length=60, blank=True)
    starts_at = models.DateTimeField("开始时间")
    position = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        verbose_name = "会场"
        verbose_name_plural = "会场"
        ordering = ["event", "position"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="track_name_unique")]

    def __str__(self) -> str:
        return f"{self.event} {self.name}"
