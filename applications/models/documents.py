"""What Celery builds from frozen versions: packets, judges' copies, paper sets, bundles."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models.enterprises import Enterprise
from applications.models.programmes import Programme, Round
from applications.models.submissions import Submission
from qcportal.models import StoredFile


class PacketKind(models.TextChoices):
    FULL = "full", "材料包"
    JUDGE = "judge", "评审件"
    BLIND = "blind", "评审件（隐去名称）"
    RECEIPT = "receipt", "提交回执"


class Packet(models.Model):
    """One PDF of one submission under one template version. Rendering again gives the same bytes."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="packets", verbose_name="提交版本")
    kind = models.CharField("种类", max_length=10, choices=PacketKind.choices)
    template_version = models.CharField("模板版本", max_length=20)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    pages = models.PositiveIntegerField("页数")
    built_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "材料包"
        verbose_name_plural = "材料包"
        constraints = [models.UniqueConstraint(fields=["submission", "kind", "template_version"], name="packet_unique")]

    def __str__(self) -> str:
        return f"{self.submission} {self.get_kind_display()}"  # type: ignore[attr-defined]


class PaperSet(models.Model):
    """纸质套: what an enterprise prints once per round. ``fingerprint`` names the versions it holds, ``code`` follows
    from them; ``file`` is as of ``template_version``."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="paper_sets", verbose_name="申报单位")
    round = models.ForeignKey(Round, models.PROTECT, related_name="paper_sets", verbose_name="期")
    fingerprint = models.CharField(max_length=64)
    code = models.CharField("校验码", max_length=12, unique=True)
    parts = models.JSONField("组成", default=list)
    template_version = models.CharField("模板版本", max_length=20, default="")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    pages = models.PositiveIntegerField("页数")
    built_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "纸质套"
        verbose_name_plural = "纸质套"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "round", "fingerprint"], name="paper_set_unique")]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.round} 纸质套"


class Bundle(models.Model):
    """电子文件夹: ZIP 单位名称_联系人_电话 with attachments and evidence (notice, section 3).

    Of one round, or of a whole ``programme`` when ``round`` is empty.
    """

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="bundles", verbose_name="申报单位")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="bundles", verbose_name="年度活动")
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="bundles", verbose_name="期")
    fingerprint = models.CharField(max_length=64)
    name = models.CharField("文件名", max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    built_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "电子文件夹"
        verbose_name_plural = "电子文件夹"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "round", "fingerprint"], name="bundle_unique"),
            models.UniqueConstraint(
                fields=["enterprise", "programme", "fingerprint"], condition=Q(round=None), name="bundle_of_year_unique"
            ),
            models.CheckConstraint(
                condition=Q(round=None, programme__isnull=False) | Q(round__isnull=False, programme=None),
                name="bundle_of_round_or_year",
            ),
        ]

    def __str__(self) -> str:
        return self.name
