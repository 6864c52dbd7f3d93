"""What the public site shows: the association's contact data, notices, blank forms."""

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse

from qcportal import clock
from qcportal.models import StoredFile, User


class Association(models.Model):
    """The association's public data, one row. Contact people are personal data and stay out."""

    name = models.CharField("名称", max_length=60)
    office = models.CharField("办事机构", max_length=60)
    phone = models.CharField("电话", max_length=30)
    email = models.EmailField("邮箱")
    address = models.CharField("地址", max_length=200)
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    office_hours = models.CharField("办公时间", max_length=100, blank=True)
    icp_number = models.CharField("ICP 备案号", max_length=40, blank=True)
    police_number = models.CharField("公安联网备案号", max_length=40, blank=True)
    privacy_version = models.CharField("个人信息处理规则版本", max_length=20, default="2026-1")
    retention_years = models.PositiveSmallIntegerField("申报材料保存年限", default=5)
    export_days = models.PositiveSmallIntegerField(
        "导出文件保存天数", default=7, validators=[MinValueValidator(1)], help_text="到期后文件删除，导出记录保留"
    )

    class Meta:
        verbose_name = "协会信息"
        verbose_name_plural = "协会信息"

    def __str__(self) -> str:
        return self.name


class NoticeKind(models.TextChoices):
    NOTICE = "notice", "通知公告"
    PAGE = "page", "固定页面"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def published(self, at: datetime | None = None) -> "NoticeQuerySet":
        """What the public may read at ``at``; pinned ones first, then the newest."""
        at = at or clock.now()
        visible = self.filter(is_published=True).exclude(publish_at__gt=at)
        return visible.order_by("-is_pinned", "-published_on", "-id")

    def notices(self) -> "NoticeQuerySet":
        return self.filter(kind=NoticeKind.NOTICE)

    def pages(self) -> "NoticeQuerySet":
        return self.filter(kind=NoticeKind.PAGE)


class Notice(models.Model):
    """通知公告 and fixed pages. ``body`` is text with light marks (qcportal.richtext); no HTML is ever stored."""

    class Place(models.TextChoices):
        NONE = "", "不放进导航"
        HEAD = "head", "页头"
        FOOT = "foot", "页脚"

    kind = models.CharField("种类", max_length=10, choices=NoticeKind.choices, default=NoticeKind.NOTICE)
    slug = models.SlugField("地址名", max_length=60, unique=True, help_text="小写字母、数字和连字符，发布后不要改")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文", max_length=100_000)
    published_on = models.DateField("发布日期")
    is_published = models.BooleanField("对外公布", default=True, help_text="不勾选时只有秘书处看得到")
    publish_at = models.DateTimeField("定时发布", null=True, blank=True, help_text="到这个时间才对外显示；留空为立即")
    is_pinned = models.BooleanField("置顶", default=False)
    place = models.CharField("导航位置", max_length=10, choices=Place.choices, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=10, help_text="在导航中的先后")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知公告与页面"
        verbose_name_plural = "通知公告与页面"
        ordering = ["-published_on", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notice" if self.kind == NoticeKind.NOTICE else "page", args=[self.slug])

    def is_public(self, at: datetime) -> bool:
        return self.is_published and (self.publish_at is None or self.publish_at <= at)

    def clean(self) -> None:
        if self.kind == NoticeKind.NOTICE and self.place:
            raise ValidationError({"place": "通知公告列在“通知公告”栏目里，只有固定页面放进导航。"})
        if self.kind == NoticeKind.PAGE and self.is_pinned:
            raise ValidationError({"is_pinned": "固定页面不用置顶，请选择导航位置。"})


class NoticeFile(models.Model):
    """A file beside a notice or a picture in it; public as soon as the notice is."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="files", verbose_name="通知公告")
    name = models.CharField("文件名", max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    position = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["notice", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "name"], name="notice_file_unique", violation_error_message="已有同名的附件。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.file.content_type in {"image/jpeg", "image/png"}


class NoticeVersion(models.Model):
    """What a notice said until it was changed: who saved it, when, and whether it was public."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="versions", verbose_name="通知公告")
    number = models.PositiveIntegerField("版本")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    is_published = models.BooleanField("对外公布")
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="保存人")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "历史版本"
        verbose_name_plural = "历史版本"
        ordering = ["notice", "-number"]
        constraints = [models.UniqueConstraint(fields=["notice", "number"], name="notice_version_unique")]

    def __str__(self) -> str:
        return f"{self.title} 第 {self.number} 版"


class DownloadTemplate(models.Model):
    """A blank form offered on the home page."""

    slug = models.SlugField("地址名", max_length=40, unique=True)
    annex = models.CharField("附件序号", max_length=20)
    title = models.CharField("名称", max_length=100)
    file_name = models.CharField("下载文件名", max_length=120)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    position = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        verbose_name = "模板下载"
        verbose_name_plural = "模板下载"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title
