"""审查队列: who is about to check what, saved filters, counted warnings, and what was done to many filings at once."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from applications.models.applications import Application
from applications.models.checking import FormalCheck
from qcportal.models import User


class ClaimQuerySet(models.QuerySet["Claim"]):
    def standing(self, at: datetime) -> "ClaimQuerySet":
        """Those that keep others out: not run out yet, or with a check under way, which never runs out."""
        return self.filter(Q(keeps_until__gt=at) | Exists(_open_check_of_claim()))

    def idle(self, at: datetime) -> "ClaimQuerySet":
        return self.filter(~Exists(_open_check_of_claim()), keeps_until__lte=at)


def _open_check_of_claim() -> models.QuerySet[FormalCheck]:
    return FormalCheck.objects.filter(application=OuterRef("application"), outcome="")


class Claim(models.Model):
    """领取: this person is about to check this filing. The filing stays open for the enterprise until a check begins.

    One row a filing; gone when it is put back, decided, or ``keeps_until`` has passed without a check under way.
    """

    application = models.OneToOneField(Application, models.CASCADE, related_name="claim", verbose_name="申报")
    holder = models.ForeignKey(User, models.PROTECT, related_name="claims", verbose_name="领取人")
    claimed_at = models.DateTimeField("领取时间")
    keeps_until = models.DateTimeField("保留至")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = "领取"
        verbose_name_plural = "领取"
        ordering = ["claimed_at", "id"]

    def __str__(self) -> str:
        return f"{self.holder} 领取"


class WarningSummary(models.Model):
    """How many warnings a filing's last version has, counted once and not at every look at the queue.

    ``explained`` as frozen with the version; ``unexplained`` came up since (another filing, a newer report);
    ``similar`` topics of other enterprises, which only staff see. ``refreshed_at`` empty: to be counted again.
    """

    application = models.OneToOneField(Application, models.CASCADE, related_name="warning_summary", verbose_name="申报")
    explained = models.PositiveSmallIntegerField("已说明", default=0)
    unexplained = models.PositiveSmallIntegerField("未说明", default=0)
    similar = models.PositiveSmallIntegerField("相近课题", default=0)
    codes = models.JSONField("未说明的提醒", default=list)
    refreshed_at = models.DateTimeField("核算时间", null=True)

    class Meta:
        verbose_name = "提醒汇总"
        verbose_name_plural = "提醒汇总"
        ordering = ["application"]
        indexes = [models.Index(fields=["refreshed_at"], name="warning_summary_due")]

    def __str__(self) -> str:
        return f"{self.application_id}"

    @property
    def open_count(self) -> int:
        return self.unexplained + self.similar


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def usable_by(self, user: User) -> "SavedFilterQuerySet":
        """The person's own, then what colleagues share."""
        mine = models.Case(models.When(owner=user, then=0), default=1)
        return self.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner").order_by(mine, "name", "id")


class SavedFilter(models.Model):
    """A filter of the queue under a name. ``query`` is the page's query string without the page."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="queue_filters", verbose_name="所有人")
    name = models.CharField("名称", max_length=20)
    query = models.CharField("筛选条件", max_length=1000)
    is_default = models.BooleanField("默认", default=False)
    is_shared = models.BooleanField("与同事共用", default=False)
    created_at = models.DateTimeField("保存时间")

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = "保存的筛选"
        verbose_name_plural = "保存的筛选"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="queue_filter_name_once"),
            models.UniqueConstraint(fields=["owner"], condition=Q(is_default=True), name="queue_filter_one_default"),
        ]

    def __str__(self) -> str:
        return self.name


class BulkKind(models.TextChoices):
    ACCEPT = "accept", "批量参评"
    ASSIGN = "assign", "批量领取或指派"
    RELEASE = "release", "批量放回"
    REMIND = "remind", "批量提醒"
    PAPER = "paper", "批量催交纸质件"


class BulkState(models.TextChoices):
    PREVIEW = "preview", "预览"
    RUNNING = "running", "办理中"
    DONE = "done", "已办理，可撤销"
    UNDOING = "undoing", "撤销中"
    UNDONE = "undone", "已撤销"
    CLOSED = "closed", "已办结"


class BulkAction(models.Model):
    """One thing done to the whole filtered set: previewed, confirmed, run, and undone or closed.

    ``query`` is the filter that was previewed; the items are the set. Letters leave when the window has passed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("事项", max_length=10, choices=BulkKind.choices)
    state = models.CharField("状态", max_length=10, choices=BulkState.choices, default=BulkState.PREVIEW)
    query = models.CharField("筛选条件", max_length=1000, blank=True)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="指派给")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="操作人")
    created_at = models.DateTimeField("预览时间")
    confirmed_at = models.DateTimeField("确认时间", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    undo_until = models.DateTimeField("可撤销至", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")

    class Meta:
        verbose_name = "批量操作"
        verbose_name_plural = "批量操作"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BulkState.values), name="bulk_state_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"  # type: ignore[attr-defined]

    @property
    def number(self) -> str:
        """The batch number in the trail and on the page."""
        return str(self.uuid)[:8].upper()


class ItemState(models.TextChoices):
    PLANNED = "planned", "将办理"
    LEFT_OUT = "left_out", "不办理"
    DONE = "done", "已办理"
    SKIPPED = "skipped", "未办理"
    UNDONE = "undone", "已撤销"
    KEPT = "kept", "未能撤销"


class BulkItem(models.Model):
    """One filing of a bulk action. ``seen`` says how it stood in the preview, ``before`` what an undo restores."""

    batch = models.ForeignKey(BulkAction, models.CASCADE, related_name="items", verbose_name="批量操作")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申报")
    position = models.PositiveIntegerField("次序")
    state = models.CharField("状态", max_length=10, choices=ItemState.choices, default=ItemState.PLANNED)
    reason = models.CharField("原因", max_length=300, blank=True)
    seen = models.CharField(max_length=120)
    before = models.JSONField(default=dict)
    formal_check = models.ForeignKey(FormalCheck, models.PROTECT, null=True, related_name="+", verbose_name="审查")
    told_at = models.DateTimeField("通知时间", null=True)

    class Meta:
        verbose_name = "批量操作明细"
        verbose_name_plural = "批量操作明细"
        ordering = ["batch", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "application"], name="bulk_item_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.application_id}"
