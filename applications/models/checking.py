"""形式审查: checklist, outcome, remarks; receipt of the stamped paper."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models.applications import Application
from applications.models.evidence import Evidence
from applications.models.programmes import Programme
from applications.models.submissions import Submission
from qcportal.models import User


class ChecklistItem(models.Model):
    """One line of the secretariat's checklist; data, per programme."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="checklist", verbose_name="年度活动")
    position = models.PositiveSmallIntegerField("次序", default=1)
    text = models.CharField("核对内容", max_length=120)
    is_active = models.BooleanField("使用", default=True)

    class Meta:
        verbose_name = "审查清单项"
        verbose_name_plural = "审查清单项"
        ordering = ["programme", "position"]

    def __str__(self) -> str:
        return self.text


class Outcome(models.TextChoices):
    ACCEPT = "accept", "参评"
    RETURN = "return", "完善后参评"
    DEFER = "defer", "缓评"
    REFUSE = "refuse", "不予受理"


class FormalCheck(models.Model):
    """One check of one submission. Open while ``outcome`` is empty; frozen once decided.

    While a check is open the enterprise can no longer edit and submit again (design, section 5).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name="申报")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="checks", verbose_name="提交版本")
    checker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审查人")
    started_at = models.DateTimeField("开始时间")
    checklist = models.JSONField("清单", default=list)  # [{"item": id, "text": str, "answer": "yes"|"no"|""}]
    note = models.TextField("内部备注", blank=True)
    outcome = models.CharField("审查意见", max_length=10, choices=Outcome.choices, blank=True)
    reason = models.TextField("理由", blank=True)
    open_fields = models.JSONField("开放补正的项目", default=list)
    correction_due_at = models.DateTimeField("补正截止", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    # A decision of a bulk action that was undone within its window: kept, and no longer in force.
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")

    class Meta:
        verbose_name = "形式审查"
        verbose_name_plural = "形式审查"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(outcome=""), name="check_one_open_per_application"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission} {self.get_outcome_display() or '审查中'}"  # type: ignore[attr-defined]


class Remark(models.Model):
    """A remark on a field (``field`` as in freezing.FIELD_LABELS) or on a piece of evidence."""

    formal_check = models.ForeignKey(FormalCheck, models.CASCADE, related_name="remarks", verbose_name="审查")
    position = models.PositiveSmallIntegerField(default=1)
    field = models.CharField("项目", max_length=60)
    evidence = models.ForeignKey(Evidence, models.SET_NULL, null=True, blank=True, verbose_name="材料")
    text = models.TextField("意见", max_length=1000)

    class Meta:
        verbose_name = "审查意见"
        verbose_name_plural = "审查意见"
        ordering = ["formal_check", "position", "id"]

    def __str__(self) -> str:
        return self.text[:40]


class RemarkReply(models.Model):
    """What the enterprise answers to one remark of a return; final with the next submission."""

    remark = models.OneToOneField(Remark, models.CASCADE, related_name="reply", verbose_name="审查意见")
    text = models.CharField("答复", max_length=500)
    replied_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="答复人")
    replied_at = models.DateTimeField("答复时间")

    class Meta:
        verbose_name = "意见答复"
        verbose_name_plural = "意见答复"

    def __str__(self) -> str:
        return self.text[:40]


class PaperReceipt(models.Model):
    """纸质件签收: the stamped paper of one submission version arrived."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="paper_receipts", verbose_name="申报")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="paper_receipts", verbose_name="提交版本")
    received_at = models.DateTimeField("收到时间")
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签收人")
    shelf = models.CharField("存放位置", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = "纸质件签收"
        verbose_name_plural = "纸质件签收"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], name="paper_receipt_once", violation_error_message="该版本的纸质件已签收。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission} 纸质件"
