"""成绩: a published ranking is a frozen version with its scope and every row's derivation."""

import uuid

from django.db import models

from applications.models import Programme, Round, SpecialAward
from qcportal.models import User


class Ranking(models.Model):
    """``data`` holds the rows as scoring.rank returned them; a later ranking is a new version."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rankings", verbose_name="年度活动")
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="rankings", verbose_name="期")
    special_award = models.ForeignKey(
        SpecialAward, models.PROTECT, null=True, related_name="rankings", verbose_name="单项奖"
    )
    version = models.PositiveSmallIntegerField("版本")
    scope = models.JSONField("范围", default=dict)
    data = models.JSONField("结果")
    sha256 = models.CharField("SHA-256", max_length=64)
    frozen_at = models.DateTimeField("冻结时间")
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="冻结人")
    announced_at = models.DateTimeField("公布时间", null=True)

    class Meta:
        verbose_name = "成绩排名"
        verbose_name_plural = "成绩排名"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "round", "special_award", "version"], name="ranking_version_unique",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.round or self.programme} 第 {self.version} 版排名"
