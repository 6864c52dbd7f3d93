"""Platform models: people, the audit trail, the outbox, mail, stored files, process heartbeats."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from qcportal.mail_models import (
    Channel,
    LetterText,
    MailAttempt,
    MailBatch,
    MailKind,
    MailMessage,
    MailPreference,
    MailQuerySet,
    MailState,
    MailVersion,
    SendingRules,
)
from qcportal.roles import Role, has_role

__all__ = [
    "MOBILE",
    "AppendOnlyError",
    "AuditEvent",
    "AuditQuerySet",
    "Channel",
    "DataRequestKind",
    "DataRequestState",
    "EmailCode",
    "Heartbeat",
    "LetterText",
    "MailAttempt",
    "MailBatch",
    "MailKind",
    "MailMessage",
    "MailPreference",
    "MailQuerySet",
    "MailState",
    "MailVersion",
    "OutboxMessage",
    "OutboxState",
    "PersonalDataRequest",
    "PortalUserManager",
    "SendingRules",
    "StoredFile",
    "User",
]

MOBILE = RegexValidator(r"^1[3-9]\d{9}$", "请填写 11 位手机号码，例如 13912345678。")


class PortalUserManager(UserManager["User"]):
    def by_login(self, identifier: str) -> "User | None":
        """The active or inactive user whose username, e-mail or mobile number is ``identifier``."""
        identifier = identifier.strip()
        if not identifier:
            return None
        found = self.filter(Q(username__iexact=identifier) | Q(email__iexact=identifier) | Q(mobile=identifier))
        # A username may look like someone's mobile number: the username wins.
        return next(iter(sorted(found[:3], key=lambda user: user.username.lower() != identifier.lower())), None)


class User(AbstractUser):
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("姓名", max_length=50, blank=True)
    mobile = models.CharField("手机号码", max_length=11, null=True, blank=True, unique=True, validators=[MOBILE])
    email_verified_at = models.DateTimeField("邮箱验证时间", null=True, blank=True)
    letters_seen_at = models.DateTimeField(null=True, blank=True, editable=False)  # 通知 looked at last

    objects: PortalUserManager = PortalUserManager()

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email_unique",
                violation_error_message="该邮箱已被其他用户使用。",
            ),
            models.UniqueConstraint(
                Lower("username"), name="user_username_unique_ci", violation_error_message="该用户名已被使用。"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def has_role(self, *roles: str) -> bool:
        return has_role(self, *roles)


class AppendOnlyError(TypeError):
    """Someone tried to change or delete an audit row."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **_kwargs: Any) -> int:
        raise AppendOnlyError("audit rows are never changed")

    def delete(self) -> Any:
        raise AppendOnlyError("audit rows are never deleted")

    def about(self, target: models.Model) -> "AuditQuerySet":
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))


