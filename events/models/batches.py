"""A batch of 入选发表: what was taken in together, so that it can be undone together."""

from django.db import models

from events.models.events import Event, Track
from qcportal.models import User


class ShortlistBatch(models.Model):
    """``rule`` says in words by what rule the groups of the batch were chosen."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="batches", verbose_name="活动")
    track = models.ForeignKey(Track, models.PROTECT, related_name="batches", verbose_name="会场")
    rule = models.CharField("规则", max_length=300)
    count = models.PositiveIntegerField("列入组数")
    made_at = models.DateTimeField("列入时间")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="操作人")
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")

    class Meta:
        verbose_name = "批量入选"
        verbose_name_plural = "批量入选"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.rule}"
