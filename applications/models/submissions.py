"""提交版本: what was submitted, frozen; and every press of the button."""

import uuid

from django.db import models

from applications import codes
from applications.models.applications import Application
from applications.models.programmes import RecommendingUnit
from applications.models.reports import ReportVersion
from qcportal.models import User


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def by_code(self, code: str) -> "SubmissionQuerySet":
        return self.filter(code=code).select_related("application__enterprise", "application__round__programme")


class Submission(models.Model):
    """Frozen JSON of an application. ``sha256`` covers ``data``, which holds only the salted digest of ``personal``.

    A purge can therefore delete ``personal`` and ``salt`` and leave a verifiable rest (design, section 6).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions", verbose_name="申报")
    version = models.PositiveIntegerField("版本")
    file_number = models.CharField("文件编号", max_length=20)
    report_version = models.ForeignKey(
        ReportVersion, models.PROTECT, related_name="submissions", verbose_name="年度材料版本"
    )
    recommending_unit = models.ForeignKey(
        RecommendingUnit, models.PROTECT, null=True, related_name="submissions", verbose_name="推荐单位"
    )
    data = models.JSONField("冻结内容")
    personal = models.JSONField("个人信息", null=True)
    salt = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    code = models.CharField("校验码", max_length=12, unique=True)
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "提交版本"
        verbose_name_plural = "提交版本"
        ordering = ["application", "version"]
        constraints = [models.UniqueConstraint(fields=["application", "version"], name="submission_version_unique")]

    def __str__(self) -> str:
        return f"{self.file_number} 第 {self.version} 版"

    @property
    def code_grouped(self) -> str:
        return codes.grouped(self.code)


class SubmitAttempt(models.Model):
    """One press of submit, also a refused one: arrived, decided, answer."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="submit_attempts", verbose_name="申报")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")
    arrived_at = models.DateTimeField("到达时间")
    decided_at = models.DateTimeField("判定时间")
    outcome = models.CharField("结果", max_length=30)
    message = models.TextField("答复")
    missing = models.JSONField("缺项", default=list)
    submission = models.ForeignKey(
        Submission, models.SET_NULL, null=True, related_name="attempts", verbose_name="提交版本"
    )

    class Meta:
        verbose_name = "提交尝试"
        verbose_name_plural = "提交尝试"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.application} {self.outcome}"