class AuditEvent(models.Model):
    """One thing that happened, written in the transaction of the change. Names fields, holds no personal values."""

    at = models.DateTimeField("时间", db_index=True)
    verb = models.CharField("操作", max_length=60, db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, verbose_name="操作人", related_name="+")
    actor_label = models.CharField("操作人名称", max_length=150, blank=True)
    target_type = models.CharField("对象类型", max_length=60)
    target_id = models.CharField("对象编号", max_length=40)
    target_label = models.CharField("对象", max_length=200, blank=True)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    data = models.JSONField("附加信息", default=dict)
    request_id = models.CharField("请求编号", max_length=36, blank=True)
    ip = models.GenericIPAddressField("IP 地址", null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            # What the search page asks for: the newest rows of a person, of a kind of act, of one request.
            models.Index(fields=["actor", "-id"], name="audit_actor_newest"),
            models.Index(fields=["verb", "-id"], name="audit_verb_newest"),
            models.Index(fields=["request_id"], name="audit_request"),
            models.Index(fields=["ip", "-id"], name="audit_ip_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("audit rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Any:
        raise AppendOnlyError("audit rows are never deleted")


class OutboxState(models.TextChoices):
    PENDING = "pending", "待处理"
    DONE = "done", "已完成"
    DEAD = "dead", "失败待处理"


class OutboxMessage(models.Model):
    """Work that must follow a committed change: written with it, done at least once, by qcportal.outbox."""

    topic = models.CharField("事项", max_length=60)
    key = models.CharField("唯一键", max_length=120, unique=True)
    payload = models.JSONField("内容", default=dict)
    queue = models.CharField("队列", max_length=20, default="default")
    priority = models.PositiveSmallIntegerField("优先级", default=5)
    lease_seconds = models.PositiveIntegerField("租约秒数", default=120)
    state = models.CharField("状态", max_length=10, choices=OutboxState.choices, default=OutboxState.PENDING)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    created_at = models.DateTimeField("产生时间")
    available_at = models.DateTimeField("最早处理时间")
    sent_at = models.DateTimeField("交付队列时间", null=True)
    lease_until = models.DateTimeField("租约到期", null=True)
    done_at = models.DateTimeField("完成时间", null=True)
    last_error = models.TextField("最近错误", blank=True)

    class Meta:
        verbose_name = "后台事项"
        verbose_name_plural = "后台事项"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["available_at"], condition=Q(state="pending"), name="outbox_pending"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=OutboxState.values), name="outbox_state_valid")]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class StoredFile(models.Model):
    """Bytes kept once under their sha256: evidence, packets, templates. Never changed after creation."""

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField("字节数")
    content_type = models.CharField("类型", max_length=100)
    created_at = models.DateTimeField("存入时间")

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def storage_name(self) -> str:
        return f"blobs/{self.sha256[:2]}/{self.sha256}"


class EmailCode(models.Model):
    """A 6-digit code sent to prove an e-mail address: hashed, 15 minutes, 5 tries."""

    user = models.ForeignKey(User, models.CASCADE, related_name="email_codes")
    email = models.EmailField()
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "邮箱验证码"
        verbose_name_plural = "邮箱验证码"

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"


class PersonInvitationQuerySet(models.QuerySet["PersonInvitation"]):
    def open(self, at: "datetime") -> "PersonInvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=at)

    def for_list(self) -> "PersonInvitationQuerySet":
        return self.select_related("user", "invited_by").order_by("-id")


class PersonInvitation(models.Model):
    """The secretariat asks a person in as judge or staff: a mailed link, good once, to set the first password.

    Only a hash of the link's secret is kept. ``is_new``: the person's row was made for this invitation.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="role_invitations", verbose_name="受邀人")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    is_new = models.BooleanField(default=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="邀请人")
    created_at = models.DateTimeField("邀请时间")
    sent_at = models.DateTimeField("发送时间")
    expires_at = models.DateTimeField("有效期至")
    accepted_at = models.DateTimeField("接受时间", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)

    objects = PersonInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "人员邀请"
        verbose_name_plural = "人员邀请"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_role_display()} → {self.user}"  # type: ignore[attr-defined]


class DataRequestKind(models.TextChoices):
    COPY = "copy", "查阅或更正个人信息"
    CONSENT = "consent", "撤回同意"
    DELETE = "delete", "注销账号并删除个人信息"


class DataRequestState(models.TextChoices):
    WAITING = "waiting", "待处理"
    DONE = "done", "已办理"
    DECLINED = "declined", "未办理"
    TAKEN_BACK = "taken_back", "已撤回"


class PersonalDataRequest(models.Model):
    """What a person asks about their data; answered within 15 working days (the rules at /privacy/)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="data_requests", verbose_name="请求人")
    kind = models.CharField("事项", max_length=10, choices=DataRequestKind.choices)
    text = models.TextField("说明", max_length=1000, blank=True)
    state = models.CharField("状态", max_length=12, choices=DataRequestState.choices, default=DataRequestState.WAITING)
    created_at = models.DateTimeField("提出时间")
    decided_at = models.DateTimeField("处理时间", null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="处理人")
    answer = models.TextField("答复", blank=True)

    class Meta:
        verbose_name = "个人信息请求"
        verbose_name_plural = "个人信息请求"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d}"  # type: ignore[attr-defined]


