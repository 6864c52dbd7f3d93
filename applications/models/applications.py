"""申报: attachment 1 of one group in one round (the working copy), its members and completing units."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from applications import states, topics
from applications.field_list import FieldList
from applications.models.enterprises import Enterprise, Membership, MembershipRole
from applications.models.programmes import RecommendingUnit, Round, SpecialAward
from applications.states import State
from qcportal.models import User
from qcportal.roles import Role, has_role


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: User) -> "ApplicationQuerySet":
        """What ``user`` may see: staff all, owner and 质量主管 their enterprise's, a 填报人 what they were invited to.

        Judges reach applications through their assignments (reviews), never through this.
        """
        if has_role(user, Role.SECRETARIAT, Role.AUDITOR):
            return self
        return self.filter(self._of_members(user))

    def editable_by(self, user: User) -> "ApplicationQuerySet":
        """Whose text ``user`` may change; whether it may be changed now is a question of state (draft_gate)."""
        return self.filter(self._of_members(user))

    @staticmethod
    def _of_members(user: User) -> Q:
        mine = Membership.objects.filter(user=user, is_active=True, enterprise=OuterRef("enterprise"))
        managing = mine.filter(role__in=[MembershipRole.OWNER, MembershipRole.MANAGER])
        # Not a join on clerks: an application with three of them would be there three times.
        invited = Application.clerks.through.objects.filter(user=user, application=OuterRef("pk"))
        return Q(Exists(managing)) | (Q(Exists(mine)) & Q(Exists(invited)))

    def for_list(self) -> "ApplicationQuerySet":
        return self.select_related("enterprise", "round__programme").order_by(
            "-round__programme__year", "-round__number", "preference", "id"
        )

    def submitted(self) -> "ApplicationQuerySet":
        """Everything that was filed at least once."""
        return self.exclude(file_number=None)

    def taking_part(self) -> "ApplicationQuerySet":
        return self.filter(state__in=states.TAKING_PART)


class Application(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="applications", verbose_name="申报单位")
    round = models.ForeignKey(Round, models.PROTECT, related_name="applications", verbose_name="期")
    state = models.CharField("状态", max_length=20, choices=states.CHOICES, default=State.DRAFT)
    file_number = models.CharField("文件编号", max_length=20, null=True, unique=True)
    preference = models.PositiveIntegerField("择优顺序", default=1)
    carried_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="carried_to", verbose_name="结转自"
    )
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="copied_to", verbose_name="内容复制自"
    )
    clerks = models.ManyToManyField(User, related_name="clerk_of", blank=True, verbose_name="填报人")
    edit_version = models.PositiveIntegerField(default=1, editable=False)
    # What each person autosaved since the last audit row: {"<user pk>": {"<key>": actions.autosaved.Note}}.
    autosaved = models.JSONField(default=dict, blank=True, editable=False)
    has_unsubmitted_changes = models.BooleanField("提交后有修改", default=False)
    result_announced_at = models.DateTimeField("结果公布时间", null=True, editable=False)
    correction_due_at = models.DateTimeField("补正截止", null=True)
    open_fields = models.JSONField("开放补正的项目", default=list, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="创建人")
    created_at = models.DateTimeField("创建时间")
    updated_at = models.DateTimeField("修改时间")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="修改人")
    filled_at = models.DateTimeField("填报完成时间", null=True, editable=False)
    filled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="填报完成人")
    filled_version = models.PositiveIntegerField(null=True, editable=False)  # edit_version that was called complete

    # Section 1: 申报单位与联系人. Name, code, address come from the enterprise and are frozen at submission.
    certificate_unit_name = models.CharField("证书用单位名称", max_length=100, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=20, blank=True)
    contact_email = models.EmailField("电子邮箱", blank=True)

    # Section 2: 小组概况与成员.
    group_name = models.CharField("小组名称", max_length=60, blank=True)
    group_registration_number = models.CharField("小组注册号", max_length=40, blank=True)
    group_registered_on = models.DateField("小组注册日期", null=True, blank=True)
    group_founded_on = models.DateField("小组成立时间", null=True, blank=True)
    topic_registration_number = models.CharField("课题注册号", max_length=40, blank=True)
    leader_name = models.CharField("组长姓名", max_length=50, blank=True)
    member_count = models.PositiveSmallIntegerField("小组人数", null=True, blank=True)
    activity_starts_on = models.DateField("活动开始日期", null=True, blank=True)
    activity_ends_on = models.DateField("活动结束日期", null=True, blank=True)
    activity_count = models.PositiveSmallIntegerField("活动次数", null=True, blank=True)
    attendance_rate = models.DecimalField("出勤率", max_digits=5, decimal_places=2, null=True, blank=True)
    training_hours = models.DecimalField("人均教育培训学时", max_digits=6, decimal_places=1, null=True, blank=True)

    # Section 3: 课题与活动过程.
    topic_name = models.CharField("课题名称", max_length=100, blank=True)
    topic_type = models.CharField("课题类型", max_length=20, choices=topics.CHOICES, blank=True)
    group_intro = models.TextField("小组简介", blank=True)
    steps = models.JSONField("活动过程", default=dict, blank=True)  # step code -> text; other types' texts are kept

    # Section 4: 成果与效益. Money in 元.
    target_value = models.CharField("目标值", max_length=200, blank=True)
    actual_value = models.CharField("实际值", max_length=200, blank=True)
    economic_benefit = models.DecimalField("直接经济效益", max_digits=16, decimal_places=2, null=True, blank=True)
    activity_cost = models.DecimalField("活动投入费用", max_digits=16, decimal_places=2, null=True, blank=True)
    benefit_basis = models.TextField("效益计算依据", blank=True)
    social_benefit = models.TextField("社会效益", blank=True)
    main_results = models.TextField("主要成果", blank=True)
    honours = models.TextField("获奖与知识产权", blank=True)

    # Section 5: 单项奖与推荐单位.
    special_awards = models.ManyToManyField(SpecialAward, blank=True, verbose_name="申报单项奖")
    recommending_unit = models.ForeignKey(
        RecommendingUnit, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name="推荐单位"
    )
    awards_section_seen = models.BooleanField(default=False, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "申报"
        verbose_name_plural = "申报"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="application_state_valid"),
            models.CheckConstraint(
                condition=Q(economic_benefit=None) | Q(economic_benefit__gte=0), name="application_benefit_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["round", "state", "file_number"], name="application_queue")]

    def __str__(self) -> str:
        return f"{self.file_number or '草稿'} {self.group_name or '未命名小组'}"

    @property
    def display_name(self) -> str:
        return self.group_name or "未命名小组"

    @property
    def state_label(self) -> str:
        return states.LABELS[State(self.state)]

    @property
    def public_state_label(self) -> str:
        """What the enterprise may know: the outcome of judging only once its ranking was announced."""
        if self.result_announced_at is not None:
            return states.ANNOUNCED_LABELS[State(self.state)]
        return states.PUBLIC_LABELS[State(self.state)]

    @property
    def filling(self) -> str:
        """填报完成: "done" as marked, "changed" when the text was edited after it, "" when not (or submitted since)."""
        if self.filled_at is None:
            return ""
        last = self.latest_submission
        if last is not None and last.submitted_at >= self.filled_at:
            return ""
        return "done" if self.filled_version == self.edit_version else "changed"

    @property
    def topic_type_label(self) -> str:
        return topics.LABELS[topics.TopicType(self.topic_type)] if self.topic_type else ""

    @property
    def fields(self) -> FieldList:
        """What this year's programme asks for, and how it calls it."""
        return self.round.programme.fields

    @property
    def step_list(self) -> list[topics.Step]:
        """The steps of the chosen type that the programme asks for, under its names."""
        return self.fields.steps_of(self.topic_type) if self.topic_type else []

    @property
    def latest_submission(self) -> "Submission | None":  # type: ignore[name-defined]  # noqa: F821
        """The version that counts; uses a prefetch of ``submissions`` where there is one."""
        return max(self.submissions.all(), key=lambda submission: submission.version, default=None)

    def deadline(self) -> datetime:
        """When this text must be in: the correction deadline of a returned filing, else the round's (or extension)."""
        if self.state == State.RETURNED and self.correction_due_at:
            return self.correction_due_at
        return self.round.deadline_for(self.enterprise_id)


