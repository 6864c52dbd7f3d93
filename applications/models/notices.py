"""What the public site shows: the association's contact data, notices, blank forms."""

from django.core.validators import MinValueValidator
from django.db import models

from qcportal.models import StoredFile


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


class NoticeQuerySet(models.QuerySet["Notice"]):
    def published(self) -> "NoticeQuerySet":
        return self.filter(is_published=True).order_by("-published_on", "-id")


class Notice(models.Model):
    """通知公告, plain text with blank lines between paragraphs."""

    slug = models.SlugField("地址名", max_length=60, unique=True)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    published_on = models.DateField("发布日期")
    is_published = models.BooleanField("已发布", default=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知公告"
        verbose_name_plural = "通知公告"
        ordering = ["-published_on", "-id"]

    def __str__(self) -> str:
        return self.title


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
