"""证实性材料 on their way: what has arrived of a file whose sending may break off and go on later (decision 0009)."""

import uuid

from django.db import models
from django.db.models import F, Q

from applications.models.applications import Application
from applications.models.evidence import Evidence, EvidenceKind
from qcportal.models import User


class UploadQuerySet(models.QuerySet["Upload"]):
    def unfinished(self) -> "UploadQuerySet":
        """Those that somebody can still go on with; they count against the limits of the application."""
        return self.filter(completed_at=None, refused="")


class Upload(models.Model):
    """A file that arrives in parts. Transient: gone a week after its last part, never in a backup.

    A completed or refused one stays until then without its bytes, so that a repeated request gets the same answer.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="uploads", verbose_name="申报")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    kind = models.CharField("类别", max_length=20, choices=EvidenceKind.choices, blank=True)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("字节数")
    received = models.PositiveBigIntegerField("已收到", default=0)
    fingerprint = models.CharField("特征", max_length=80, blank=True)
    created_at = models.DateTimeField("开始时间")
    updated_at = models.DateTimeField("最近收到")
    expires_at = models.DateTimeField("清除时间", db_index=True)
    completed_at = models.DateTimeField("完成时间", null=True)
    evidence = models.ForeignKey(Evidence, models.SET_NULL, null=True, related_name="+", verbose_name="材料")
    refused = models.CharField("未接受原因", max_length=300, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "未完成的上传"
        verbose_name_plural = "未完成的上传"
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(received__lte=F("size")), name="upload_received_within_size"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> str:
        return f"{UPLOADS}/{self.uuid}"

    @property
    def is_complete(self) -> bool:
        return self.received == self.size

    @property
    def percent(self) -> int:
        return self.received * 100 // self.size


UPLOADS = "uploads"


class UploadPart(models.Model):
    """Bytes ``offset`` to ``offset + size`` of an upload, under a name of their own in the storage."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    offset = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_name = models.CharField(max_length=200)

    class Meta:
        verbose_name = "上传分段"
        verbose_name_plural = "上传分段"
        ordering = ["upload", "offset"]
        constraints = [models.UniqueConstraint(fields=["upload", "offset"], name="upload_part_unique")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.offset}"