class Member(models.Model):
    """小组成员. No ID number, birthday or home address (domain.md 5.5)."""

    class GroupRole(models.TextChoices):
        LEADER = "leader", "组长"
        DEPUTY = "deputy", "副组长"
        MEMBER = "member", "组员"

    application = models.ForeignKey(Application, models.CASCADE, related_name="members")
    position = models.PositiveSmallIntegerField("序号", default=1)
    name = models.CharField("姓名", max_length=50)
    gender = models.CharField("性别", max_length=1, choices=[("m", "男"), ("f", "女")], blank=True)
    education = models.CharField("文化程度", max_length=20, blank=True)
    job_title = models.CharField("职务、职称", max_length=50, blank=True)
    group_role = models.CharField("组内职务", max_length=10, choices=GroupRole.choices, default=GroupRole.MEMBER)
    duty = models.CharField("组内分工", max_length=100, blank=True)
    training_hours = models.DecimalField("学时", max_digits=6, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = "小组成员"
        verbose_name_plural = "小组成员"
        ordering = ["application", "position", "id"]

    def __str__(self) -> str:
        return self.name


class CompletingUnit(models.Model):
    """完成单位: the units named on the certificate besides the filing enterprise."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="completing_units")
    position = models.PositiveSmallIntegerField("序号", default=1)
    name = models.CharField("单位名称", max_length=100)

    class Meta:
        verbose_name = "完成单位"
        verbose_name_plural = "完成单位"
        ordering = ["application", "position", "id"]

    def __str__(self) -> str:
        return self.name
