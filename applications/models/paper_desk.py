"""At the paper desk: one sitting with a scanner, and every scan of it, also those that were not received."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models.enterprises import Enterprise
from applications.models.paper import PaperPart
from applications.models.programmes import Round
from applications.models.submissions import Submission
from qcportal.models import User


class PaperBatch(models.Model):
    """连续签收: paper that one person signs in, one after the other; the printed slip is about one batch."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="paper_batches", verbose_name="签收人")
    opened_at = models.DateTimeField("开始时间")
    closed_at = models.DateTimeField("结束时间", null=True)
    shelf = models.CharField("存放位置", max_length=40, blank=True)  # kept from scan to scan
    giver = models.CharField("送件人或快递单号", max_length=60, blank=True)

    class Meta:
        verbose_name = "连续签收"
        verbose_name_plural = "连续签收"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opened_by"], condition=Q(closed_at=None), name="paper_batch_one_open",
                violation_error_message="您已有一次连续签收正在进行。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.opened_by} {self.opened_at:%Y-%m-%d}"


class ScanResult(models.TextChoices):
    RECEIVED = "received", "已签收"
    ALREADY = "already", "已签收过"
    STALE = "stale", "不是最新版本"
    NOT_EXPECTED = "not_expected", "不需要收"
    UNKNOWN = "unknown", "认不出来"


class DeskScan(models.Model):
    """One scan and what came of it. The receipt itself is a PaperReceipt or PartReceipt; undoing removes that one."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(PaperBatch, models.CASCADE, related_name="scans", verbose_name="连续签收")
    at = models.DateTimeField("时间")
    typed = models.CharField("读到的内容", max_length=200)
    result = models.CharField("结果", max_length=12, choices=ScanResult.choices)
    message = models.CharField("说明", max_length=300, blank=True)
    label = models.CharField("材料", max_length=240, blank=True)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, null=True, related_name="+", verbose_name="申报单位")
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="+", verbose_name="期")
    part = models.ForeignKey(PaperPart, models.PROTECT, null=True, related_name="+", verbose_name="材料")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+", verbose_name="提交版本")
    shelf = models.CharField("存放位置", max_length=40, blank=True)
    is_late = models.BooleanField("晚于截止", default=False)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")
    undo_reason = models.CharField("撤销原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "签收扫描"
        verbose_name_plural = "签收扫描"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.label or self.typed} {self.get_result_display()}"  # type: ignore[attr-defined]

    @property
    def counts(self) -> bool:
        """Received, and still so."""
        return self.result == ScanResult.RECEIVED and self.undone_at is None
