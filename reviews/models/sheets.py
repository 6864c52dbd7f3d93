"""评分表: a judge's points for one application in one stage; every submitted version is kept."""

from django.db import models
from django.db.models import Q

from applications.models import Submission
from qcportal.models import User
from reviews import states
from reviews.models.panels import Assignment
from reviews.models.rubrics import Rubric, RubricItem
from reviews.states import SheetState


class ScoreSheet(models.Model):
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="sheets", verbose_name="分派")
    version = models.PositiveSmallIntegerField("版本", default=1)
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="score_sheets", verbose_name="评审表")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="score_sheets", verbose_name="所评版本")
    state = models.CharField("状态", max_length=10, choices=states.CHOICES, default=SheetState.DRAFT)
    edit_version = models.PositiveIntegerField(default=1, editable=False)
    comment = models.TextField("总体评语", blank=True, max_length=4000)
    total = models.DecimalField("总分", max_digits=6, decimal_places=2, null=True)
    saved_at = models.DateTimeField("保存时间")
    submitted_at = models.DateTimeField("提交时间", null=True)
    reopened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="退回人")
    reopened_reason = models.TextField("退回理由", blank=True)

    class Meta:
        verbose_name = "评分表"
        verbose_name_plural = "评分表"
        ordering = ["assignment", "version"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "version"], name="sheet_version_unique"),
            models.UniqueConstraint(
                fields=["assignment"], condition=~Q(state="reopened"), name="sheet_one_current_per_assignment"
            ),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in SheetState]), name="sheet_state_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} 第 {self.version} 版"


class ItemScore(models.Model):
    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores")
    item = models.ForeignKey(RubricItem, models.PROTECT, related_name="+", verbose_name="评审项目")
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True)
    comment = models.TextField("评语", blank=True, max_length=1000)

    class Meta:
        verbose_name = "单项得分"
        verbose_name_plural = "单项得分"
        ordering = ["sheet", "item__position"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "item"], name="item_score_unique"),
            models.CheckConstraint(condition=Q(points=None) | Q(points__gte=0), name="item_score_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.points}"
