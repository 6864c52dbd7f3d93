"""成绩: a published ranking is a frozen version with its scope and every row's derivation."""

import uuid

from django.db import models

from applications.models import Application, Programme, Round, SpecialAward
from qcportal.models import User


class Ranking(models.Model):
    """``data`` holds the rows as scoring.reckon returned them for ``inputs``; a later ranking is a new version.

    ``inputs`` is all that the computation used: rules, levels, every judge's points. Rankings frozen before
    inputs were kept have none.
    """

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
    inputs = models.JSONField("计算依据", null=True, editable=False)
    inputs_sha256 = models.CharField("计算依据 SHA-256", max_length=64, blank=True)
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
        what = f"{self.programme} {self.special_award}" if self.special_award else str(self.round or self.programme)
        return f"{what} 第 {self.version} 版排名"


class TieDecision(models.Model):
    """评审组合议: the recorded order among filings that all other rules leave equal (design, section 6)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="tie_decisions", verbose_name="期")
    application = models.OneToOneField(Application, models.PROTECT, related_name="tie_decision", verbose_name="申报")
    position = models.PositiveSmallIntegerField("同分中的先后", help_text="1 在前")
    reason = models.TextField("合议理由", max_length=500)
    decided_at = models.DateTimeField("记录时间", editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人", editable=False)

    class Meta:
        verbose_name = "同分合议"
        verbose_name_plural = "同分合议"
        ordering = ["round", "position"]

    def __str__(self) -> str:
        return f"{self.application} 第 {self.position}"
