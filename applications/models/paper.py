"""盖章与纸质件: the parts of a paper set, the stamped scans of them, and the receipt of each part's paper."""

import uuid

from django.db import models

from applications.models.enterprises import Enterprise
from applications.models.programmes import Programme, Round
from applications.models.reports import ReportVersion
from applications.models.submissions import Submission
from qcportal.models import StoredFile, User


class PartKind(models.TextChoices):
    COVER = "cover", "封面"
    SUMMARY = "annex2", "附件2"
    STATISTICS = "annex3", "附件3"
    FORM = "annex1", "附件1"


class PaperPart(models.Model):
    """One printed part under its own code. The code stays as long as what is printed stays.

    Attachments 2 and 3 belong to the year (``round`` empty) and to the first report version that had this text;
    attachment 1 to a submission; the cover list to a paper set. ``file`` is as of ``template_version``.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="paper_parts", verbose_name="申报单位")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name="年度活动")
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="paper_parts", verbose_name="期")
    kind = models.CharField("材料", max_length=10, choices=PartKind.choices)
    code = models.CharField("校验码", max_length=12, unique=True)
    version = models.PositiveIntegerField("版本")
    title = models.CharField("名称", max_length=200)
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, related_name="paper_parts", verbose_name="提交版本"
    )
    report_version = models.ForeignKey(
        ReportVersion, models.PROTECT, null=True, related_name="paper_parts", verbose_name="年度材料版本"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    pages = models.PositiveIntegerField("页数")
    template_version = models.CharField("模板版本", max_length=20)
    built_at = models.DateTimeField("生成时间")
    printed_at = models.DateTimeField("单位首次下载时间", null=True)

    class Meta:
        verbose_name = "纸质套材料"
        verbose_name_plural = "纸质套材料"
        ordering = ["-id"]
        indexes = [models.Index(fields=["enterprise", "programme", "kind"], name="paper_part_place")]

    def __str__(self) -> str:
        return f"{self.label} 第 {self.version} 版"

    @property
    def label(self) -> str:
        name = self.get_kind_display()  # type: ignore[attr-defined]
        return f"{name} {self.title}" if self.kind == PartKind.FORM else name

    @property
    def code_grouped(self) -> str:
        return " ".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))


class PartReceipt(models.Model):
    """The paper of a cover list or of attachment 2 or 3 arrived; attachment 1 has a PaperReceipt."""

    part = models.OneToOneField(PaperPart, models.PROTECT, related_name="receipt", verbose_name="材料")
    received_at = models.DateTimeField("收到时间")
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签收人")
    shelf = models.CharField("存放位置", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = "附件与封面签收"
        verbose_name_plural = "附件与封面签收"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.part} 纸质件"


class ScanState(models.TextChoices):
    WAITING = "waiting", "识别中"
    DONE = "done", "已识别"
    FAILED = "failed", "未能识别"


class StampedScanQuerySet(models.QuerySet["StampedScan"]):
    def visible_to(self, user: User) -> "StampedScanQuerySet":
        """Staff see all; owner and 质量主管 those of their own enterprise."""
        if user.has_role("secretariat", "auditor"):
            return self
        return self.filter(
            enterprise__memberships__user=user,
            enterprise__memberships__is_active=True,
            enterprise__memberships__role__in=("owner", "manager"),
        )


class StampedScan(models.Model):
    """盖章扫描件: one upload, of one part or (``part`` empty) of the whole set in one file. Never changed, kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="scans", verbose_name="申报单位")
    round = models.ForeignKey(Round, models.PROTECT, related_name="scans", verbose_name="期")
    part = models.ForeignKey(PaperPart, models.PROTECT, null=True, related_name="scans", verbose_name="材料")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)
    pages = models.PositiveIntegerField("页数")
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    state = models.CharField("识别", max_length=10, choices=ScanState.choices, default=ScanState.WAITING)
    read_at = models.DateTimeField("识别时间", null=True)  # of the last beginning while it is waiting
    is_late = models.BooleanField("晚于截止", default=False)

    objects = StampedScanQuerySet.as_manager()

    class Meta:
        verbose_name = "盖章扫描件"
        verbose_name_plural = "盖章扫描件"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.part or '整套'} 扫描件"


class ScannedPart(models.Model):
    """What one upload holds of one part, and whether staff found the stamp and the text in order."""

    scan = models.ForeignKey(StampedScan, models.CASCADE, related_name="parts", verbose_name="扫描件")
    part = models.ForeignKey(PaperPart, models.PROTECT, related_name="scanned", verbose_name="材料")
    pages = models.PositiveIntegerField("扫描页数")
    is_consistent = models.BooleanField("码与页数一致", default=False)
    problems = models.JSONField("提示", default=list)  # sentences for the enterprise
    confirmed_at = models.DateTimeField("核对时间", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核对人")

    class Meta:
        verbose_name = "扫描件中的材料"
        verbose_name_plural = "扫描件中的材料"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["scan", "part"], name="scanned_part_once")]

    def __str__(self) -> str:
        return f"{self.part} 扫描件"


class PageResult(models.TextChoices):
    MATCH = "match", "读到并一致"
    UNREADABLE = "unreadable", "读不到"
    STALE = "stale", "属于旧版本"
    OTHER_PART = "other", "属于本单位其他材料"
    FOREIGN = "foreign", "属于其他单位"
    UNKNOWN = "unknown", "不是本系统的码"


class ScannedPage(models.Model):
    """One page of a scan. ``part_page`` is what its code says, or what its neighbours make likely."""

    scan = models.ForeignKey(StampedScan, models.CASCADE, related_name="scanned_pages", verbose_name="扫描件")
    number = models.PositiveIntegerField("页")
    result = models.CharField("结果", max_length=10, choices=PageResult.choices)
    code = models.CharField("读到的码", max_length=12, blank=True)
    part = models.ForeignKey(PaperPart, models.PROTECT, null=True, related_name="+", verbose_name="材料")
    part_page = models.PositiveIntegerField("材料的页", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    thumbnail = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="缩略图")

    class Meta:
        verbose_name = "扫描页"
        verbose_name_plural = "扫描页"
        ordering = ["scan", "number"]
        constraints = [models.UniqueConstraint(fields=["scan", "number"], name="scanned_page_once")]

    def __str__(self) -> str:
        return f"第 {self.number} 页"
