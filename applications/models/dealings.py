"""What the secretariat keeps to itself about an enterprise: notes, telephone calls, ready answers.

None of it is ever shown to enterprises, recommending units or judges, and none of it is in an export to them.
"""

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from applications.models.applications import Application
from applications.models.enterprises import Enterprise
from qcportal.models import User
from qcportal.roles import Role, has_role


def _staff(user: User) -> bool:
    return has_role(user, Role.SECRETARIAT, Role.AUDITOR)


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User) -> "NoteQuerySet":
        return self.filter(removed_at=None) if _staff(user) else self.none()

    def matching(self, words: str) -> "NoteQuerySet":
        """In the text, the unit or the filing; everything without words."""
        words = words.strip()
        if not words:
            return self
        return self.filter(
            Q(text__icontains=words)
            | Q(enterprise__name__icontains=words)
            | Q(application__file_number__icontains=words)
            | Q(application__group_name__icontains=words)
        )

    def for_list(self) -> "NoteQuerySet":
        return self.select_related("enterprise", "application", "created_by").order_by("-is_pinned", "-id")


class Note(models.Model):
    """内部备注 on an enterprise or one of its filings. Removing hides it; the row and who wrote it stay."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="notes", verbose_name="申报单位")
    application = models.ForeignKey(
        Application, models.CASCADE, null=True, blank=True, related_name="notes", verbose_name="申报"
    )
    text = models.TextField("备注", max_length=2000)
    is_pinned = models.BooleanField("置顶", default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    created_at = models.DateTimeField("时间")
    removed_at = models.DateTimeField("删除时间", null=True)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="删除人")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = "内部备注"
        verbose_name_plural = "内部备注"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text[:40]


class CallOutcome(models.TextChoices):
    ANSWERED = "answered", "已答复"
    CALL_BACK = "call_back", "需要回电"
    PROMISED = "promised", "对方答应办理"
    NO_ANSWER = "no_answer", "没有接通"


class CallQuerySet(models.QuerySet["PhoneCall"]):
    def visible_to(self, user: User) -> "CallQuerySet":
        return self if _staff(user) else self.none()

    def to_follow(self, day: date) -> "CallQuerySet":
        """Due on ``day`` or before, and not done."""
        return self.filter(follow_up_on__lte=day, followed_up_at=None)

    def matching(self, words: str) -> "CallQuerySet":
        words = words.strip()
        if not words:
            return self
        return self.filter(
            Q(number__icontains=words)
            | Q(caller__icontains=words)
            | Q(subject__icontains=words)
            | Q(enterprise__name__icontains=words)
            | Q(application__file_number__icontains=words)
        )

    def for_list(self) -> "CallQuerySet":
        return self.select_related("enterprise", "application", "created_by", "followed_up_by").order_by("-called_at")


class PhoneCall(models.Model):
    """电话记录: who called, about what, what was said, and on which day somebody must look again."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, null=True, blank=True, related_name="calls", verbose_name="申报单位"
    )
    application = models.ForeignKey(
        Application, models.CASCADE, null=True, blank=True, related_name="calls", verbose_name="申报"
    )
    is_incoming = models.BooleanField("来电", default=True)
    caller = models.CharField("对方姓名", max_length=50, blank=True)
    number = models.CharField("电话号码", max_length=20, blank=True)
    subject = models.CharField("事由", max_length=500)
    outcome = models.CharField("结果", max_length=12, choices=CallOutcome.choices, default=CallOutcome.ANSWERED)
    follow_up_on = models.DateField("跟进日期", null=True, blank=True)
    called_at = models.DateTimeField("通话时间")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    followed_up_at = models.DateTimeField("办结时间", null=True)
    followed_up_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办结人")
    follow_up_note = models.CharField("办结说明", max_length=200, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = "电话记录"
        verbose_name_plural = "电话记录"
        ordering = ["-called_at", "-id"]
        indexes = [
            models.Index(fields=["follow_up_on"], condition=Q(followed_up_at=None), name="call_to_follow"),
        ]

    def __str__(self) -> str:
        return f"{'来电' if self.is_incoming else '去电'}：{self.subject[:40]}"

    @property
    def is_waiting(self) -> bool:
        return self.follow_up_on is not None and self.followed_up_at is None

    def is_late(self, now: datetime) -> bool:
        return self.is_waiting and self.follow_up_on is not None and self.follow_up_on < timezone.localdate(now)


class ReplyTemplate(models.Model):
    """常用答复: a text that the secretariat puts into a message and changes before sending."""

    title = models.CharField("名称", max_length=40, unique=True)
    text = models.TextField("内容", max_length=2000)
    position = models.PositiveSmallIntegerField("次序", default=1)
    is_active = models.BooleanField("使用", default=True)

    class Meta:
        verbose_name = "常用答复"
        verbose_name_plural = "常用答复"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title
