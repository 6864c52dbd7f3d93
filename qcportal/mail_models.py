"""Mail as rows: what was or will be sent, every try of it, its earlier texts, and the rules of sending.

Part of ``qcportal.models``, which everybody imports these from.
"""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

USER = settings.AUTH_USER_MODEL


class MailKind(models.IntegerChoices):
    """Also the order in which mail leaves when the limits are reached: smaller first."""

    CODE = 1, "验证码与密码"
    RECEIPT = 2, "提交回执"
    LETTER = 3, "审查通知"
    NOTICE = 5, "一般通知"


class Channel(models.TextChoices):
    MAIL = "mail", "邮件"
    SMS = "sms", "短信"
    WECOM = "wecom", "企业微信"


class MailState(models.TextChoices):
    WAITING = "waiting", "待发送"
    HELD = "held", "暂缓"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "失败"
    BOUNCED = "bounced", "退信"
    UNSURE = "unsure", "待确认"  # a try that was cut off: it may have arrived
    CANCELLED = "cancelled", "已取消"


# Kept out of the message centre because the portal shows the same elsewhere: no secret is in them.
PRIVATE_NOT_SECRET = frozenset({"message"})
# The words of these may still change: nothing of them has left.
EDITABLE = (MailState.HELD, MailState.WAITING, MailState.FAILED)
# What a person has to look at.
NEEDS_A_PERSON = (MailState.HELD, MailState.UNSURE, MailState.FAILED, MailState.BOUNCED)


class BounceKind(models.TextChoices):
    HARD = "hard", "永久退信"
    SOFT = "soft", "暂时退信"


class MailQuerySet(models.QuerySet["MailMessage"]):
    def letters(self) -> "MailQuerySet":
        """What a message centre shows: everything but codes, passwords, links with a secret, and what has not been
        let out yet or never will be."""
        kept_back = [MailState.HELD, MailState.CANCELLED]
        return (
            self.filter(channel=Channel.MAIL)
            .exclude(kind=MailKind.CODE)
            .exclude(is_private=True)
            .exclude(state__in=kept_back)
        )

    def of_state(self, *states: str) -> "MailQuerySet":
        return self.filter(state__in=states)


class MailBatch(models.Model):
    """Reminders that one person of the secretariat sent together. ``uuid`` comes with the form: pressed twice, sent
    once. ``targets`` holds row numbers only."""

    uuid = models.UUIDField("批次", unique=True, default=uuid.uuid4, editable=False)
    occasion = models.CharField("事由", max_length=40)
    filters = models.JSONField("范围", default=dict)
    targets = models.JSONField("名单", default=list)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("发起时间")
    total = models.PositiveIntegerField("单位数", default=0)
    written_at = models.DateTimeField("生成时间", null=True)

    class Meta:
        verbose_name = "提醒批次"
        verbose_name_plural = "提醒批次"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"催办提醒 {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"


class MailMessage(models.Model):
    """A mail as it was or will be sent; a short message is such a row too. /demo/mail/ shows these rows.

    The portal's own message centre shows the same rows, so the words are the same: to ``recipient``, and to
    whoever may see what it is ``about`` ("<model>:<uuid>").
    """

    kind = models.PositiveSmallIntegerField("类别", choices=MailKind.choices)
    channel = models.CharField("渠道", max_length=8, choices=Channel.choices, default=Channel.MAIL)
    letter = models.CharField("信函", max_length=60, blank=True, db_index=True)  # qcportal.letter_codes
    to = models.CharField("收件人", max_length=254)  # an address, a mobile number, or a group's name
    subject = models.CharField("主题", max_length=200)
    body = models.TextField("正文")
    created_at = models.DateTimeField("产生时间")
    sent_at = models.DateTimeField("发送时间", null=True, db_index=True)
    recipient = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="letters", verbose_name="收件用户"
    )
    about = models.CharField("事由", max_length=80, blank=True, db_index=True)
    is_private = models.BooleanField("含个人链接", default=False)
    # One row for one key, whatever is asked for twice.
    key = models.CharField("唯一键", max_length=120, null=True, unique=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=MailState.choices, default=MailState.WAITING)
    held_until = models.DateTimeField("暂缓至", null=True)  # empty while held: until a person sends it
    is_quiet = models.BooleanField("避开免打扰时段", default=False)
    sending_at = models.DateTimeField("开始发送", null=True)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    error = models.CharField("最近问题", max_length=300, blank=True)
    message_id = models.CharField("Message-ID", max_length=150, blank=True, db_index=True)
    bounce = models.CharField("退信", max_length=4, choices=BounceKind.choices, blank=True)
    bounced_at = models.DateTimeField("退信时间", null=True)
    resend_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="resends", verbose_name="重发自", editable=False
    )
    batch = models.ForeignKey(MailBatch, models.PROTECT, null=True, related_name="mails", verbose_name="提醒批次")
    # What follows when it leaves or is let out: {"topic": …, "key": …, "payload": {…}} for the outbox.
    follow = models.JSONField(default=dict, blank=True, editable=False)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = "邮件"
        verbose_name_plural = "邮件"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-id"], name="mail_state"),
            models.Index(fields=["to", "-id"], name="mail_to"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state_valid")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A row written as sent is in that state, without saying it twice."""
        if kwargs.get("sent_at") is not None:
            kwargs.setdefault("state", MailState.SENT)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return self.subject

    @property
    def shows_body(self) -> bool:
        """Codes and links with a secret would let staff act as someone else."""
        return self.kind != MailKind.CODE and (not self.is_private or self.letter in PRIVATE_NOT_SECRET)

    @property
    def may_edit(self) -> bool:
        return self.shows_body and self.state in EDITABLE and self.channel == Channel.MAIL

    @property
    def may_cancel(self) -> bool:
        return self.state in EDITABLE

    @property
    def may_send(self) -> bool:
        return self.state in (MailState.HELD, MailState.FAILED) or (
            self.state == MailState.WAITING and self.held_until is not None
        )

    @property
    def may_resend(self) -> bool:
        return self.shows_body and self.state in (
            MailState.SENT, MailState.BOUNCED, MailState.UNSURE, MailState.CANCELLED,
        )  # fmt: skip


class Outcome(models.TextChoices):
    OPEN = "", "进行中"
    ACCEPTED = "accepted", "已被接收"
    REFUSED = "refused", "被拒绝"
    FAILED = "failed", "未能送出"
    CUT_OFF = "cut_off", "中断，结果不明"


class MailAttempt(models.Model):
    """One try, written before it begins: one without an end may have arrived."""

    message = models.ForeignKey(MailMessage, models.CASCADE, related_name="attempts", verbose_name="邮件")
    started_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束", null=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, default=Outcome.OPEN, blank=True)
    detail = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "发送尝试"
        verbose_name_plural = "发送尝试"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {self.get_outcome_display()}"  # type: ignore[attr-defined]


class MailVersion(models.Model):
    """A text that a person replaced before the mail left."""

    message = models.ForeignKey(MailMessage, models.CASCADE, related_name="versions", verbose_name="邮件")
    number = models.PositiveSmallIntegerField("版本")
    subject = models.CharField("主题", max_length=200)
    body = models.TextField("正文")
    replaced_at = models.DateTimeField("修改时间")
    replaced_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="修改人")

    class Meta:
        verbose_name = "邮件旧稿"
        verbose_name_plural = "邮件旧稿"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="mail_version_once")]

    def __str__(self) -> str:
        return f"第 {self.number} 稿"


