"""证实性材料: files attached to one application, checked when they arrive."""

import uuid

from django.db import models

from applications import field_parts
from applications.models.applications import Application
from qcportal.models import StoredFile, User


class EvidenceKind(models.TextChoices):
    REPORT = "report", "成果报告"
    RECORDS = "records", "小组活动记录"
    BENEFIT = "benefit", "财务效益证明"
    STANDARD = "standard", "标准化文件"
    PHOTO = "photo", "现场照片"
    LICENCE = "licence", "营业执照"
    HONOUR = "honour", "获奖与专利证明"
    OTHER = "other", "其他"


# Without these a filing is incomplete, where the year does not say otherwise (applications.field_list).
REQUIRED_KINDS = tuple(EvidenceKind(kind) for kind in field_parts.REQUIRED_KINDS)


class Evidence(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence", verbose_name="申报")
    kind = models.CharField("类别", max_length=20, choices=EvidenceKind.choices)
    name = models.CharField("文件名", max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    pages = models.PositiveIntegerField("页数", null=True, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=1)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "证实性材料"
        verbose_name_plural = "证实性材料"
        ordering = ["application", "position", "id"]

    def __str__(self) -> str:
        return self.name
