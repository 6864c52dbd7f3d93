"""What was read from a file and waits for confirmation."""

import uuid
from datetime import datetime

from django.db import models

from applications.models.applications import Application
from applications.models.enterprises import Enterprise
from applications.models.programmes import Programme, Round
from qcportal.models import User


class PendingImportQuerySet(models.QuerySet["PendingImport"]):
    def visible_to(self, user: User, at: datetime) -> "PendingImportQuerySet":
        """Only who uploaded the file, while it waits: it holds what the portal did not take yet."""
        return self.filter(user=user, expires_at__gt=at)

    def expired(self, at: datetime) -> "PendingImportQuerySet":
        return self.filter(expires_at__lte=at)


class PendingImport(models.Model):
    """Not the file: only its name, its hash and the cells that were read. Emptied once confirmed, gone after a day."""

    class Kind(models.TextChoices):
        STATISTICS = "statistics", "附件 3 统计表"
        SUMMARY = "summary", "附件 2 活动总结"
        APPLICATION = "application", "附件 1 申报表"
        GROUPS = "groups", "小组汇总表"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+", verbose_name="申报单位")
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="+", verbose_name="年度活动")
    application = models.ForeignKey(Application, models.CASCADE, null=True, related_name="+", verbose_name="申报")
    round = models.ForeignKey(Round, models.CASCADE, null=True, related_name="+", verbose_name="期")
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="上传人")
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    cells = models.JSONField("读到的内容", default=list)
    notices = models.JSONField("说明", default=list)
    base_version = models.PositiveIntegerField("导出时的版本", null=True)
    created_at = models.DateTimeField("上传时间")
    expires_at = models.DateTimeField("保留至", db_index=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)

    objects = PendingImportQuerySet.as_manager()

    class Meta:
        verbose_name = "待确认的导入"
        verbose_name_plural = "待确认的导入"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"
