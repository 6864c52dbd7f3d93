"""专业领域: the vocabulary that judges and filings are matched by; when a judge has time; declared relations."""

from django.db import models
from django.db.models import Q

from applications.models import Application, Round
from applications.models.enterprises import Industry
from qcportal.models import User
from reviews.models.judges import Judge


class ExpertiseField(models.Model):
    """One field of expertise. ``industries``: the filings at home in it; a general field is half at home everywhere."""

    name = models.CharField("名称", max_length=40, unique=True)
    industries = models.JSONField("对应的所属行业", default=list, blank=True)  # applications.models.Industry values
    is_general = models.BooleanField("通用领域", default=False, help_text="质量管理、统计方法等，各行业都适用。")
    position = models.PositiveSmallIntegerField("次序", default=50)
    is_active = models.BooleanField("使用", default=True)

    class Meta:
        verbose_name = "专业领域"
        verbose_name_plural = "专业领域"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def industry_labels(self) -> str:
        known = dict(Industry.choices)
        return "、".join(str(known.get(code, code)) for code in self.industries)


class Availability(models.Model):
    """Whether a judge takes part in a round, and with how many filings at most. No row: takes part, no limit."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="availability", verbose_name="评委")
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="期")
    takes_part = models.BooleanField("本期参加", default=True)
    at_most = models.PositiveSmallIntegerField("最多份数", null=True, blank=True, help_text="不填为不限。")
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        verbose_name = "本期参加情况"
        verbose_name_plural = "各期参加情况"
        ordering = ["-round_id"]
        constraints = [
            models.UniqueConstraint(fields=["judge", "round"], name="availability_unique"),
            models.CheckConstraint(condition=Q(at_most=None) | Q(at_most__gt=0), name="availability_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.judge} {self.round}"


class RelationKind(models.TextChoices):
    COACHED = "coached", "辅导过该小组"
    KIN = "kin", "亲属在该单位"
    INTEREST = "interest", "与该单位有利害关系"


class DeclaredRelation(models.Model):
    """What a judge has told: it recuses from the day it is written down; the secretariat confirms or ends it."""

    judge = models.ForeignKey(Judge, models.PROTECT, related_name="relations", verbose_name="评委")
    kind = models.CharField("关系", max_length=10, choices=RelationKind.choices)
    unit_name = models.CharField("单位名称", max_length=100)
    unit_code = models.CharField("单位信用代码", max_length=18, blank=True)
    group_name = models.CharField("小组名称", max_length=100, blank=True, help_text="只涉及一个小组时填写。")
    note = models.CharField("说明", max_length=200, blank=True)
    declared_at = models.DateTimeField("登记时间")
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    confirmed_at = models.DateTimeField("核实时间", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")
    ended_at = models.DateTimeField("终止时间", null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="终止人")

    class Meta:
        verbose_name = "申报关系"
        verbose_name_plural = "评委申报的关系"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.judge.user}：{self.get_kind_display()}（{self.unit_name}）"  # type: ignore[attr-defined]

    @property
    def is_effective(self) -> bool:
        return self.ended_at is None


def filings_with_facts(filings: "models.QuerySet[Application]") -> "models.QuerySet[Application]":
    """With all that the rule of recusal asks for, in a fixed number of queries."""
    return filings.select_related("enterprise", "round__programme").prefetch_related("completing_units", "submissions")