class ViewingQuerySet(models.QuerySet["Viewing"]):
    def over(self, at: datetime) -> "ViewingQuerySet":
        """Whose time is up and which nobody ended: the browser was closed."""
        return self.filter(ended_at=None, until__lte=at)


class Viewing(models.Model):
    """以身份查看: a secretary looked at the portal with somebody else's eyes, read-only. Changed only to end it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="viewings", verbose_name="被查看的人")
    viewer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查看人")
    reason = models.CharField("原因", max_length=200)
    started_at = models.DateTimeField("开始时间")
    until = models.DateTimeField("最晚到")
    ended_at = models.DateTimeField("结束时间", null=True)
    pages = models.PositiveIntegerField("查看页数", default=0)

    objects = ViewingQuerySet.as_manager()

    class Meta:
        verbose_name = "以身份查看"
        verbose_name_plural = "以身份查看"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"以 {self.person} 的身份查看"

    @property
    def last_moment(self) -> datetime:
        return self.ended_at or self.until


class ServerFault(models.Model):
    """A page that broke (HTTP 500): when, where, for whom. Read when somebody says that the site failed."""

    at = models.DateTimeField("时间", db_index=True)
    method = models.CharField("方式", max_length=8)
    path = models.CharField("地址", max_length=200)
    kind = models.CharField("错误", max_length=100)
    request_id = models.CharField("请求编号", max_length=36, blank=True)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="用户")

    class Meta:
        verbose_name = "服务器错误"
        verbose_name_plural = "服务器错误"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class Heartbeat(models.Model):
    """When a background process last showed life: worker and beat. Read by /readyz and the staff desk."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "进程心跳"
        verbose_name_plural = "进程心跳"

    def __str__(self) -> str:
        return self.name


class ExportState(models.TextChoices):
    WAITING = "waiting", "正在生成"
    DONE = "done", "可下载"
    FAILED = "failed", "未能生成"
    EXPIRED = "expired", "已到期删除"


class ExportQuerySet(models.QuerySet["Export"]):
    def for_list(self) -> "ExportQuerySet":
        pieces = ExportPiece.objects.defer("entries")
        return self.select_related("asked_by").prefetch_related(models.Prefetch("pieces", pieces)).order_by("-id")

    def due_for_removal(self, at: Any) -> "ExportQuerySet":
        return self.filter(expires_at__lte=at).exclude(state=ExportState.EXPIRED)


class Export(models.Model):
    """导出: one list, book or archive that somebody asked for. Its files go after some days, the row stays as proof."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("内容", max_length=30)
    title = models.CharField("名称", max_length=120)
    scope = models.JSONField("范围", default=dict)
    scope_label = models.CharField("范围说明", max_length=200, blank=True)
    format = models.CharField("格式", max_length=4, choices=[("xlsx", "Excel"), ("csv", "CSV"), ("zip", "ZIP")])
    with_personal = models.BooleanField("含个人信息", default=False)
    reason = models.CharField("用途", max_length=200, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导出人")
    asked_at = models.DateTimeField("导出时间")
    state = models.CharField("状态", max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    rows = models.PositiveIntegerField("行数", null=True)
    done_at = models.DateTimeField("完成时间", null=True)
    expires_at = models.DateTimeField("保存至", db_index=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "导出"
        verbose_name_plural = "导出"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_valid")]

    def __str__(self) -> str:
        return f"{self.title} {self.scope_label}".strip()


class ExportPiece(models.Model):
    """One file of an export; an archive has several. ``file`` goes when its time is over, the sha256 stays."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="pieces", verbose_name="导出")
    number = models.PositiveIntegerField("序号")
    name = models.CharField("文件名", max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    entries = models.JSONField("所含文件", default=list)  # of an archive: [path, sha256, bytes, source]

    class Meta:
        verbose_name = "导出文件"
        verbose_name_plural = "导出文件"
        ordering = ["export", "number"]
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_piece_unique")]

    def __str__(self) -> str:
        return self.name