TWICE = "这种信函在该年度已有文本，请修改原来的一条。"


class LetterText(models.Model):
    """The association's own words for a letter instead of the built-in ones; ``year`` empty: every year.

    ``to_review``: taken over from an earlier year though the words name a year; they are never changed without a
    person, who takes the mark away by saving the text.
    """

    code = models.CharField("信函", max_length=60)
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True, help_text="留空表示各年度通用")
    subject = models.CharField("主题", max_length=200)
    body = models.TextField("正文", max_length=6000)
    is_active = models.BooleanField("启用", default=True, help_text="停用后恢复系统自带的文本")
    to_review = models.BooleanField("请核对", default=False, editable=False)

    class Meta:
        verbose_name = "信函文本"
        verbose_name_plural = "信函文本"
        ordering = ["code", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["code", "year"], name="letter_text_once", violation_error_message=TWICE),
            models.UniqueConstraint(
                fields=["code"], condition=Q(year=None), name="letter_text_once_for_all", violation_error_message=TWICE
            ),
        ]

    def __str__(self) -> str:
        from qcportal import letter_codes  # noqa: PLC0415 -- the codes need templates, templates need the apps

        title = letter_codes.title(self.code)
        return f"{title}（{self.year} 年度）" if self.year else title

    def clean(self) -> None:
        """Refused: a placeholder that this letter does not have; the known ones are listed. A year for a letter that
        belongs to none: it would never be used."""
        from qcportal import letter_codes, letter_texts  # noqa: PLC0415 -- as above

        letter_texts.check(self.code, self.subject, self.body)
        if self.year and not letter_codes.CODES[self.code].year:
            raise ValidationError({"year": "这种信函不属于某一年度，请留空（各年度通用）。"})


class SendingRules(models.Model):
    """One row: quiet hours, digest, which letters wait for a person, which reminders go when, which channels."""

    quiet_on = models.BooleanField("启用免打扰时段", default=True)
    quiet_from = models.TimeField("免打扰开始")
    quiet_to = models.TimeField("免打扰结束")
    digest_on = models.BooleanField("每个工作日发送工作简报", default=True)
    digest_at = models.TimeField("简报时间")
    limit_hours = models.PositiveSmallIntegerField(
        "同一事由再次提醒的间隔（小时）", default=24, validators=[MaxValueValidator(720)]
    )
    holds = models.JSONField("暂缓", default=dict)  # letter code -> minutes, or "person"
    reminders = models.JSONField("自动提醒", default=dict)  # occasion -> {"on": bool, "days": […], "hours": […]}
    channels = models.JSONField("渠道", default=dict)  # letter code -> ["sms", "wecom"]

    class Meta:
        verbose_name = "发送规则"
        verbose_name_plural = "发送规则"

    def __str__(self) -> str:
        return "发送规则"


class MailPreference(models.Model):
    """What one person wants to get. Without a row: reminders and digest, no short messages."""

    user = models.OneToOneField(USER, models.CASCADE, related_name="mail_preference", verbose_name="用户")
    reminders = models.BooleanField("催办提醒邮件", default=True)
    digest = models.BooleanField("每日工作简报", default=True)
    sms = models.BooleanField("重要事项短信", default=False)

    class Meta:
        verbose_name = "通知设置"
        verbose_name_plural = "通知设置"

    def __str__(self) -> str:
        return str(self.user)
