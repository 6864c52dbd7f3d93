"""抽签: a seed whose hash is published before the list is frozen, and the seed after (design, section 6)."""

from django.db import models

from events.models.events import Track
from qcportal.models import User


class Draw(models.Model):
    """One draw of one track. ``seed`` stays secret until ``revealed_at``; anyone can then repeat the order."""

    track = models.OneToOneField(Track, models.PROTECT, related_name="draw", verbose_name="会场")
    seed = models.CharField(max_length=64)
    seed_sha256 = models.CharField("种子的 SHA-256", max_length=64)
    committed_at = models.DateTimeField("公布哈希时间")
    committed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="公布人")
    entries = models.JSONField("参加抽签的文件编号", default=list)
    record = models.JSONField("抽签记录", default=dict)  # drawn (hashes in order), order, moves of the second pass
    revealed_at = models.DateTimeField("抽签时间", null=True)
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="抽签人")

    class Meta:
        verbose_name = "抽签"
        verbose_name_plural = "抽签"

    def __str__(self) -> str:
        return f"{self.track} 抽签"
