"""计分规则 of a round and 等级方案 of a ranking: data with the design's defaults, editable in the admin."""

from django.db import models

from applications.models import Application, AwardLevel, Programme, Round, SpecialAward
from qcportal.models import User
from reviews.scoring import TIE_LABELS, TIE_ORDER, UNLISTED_LABELS, Tie, Unlisted
from reviews.scoring import levels as scoring_levels


def default_tie_order() -> list[str]:
    return [tie.value for tie in TIE_ORDER]


class ScoringRules(models.Model):
    """What holds for a whole round; weights and trimming stand with its stages. No row: the defaults."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="scoring_rules", verbose_name="期")
    tie_order = models.JSONField("同分次序", default=default_tie_order)  # values of scoring.Tie
    unlisted = models.CharField(
        "未入选发表的小组", max_length=10, default=Unlisted.BELOW,
        choices=[(value.value, label) for value, label in UNLISTED_LABELS.items()],
    )  # fmt: skip
    saved_at = models.DateTimeField("保存时间", editable=False)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人", editable=False)

    class Meta:
        verbose_name = "计分规则"
        verbose_name_plural = "计分规则"

    def __str__(self) -> str:
        return f"{self.round}计分规则：{'、'.join(TIE_LABELS[Tie(value)] for value in self.tie_order)}"


def choices(labels: dict) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    return [(value.value, label) for value, label in labels.items()]


class LevelScheme(models.Model):
    """How the levels of one ranking are cut. ``scope`` is the ranking's (reviews.scopes): one scheme for each."""

    scope = models.SlugField("范围", max_length=40, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="level_schemes", verbose_name="年度活动")
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="+", verbose_name="期")
    special_award = models.ForeignKey(SpecialAward, models.PROTECT, null=True, related_name="+", verbose_name="单项奖")
    method = models.CharField("划分办法", max_length=10, choices=choices(scoring_levels.METHOD_LABELS))
    ties = models.CharField("并列处理", max_length=10, choices=choices(scoring_levels.TIES_LABELS))
    base = models.CharField("比例的基数", max_length=10, choices=choices(scoring_levels.BASE_LABELS))
    absent = models.CharField("未入选发表的小组", max_length=10, choices=choices(scoring_levels.ABSENT_LABELS))
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")

    class Meta:
        verbose_name = "等级方案"
        verbose_name_plural = "等级方案"

    def __str__(self) -> str:
        return f"{self.special_award or self.round or self.programme}等级方案"


class LevelCut(models.Model):
    """One level of a scheme. Without ``level`` it is the special award itself."""

    scheme = models.ForeignKey(LevelScheme, models.CASCADE, related_name="cuts")
    position = models.PositiveSmallIntegerField("次序")
    level = models.ForeignKey(AwardLevel, models.PROTECT, null=True, related_name="+", verbose_name="等级")
    value = models.DecimalField("分数线、百分比或名额", max_digits=7, decimal_places=2)

    class Meta:
        verbose_name = "等级线"
        verbose_name_plural = "等级线"
        ordering = ["scheme", "position"]
        constraints = [models.UniqueConstraint(fields=["scheme", "position"], name="level_cut_unique")]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"

    @property
    def name(self) -> str:
        return str(self.level or self.scheme.special_award or "")


class OverrideBasis(models.TextChoices):
    PANEL = "panel", "评审组合议"
    CORRECTION = "correction", "人工调整"


class LevelOverride(models.Model):
    """A level decided by people, with the reason. ``level_name`` empty: the group gets none."""

    scope = models.SlugField("范围", max_length=40)
    application = models.ForeignKey(Application, models.PROTECT, related_name="level_overrides", verbose_name="申报")
    level_name = models.CharField("等级", max_length=30, blank=True)
    basis = models.CharField("依据", max_length=10, choices=OverrideBasis.choices)
    reason = models.CharField("理由", max_length=500)
    decided_at = models.DateTimeField("记录时间")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")

    class Meta:
        verbose_name = "等级调整"
        verbose_name_plural = "等级调整"
        ordering = ["scope", "id"]
        constraints = [models.UniqueConstraint(fields=["scope", "application"], name="level_override_unique")]

    def __str__(self) -> str:
        return f"{self.application} {self.level_name or '不授予'}"
