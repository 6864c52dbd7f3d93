"""评审表 as data (edition x topic type x sheet), and the stages of a round that use them."""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Sum

from applications import topics
from applications.models import Round


class Sheet(models.TextChoices):
    RESULT = "result", "成果评审表"
    ON_SITE = "on_site", "现场评审表"


class Rubric(models.Model):
    """One review sheet. Frozen once a score sheet uses it: a changed rubric is a new row."""

    edition = models.CharField("标准版本", max_length=40, default="T/CAQ 10201-2020")
    sheet = models.CharField("表", max_length=10, choices=Sheet.choices)
    name = models.CharField("名称", max_length=60)
    topic_types = models.JSONField("适用课题类型", default=list)  # topics.TopicType values; empty: all
    declared_total = models.DecimalField("满分", max_digits=6, decimal_places=2, default=Decimal(100))
    is_active = models.BooleanField("使用", default=True)

    class Meta:
        verbose_name = "评审表"
        verbose_name_plural = "评审表"
        ordering = ["edition", "sheet", "name"]

    def __str__(self) -> str:
        return f"{self.name}（{self.edition}）"

    @property
    def is_frozen(self) -> bool:
        return self.score_sheets.exists()

    def check_total(self) -> None:
        """Refused (ValidationError) when the items do not add up to the declared total."""
        total = self.items.aggregate(total=Sum("max_points"))["total"] or Decimal(0)
        if total != self.declared_total:
            raise ValidationError(f"各项分值合计 {total} 分，与满分 {self.declared_total} 分不符。")


class RubricItem(models.Model):
    rubric = models.ForeignKey(Rubric, models.CASCADE, related_name="items")
    code = models.SlugField("代码", max_length=30)
    position = models.PositiveSmallIntegerField("次序")
    name = models.CharField("评审项目", max_length=60)
    max_points = models.DecimalField("满分", max_digits=6, decimal_places=2)
    step = models.DecimalField("分值间隔", max_digits=4, decimal_places=2, default=Decimal("0.5"))
    guidance = models.TextField("评审要点", blank=True)
    comment_required = models.BooleanField("必须写评语", default=False)

    class Meta:
        verbose_name = "评审项目"
        verbose_name_plural = "评审项目"
        ordering = ["rubric", "position"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "code"], name="rubric_item_unique"),
            models.CheckConstraint(condition=Q(max_points__gt=0) & Q(step__gt=0), name="rubric_item_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class StageKind(models.TextChoices):
    DOCUMENT = "document", "资料评审"
    ON_SITE = "on_site", "现场评审"
    PRESENTATION = "presentation", "发表评审"


class Stage(models.Model):
    """评审阶段 of one round. Weights of a round's active stages add up to 1 (design, section 6)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="stages", verbose_name="期")
    kind = models.CharField("阶段", max_length=15, choices=StageKind.choices)
    is_active = models.BooleanField("启用", default=True)
    weight = models.DecimalField("权重", max_digits=4, decimal_places=3)
    opens_at = models.DateTimeField("评分开放")
    closes_at = models.DateTimeField("评分截止")
    min_valid = models.PositiveSmallIntegerField("最少有效份数", default=3)
    trim_from = models.PositiveSmallIntegerField("去高去低起始份数", default=5)
    trim_count = models.PositiveSmallIntegerField("去高去低各几份", default=1)
    names_visible = models.BooleanField("评委可见单位与小组名称", default=True)
    rubrics = models.ManyToManyField(Rubric, through="StageRubric", verbose_name="评审表")

    class Meta:
        verbose_name = "评审阶段"
        verbose_name_plural = "评审阶段"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="stage_unique"),
            models.CheckConstraint(condition=Q(weight__gte=0) & Q(weight__lte=1), name="stage_weight_0_1"),
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="stage_opens_before_it_closes"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.get_kind_display()}"  # type: ignore[attr-defined]

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at

    def rubric_for(self, topic_type: str) -> Rubric | None:
        return next((link.rubric for link in self.stage_rubrics.all() if link.topic_type == topic_type), None)


class StageRubric(models.Model):
    """Which rubric a stage uses for a topic type."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="stage_rubrics")
    topic_type = models.CharField("课题类型", max_length=20, choices=topics.CHOICES)
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="stage_rubrics", verbose_name="评审表")

    class Meta:
        verbose_name = "阶段评审表"
        verbose_name_plural = "阶段评审表"
        constraints = [models.UniqueConstraint(fields=["stage", "topic_type"], name="stage_rubric_unique")]

    def __str__(self) -> str:
        return f"{self.get_topic_type_display()}：{self.rubric}"  # type: ignore[attr-defined]
