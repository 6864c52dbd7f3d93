"""Enterprises, the people in them, invitations, consent."""

import uuid
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from applications import regions, validators
from qcportal.models import MailMessage, User

if TYPE_CHECKING:
    from datetime import datetime


def credit_code_is_valid(value: str) -> None:
    try:
        validators.check_credit_code(value)
    except ValueError as error:
        raise ValidationError(str(error), code="credit_code") from error


class Scale(models.TextChoices):
    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


class Industry(models.TextChoices):
    SALT_LAKE = "salt_lake", "盐湖化工"
    CLEAN_ENERGY = "clean_energy", "清洁能源"
    ORGANIC_FARMING = "organic_farming", "绿色有机农畜产品"
    POWER_GRID = "power_grid", "电力输配"
    METALLURGY = "metallurgy", "冶金与有色金属"
    MANUFACTURING = "manufacturing", "装备制造"
    CONSTRUCTION = "construction", "建筑施工"
    TRANSPORT = "transport", "交通运输"
    TELECOM = "telecom", "信息通信"
    MEDICINE = "medicine", "医药卫生"
    TOURISM = "tourism", "文化旅游"
    OTHER = "other", "其他"


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    def of(self, user: User) -> "EnterpriseQuerySet":
        """The enterprises that ``user`` belongs to."""
        return self.filter(memberships__user=user, memberships__is_active=True)

    def to_verify(self) -> "EnterpriseQuerySet":
        """Not verified: who has filed first, then by date of registration. With numbers of licences and filings."""
        filed = models.Count("applications", filter=Q(applications__file_number__isnull=False), distinct=True)
        licences = models.Count("proofs", filter=Q(proofs__kind="licence"), distinct=True)
        waiting = self.filter(verified_at=None).annotate(filed=filed, licences=licences)
        return waiting.order_by(models.Case(models.When(filed__gt=0, then=0), default=1), "created_at", "pk")

    def answering_to(self, words: str) -> "EnterpriseQuerySet":
        """Whoever is meant by somebody on the telephone: a number, a name, a credit code, a file number, a group."""
        words = words.strip()
        if not words:
            return self.none()
        digits = "".join(char for char in words if char.isdigit())
        found = (
            Q(name__icontains=words)
            | Q(contact_name__icontains=words)
            | Q(credit_code__icontains=words.upper())
            | Q(former_names__name__icontains=words)
            | Q(memberships__user__name__icontains=words)
            | Q(applications__group_name__icontains=words)
            | Q(applications__file_number__icontains=words)
        )
        if len(digits) >= 4:
            found |= (
                Q(contact_phone__contains=digits)
                | Q(memberships__user__mobile__contains=digits)
                | Q(applications__contact_phone__contains=digits)
                | Q(calls__number__contains=digits)
            )
        return self.filter(pk__in=self.filter(found).values("pk"))


class Enterprise(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True, validators=[credit_code_is_valid])
    name = models.CharField("单位名称", max_length=100)
    certificate_name = models.CharField("证书用名", max_length=100, blank=True)
    city = models.CharField("所在市（州）", max_length=4, choices=regions.CHOICES, blank=True)
    address = models.CharField("单位地址", max_length=200, blank=True)
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    industry = models.CharField("所属行业", max_length=20, choices=Industry.choices, blank=True)
    scale = models.CharField("企业规模", max_length=10, choices=Scale.choices, blank=True)
    parent_group = models.CharField("上级集团", max_length=100, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=20, blank=True)
    contact_email = models.EmailField("电子邮箱", blank=True)
    origin_explanation = models.TextField("登记地或机构类型说明", blank=True, max_length=500)
    origin_flagged = models.BooleanField("登记地待核", default=False)
    verified_at = models.DateTimeField("核验时间", null=True, blank=True)
    verified_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人"
    )
    edit_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("注册时间")
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = "申报单位"
        verbose_name_plural = "申报单位"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def city_label(self) -> str:
        return self.get_city_display()  # type: ignore[attr-defined,no-any-return]

    @property
    def name_on_certificate(self) -> str:
        return self.certificate_name or self.name


class MembershipRole(models.TextChoices):
    OWNER = "owner", "单位负责人"
    MANAGER = "manager", "质量主管"
    CLERK = "clerk", "小组填报人"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(is_active=True)

    def managing(self) -> "MembershipQuerySet":
        return self.active().filter(role__in=[MembershipRole.OWNER, MembershipRole.MANAGER])

    def of_user(self, user: User) -> "Membership | None":
        """The one active membership of ``user``, with its enterprise."""
        return self.active().filter(user=user).select_related("enterprise").first()

    def for_list(self) -> "MembershipQuerySet":
        """Active people first, the owner in front of them."""
        rank = models.Case(
            models.When(role=MembershipRole.OWNER, then=0),
            models.When(role=MembershipRole.MANAGER, then=1),
            default=2,
        )
        return self.select_related("user").order_by("-is_active", rank, "id")


