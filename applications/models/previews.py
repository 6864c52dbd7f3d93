"""Pictures of the pages of stored files, made once per file by a worker (applications.previews)."""

from django.db import models

from qcportal.models import StoredFile


class PreviewState(models.TextChoices):
    READY = "ready", "已生成"
    FAILED = "failed", "无法预览"


class Preview(models.Model):
    """What was rendered of ``file``. Derived: never in a backup, made again when asked for, gone with the file."""

    file = models.OneToOneField(
        StoredFile, models.CASCADE, primary_key=True, related_name="preview", verbose_name="文件"
    )
    version = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=10, choices=PreviewState.choices)
    pages = models.PositiveIntegerField("页数", default=0)
    built_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "预览"
        verbose_name_plural = "预览"

    def __str__(self) -> str:
        return self.file_id[:12]


class PreviewPage(models.Model):
    """One page that was tried; without a width it could not be drawn, and nobody tries again."""

    preview = models.ForeignKey(Preview, models.CASCADE, related_name="page_set")
    number = models.PositiveIntegerField("页")
    width = models.PositiveIntegerField("宽", default=0)
    height = models.PositiveIntegerField("高", default=0)

    class Meta:
        verbose_name = "预览页"
        verbose_name_plural = "预览页"
        ordering = ["preview", "number"]
        constraints = [models.UniqueConstraint(fields=["preview", "number"], name="preview_page_unique")]

    def __str__(self) -> str:
        return f"{self.preview_id[:12]} {self.number}"
