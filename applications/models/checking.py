"""形式审查: checklist, outcome, remarks; receipt of the stamped paper."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models.applications import Application
from applications.models.evidence import Evidence
from applications.models.programmes import Programme
from applications.models.submissions import Submission
from qcportal.models import User


class Helper(models.TextChoices):
    """What the portal can say about a checklist line by itself. A hint with a way to the place, never an answer."""

    REGION = "region", "信用代码属地与营业执照"
    STAMPED = "stamped", "附件 1–3 的盖章扫描件"
    PARTS = "parts", "三份附件是否齐全"
    NAMES = "names", "单位名称、证书用名与曾用名"
    YEARS = "years", "活动时间与年度"
    KINDS = "kinds", "必需的材料种类"
    FINANCE = "finance", "财务效益证明"
    RECORDS = "records", "小组活动记录"
    REPEATED = "repeated", "与其他申报重复的课题和文件"
    READABLE = "readable", "文件能否打开"
    AWARDS = "awards", "申报的单项奖"


class ChecklistItem(models.Model):
    """One line of the secretariat's checklist; data, per programme."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="checklist", verbose_name="年度活动")
    position = models.PositiveSmallIntegerField("次序", default=1)
    text = models.CharField("核对内容", max_length=120)
    help_text = models.CharField("核对要点", max_length=200, blank=True, help_text="审查时显示在这一项下面")
    helper = models.CharField(
        "自动提示", max_length=20, choices=Helper.choices, blank=True, help_text="系统只提示，不代替核对"
    )
    is_required = models.BooleanField("必须符合", default=True, help_text="不勾选的为参考项，不影响参评")
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
    # [{"item": id, "text": str, "answer": "yes"|"no"|"", "help": str, "helper": str, "required": bool}]
    checklist = models.JSONField("清单", default=list)
    note = models.TextField("内部备注", blank=True)
    outcome = models.CharField("审查意见", max_length=10, choices=Outcome.choices, blank=True)
    reason = models.TextField("理由", blank=True)
    open_fields = models.JSONField("开放补正的项目", default=list)
    correction_due_at = models.DateTimeField("补正截止", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    # A decision of a bulk action that was undone within its window: kept, and no longer in force.
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")
    revision = models.PositiveIntegerField(default=0, editable=False)  # raised by every save of the draft
    # What the checker means to decide, until the letter is sent: {"outcome", "reason", "due_day", "open_fields"}.
    proposal = models.JSONField("拟作决定", default=dict, blank=True)
    letter_subject = models.CharField("通知标题", max_length=200, blank=True)
    letter_body = models.TextField("通知正文", blank=True)
    letter_edited = models.BooleanField("正文经人工修改", default=False)

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
    """A remark on a field or cell (``field`` as in check_keys.LABELS), or on a file or one page of it."""

    formal_check = models.ForeignKey(FormalCheck, models.CASCADE, related_name="remarks", verbose_name="审查")
    position = models.PositiveSmallIntegerField(default=1)
    field = models.CharField("项目", max_length=60)
    evidence = models.ForeignKey(Evidence, models.SET_NULL, null=True, blank=True, verbose_name="材料")
    # As submitted: the working copy's file may go or be renamed.
    evidence_uuid = models.UUIDField(null=True, blank=True, editable=False)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    page = models.PositiveIntegerField("页", null=True, blank=True)
    text = models.TextField("意见", max_length=1000)

    class Meta:
        verbose_name = "审查意见"
        verbose_name_plural = "审查意见"
        ordering = ["formal_check", "position", "id"]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def file_uuid(self) -> uuid.UUID | None:
        """Of the submitted file that it is on; remarks of earlier years know the working copy's alone."""
        return self.evidence_uuid or (self.evidence.uuid if self.evidence else None)


class TextBlockQuerySet(models.QuerySet["TextBlock"]):
    def usable_by(self, user: User) -> "TextBlockQuerySet":
        """Those of everybody and one's own."""
        return self.filter(Q(owner=None) | Q(owner=user), is_active=True)


class TextBlock(models.Model):
    """常用语: a text that remarks and reasons often need. Without ``owner`` it is everybody's."""

    class Category(models.TextChoices):
        FORM = "form", "申报表"
        REPORT = "report", "总结与统计表"
        EVIDENCE = "evidence", "证实性材料"
        STAMP = "stamp", "盖章与纸质件"
        DECISION = "decision", "决定的理由"

    category = models.CharField("类别", max_length=20, choices=Category.choices)
    shortcut = models.SlugField(
        "快捷码", max_length=20, help_text="在意见里输入 / 和快捷码，例如 /gz；只用小写字母和数字",
    )  # fmt: skip
    text = models.CharField("文字", max_length=500)
    owner = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="text_blocks", verbose_name="归属"
    )
    position = models.PositiveSmallIntegerField("次序", default=100)
    is_active = models.BooleanField("使用", default=True)

    objects = TextBlockQuerySet.as_manager()

    class Meta:
        verbose_name = "常用语"
        verbose_name_plural = "常用语"
        ordering = ["category", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shortcut"], condition=Q(owner=None), name="text_block_shared_once",
                violation_error_message="这个快捷码已用于另一条共用的常用语。",
            ),
            models.UniqueConstraint(
                fields=["owner", "shortcut"], name="text_block_own_once",
                violation_error_message="您已有一条常用语使用这个快捷码。",
            ),
        ]  # fmt: skip

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
