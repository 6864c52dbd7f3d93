"""往年成果: results of the years before the portal, from the association's lists."""

import uuid

from django.db import models
from django.db.models import Q

from applications import topics
from applications.models.enterprises import Enterprise
from qcportal.models import StoredFile, User


class PastResultFileQuerySet(models.QuerySet["PastResultFile"]):
    def waiting(self) -> "PastResultFileQuerySet":
        return self.filter(confirmed_at=None)

    def for_list(self) -> "PastResultFileQuerySet":
        return self.select_related("uploaded_by").order_by("-id")


class PastResultFile(models.Model):
    """An uploaded list: its rows wait for review, then stand as results that name it as their source."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)
    default_year = models.PositiveIntegerField("年度", null=True, blank=True)
    rows = models.JSONField("待确认的行", default=list)
    notices = models.JSONField("说明", default=list)
    imported = models.PositiveIntegerField("导入行数", default=0)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    confirmed_at = models.DateTimeField("确认时间", null=True)

    objects = PastResultFileQuerySet.as_manager()

    class Meta:
        verbose_name = "往年成果名单"
        verbose_name_plural = "往年成果名单"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class PastResultQuerySet(models.QuerySet["PastResult"]):
    def matching(self, text: str) -> "PastResultQuerySet":
        if not text:
            return self
        return self.filter(
            Q(unit_name__icontains=text) | Q(group_name__icontains=text) | Q(topic_name__icontains=text)
            | Q(credit_code__icontains=text) | Q(enterprise__name__icontains=text)
        )  # fmt: skip

    def for_list(self) -> "PastResultQuerySet":
        return self.select_related("enterprise", "source").order_by("-year", "-round_number", "unit_name", "id")

    def levels(self) -> "models.QuerySet[PastResult, str]":
        """The award levels that occur, for a filter."""
        return self.exclude(award_level="").order_by("award_level").values_list("award_level", flat=True).distinct()

    def of(self, enterprise: Enterprise) -> "PastResultQuerySet":
        """What an enterprise achieved, also where a list gave only its credit code."""
        return self.filter(Q(enterprise=enterprise) | Q(enterprise=None, credit_code=enterprise.credit_code))


class PastResult(models.Model):
    """One published result of a past year. Names are as the list printed them."""

    year = models.PositiveIntegerField("年度")
    round_number = models.PositiveSmallIntegerField(
        "期次", choices=[(1, "第一期"), (2, "第二期")], null=True, blank=True
    )
    unit_name = models.CharField("单位名称", max_length=100)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, models.SET_NULL, null=True, blank=True, related_name="past_results", verbose_name="申报单位"
    )
    group_name = models.CharField("小组名称", max_length=60)
    topic_name = models.CharField("课题名称", max_length=100, blank=True)
    topic_type = models.CharField("课题类型", max_length=20, choices=topics.CHOICES, blank=True)
    award_level = models.CharField("获奖等级", max_length=40, blank=True)
    special_award = models.CharField("单项奖", max_length=60, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    source = models.ForeignKey(
        PastResultFile, models.PROTECT, null=True, blank=True, related_name="results", verbose_name="来源"
    )
    # Year, round, unit, group and topic without spaces and brackets: the same line of another list is the same result.
    identity = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("录入时间")
    updated_at = models.DateTimeField("修改时间")

    objects = PastResultQuerySet.as_manager()

    class Meta:
        verbose_name = "往年成果"
        verbose_name_plural = "往年成果"
        ordering = ["-year", "-round_number", "unit_name", "id"]

    def __str__(self) -> str:
        return f"{self.year} 年 {self.unit_name} {self.group_name}"

    @property
    def round_label(self) -> str:
        return {1: "第一期", 2: "第二期"}.get(self.round_number or 0, "")

    @property
    def when(self) -> str:
        return f"{self.year} 年{self.round_label}"
