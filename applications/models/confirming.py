"""What a person said about a warning, and the texts agreed to at every submission."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from applications.models.applications import Application
from applications.models.reports import AnnualReport
from qcportal.models import User

REASON_MIN, REASON_MAX = 5, 200


class WarningConfirmation(models.Model):
    """已核实，原因: of one warning of a filing, or of the enterprise's attachments 2 and 3 (then once for all filings).

    It holds for the facts that were asked about: ``fingerprint`` is completeness.Problem's. A changed number makes
    another fingerprint, and the question is open again; the old reason is offered, never taken as given.
    """

    application = models.ForeignKey(
        Application, models.CASCADE, null=True, related_name="warning_confirmations", verbose_name="申报"
    )
    report = models.ForeignKey(
        AnnualReport, models.CASCADE, null=True, related_name="warning_confirmations", verbose_name="年度材料"
    )
    code = models.CharField("提醒", max_length=40)
    fingerprint = models.CharField(max_length=16)
    message = models.TextField("提醒内容")
    reason = models.CharField("原因", max_length=REASON_MAX)
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核实人")
    confirmed_at = models.DateTimeField("核实时间")

    class Meta:
        verbose_name = "提醒核实"
        verbose_name_plural = "提醒核实"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "code"], condition=Q(report=None), name="confirmation_once_per_filing"
            ),
            models.UniqueConstraint(
                fields=["report", "code"], condition=Q(application=None), name="confirmation_once_per_report"
            ),
            models.CheckConstraint(
                condition=Q(application=None, report__isnull=False) | Q(application__isnull=False, report=None),
                name="confirmation_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application or self.report} {self.code}"


class ConfirmationTextQuerySet(models.QuerySet["ConfirmationText"]):
    def in_force(self, at: datetime) -> dict[str, "ConfirmationText"]:
        """The text of each kind that holds at ``at``: the one that took effect last."""
        rows = self.filter(effective_from__lte=at).order_by("effective_from", "id")
        return {row.kind: row for row in rows}


class ConfirmationText(models.Model):
    """A statement that must be agreed to before submitting. Never edited: a correction is a new version."""

    KINDS = [("truthful", "材料真实性承诺"), ("members_informed", "已告知小组成员")]
    kind = models.CharField("事项", max_length=20, choices=KINDS)
    version = models.CharField("版本", max_length=20, help_text="例如 2026-2；同一事项的版本不能重复")
    label = models.CharField("勾选语", max_length=200, help_text="显示在勾选框旁的一句话")
    text = models.TextField("全文", max_length=4000)
    effective_from = models.DateTimeField("生效时间", help_text="从这一刻起提交的申报须同意本版本")
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="发布人"
    )
    created_at = models.DateTimeField("发布时间", editable=False)

    objects = ConfirmationTextQuerySet.as_manager()

    class Meta:
        verbose_name = "提交确认文本"
        verbose_name_plural = "提交确认文本"
        ordering = ["kind", "-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version"], name="confirmation_text_unique",
                violation_error_message="这一事项已有同名版本。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"  # type: ignore[attr-defined]