class Membership(models.Model):
    """A person in an enterprise. Owner and 质量主管 reach everything; a 填报人 only the applications invited to."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    role = models.CharField("身份", max_length=10, choices=MembershipRole.choices)
    is_active = models.BooleanField("有效", default=True)
    created_at = models.DateTimeField("加入时间")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "单位成员"
        verbose_name_plural = "单位成员"
        constraints = [
            # One enterprise a person keeps every page simple; a consultant takes a second login.
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_active=True), name="membership_one_active_per_user",
                violation_error_message="该用户已是某一单位的成员。",
            ),
            models.UniqueConstraint(
                fields=["enterprise"], condition=Q(role="owner", is_active=True), name="membership_one_owner",
                violation_error_message="每个单位只能有一位负责人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"  # type: ignore[attr-defined]

    @property
    def manages(self) -> bool:
        return self.role in {MembershipRole.OWNER, MembershipRole.MANAGER}

    @property
    def is_owner(self) -> bool:
        return self.role == MembershipRole.OWNER

    @property
    def unread_messages(self) -> int:
        """How much of the secretariat waits: messages that nobody of the enterprise read, letters to this person that
        came since they looked last (one query)."""
        threads = self.enterprise.threads.all()
        if not self.manages:
            threads = threads.filter(application__clerks=self.user_id)
        unread = threads.filter(messages__from_staff=True, messages__read_at=None).values_list("messages__pk")
        letters = MailMessage.objects.letters().filter(recipient=self.user_id)
        new = letters.filter(
            Q(recipient__letters_seen_at=None) | Q(created_at__gt=models.F("recipient__letters_seen_at"))
        )
        return unread.union(new.order_by().values_list("pk"), all=True).count()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, at: "datetime") -> "InvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """An owner asks a person in. The link's secret is mailed and kept here only as a hash."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="invitations")
    email = models.EmailField("受邀人邮箱")
    name = models.CharField("受邀人姓名", max_length=50)
    role = models.CharField("身份", max_length=10, choices=MembershipRole.choices[1:])
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="邀请人")
    created_at = models.DateTimeField("邀请时间")
    expires_at = models.DateTimeField("有效期至")
    accepted_at = models.DateTimeField("接受时间", null=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="接受人")
    revoked_at = models.DateTimeField("撤销时间", null=True)
    applications = models.ManyToManyField(
        "applications.Application", blank=True, related_name="+", verbose_name="可填报的申报"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "成员邀请"
        verbose_name_plural = "成员邀请"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_role_display()} → {self.enterprise}"  # type: ignore[attr-defined]


class JoinState(models.TextChoices):
    WAITING = "waiting", "待处理"
    ACCEPTED = "accepted", "已同意"
    DECLINED = "declined", "未同意"


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def waiting(self) -> "JoinRequestQuerySet":
        return self.filter(state=JoinState.WAITING)

    def for_list(self) -> "JoinRequestQuerySet":
        return self.select_related("user", "enterprise", "decided_by").order_by("-id")


class JoinRequest(models.Model):
    """Somebody registered a credit code that is known already: owner or staff decide whether they belong to it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="join_requests", verbose_name="申报单位")
    user = models.ForeignKey(User, models.CASCADE, related_name="join_requests", verbose_name="申请人")
    reason = models.TextField("部门、岗位与申请理由", max_length=500, blank=True)
    wants_ownership = models.BooleanField("申请接任单位负责人", default=False)
    state = models.CharField("状态", max_length=10, choices=JoinState.choices, default=JoinState.WAITING)
    created_at = models.DateTimeField("申请时间")
    decided_at = models.DateTimeField("处理时间", null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="处理人")

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "加入申请"
        verbose_name_plural = "加入申请"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "user"], condition=Q(state="waiting"), name="join_request_one_waiting",
                violation_error_message="您的加入申请正在等待处理。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"加入申请 → {self.enterprise}"


class Consent(models.Model):
    """A statement agreed to: which text (version), by whom, when, from where (个人信息保护法 Art 13-17)."""

    KINDS = [("privacy", "个人信息处理规则"), ("members_informed", "已告知小组成员"), ("truthful", "材料真实性承诺")]
    kind = models.CharField("事项", max_length=20, choices=KINDS)
    version = models.CharField("文本版本", max_length=20)
    user = models.ForeignKey(User, models.PROTECT, related_name="consents", verbose_name="同意人")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, null=True, related_name="consents", verbose_name="单位")
    application = models.ForeignKey(
        "applications.Application", models.CASCADE, null=True, related_name="consents", verbose_name="申报"
    )
    at = models.DateTimeField("时间")
    ip = models.GenericIPAddressField("IP 地址", null=True)

    class Meta:
        verbose_name = "同意记录"
        verbose_name_plural = "同意记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"  # type: ignore[attr-defined]
