"""年度材料: attachments 2 and 3 of one enterprise for one programme, and their frozen versions."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models.enterprises import Enterprise
from applications.models.programmes import Programme
from applications.report_keys import SUMMARY_SECTIONS as SUMMARY_SECTIONS
from qcportal.models import StoredFile, User


class AnnualReport(models.Model):
    """The working copy. Counts are people or groups, money is in 元; rates are computed, never stored."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="reports", verbose_name="申报单位")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="reports", verbose_name="年度活动")
    edit_version = models.PositiveIntegerField(default=1, editable=False)
    # What each person autosaved since the last audit row: {"<user pk>": {"<key>": actions.autosaved.Note}}.
    autosaved = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField("创建时间")
    updated_at = models.DateTimeField("修改时间")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="修改人")

    # Attachment 2.
    summary_basics = models.TextField("基本情况", blank=True)
    summary_leadership = models.TextField("组织领导与制度建设", blank=True)
    summary_training = models.TextField("教育培训与推进措施", blank=True)
    summary_results = models.TextField("活动成果与效益", blank=True)
    summary_problems = models.TextField("存在的问题", blank=True)
    summary_plans = models.TextField("下一步打算", blank=True)
    summary_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    summary_file_name = models.CharField("总结文件名", max_length=200, blank=True)
    summary_file_pages = models.PositiveIntegerField("总结文件页数", null=True, blank=True)

    # Attachment 3 (domain.md 1.2); numbers of the rows as printed.
    employees = models.PositiveIntegerField("企业职工总数", null=True, blank=True)
    groups_cumulative = models.PositiveIntegerField("历年累计登记注册小组数", null=True, blank=True)
    groups_registered = models.PositiveIntegerField("本年度登记注册小组数", null=True, blank=True)
    groups_active = models.PositiveIntegerField("本年度开展活动小组数", null=True, blank=True)
    groups_problem_solving = models.PositiveIntegerField("其中：问题解决型小组数", null=True, blank=True)
    groups_innovation = models.PositiveIntegerField("其中：创新型小组数", null=True, blank=True)
    participants = models.PositiveIntegerField("参加小组活动人数", null=True, blank=True)
    results_count = models.PositiveIntegerField("当年取得成果数", null=True, blank=True)
    direct_benefit = models.DecimalField("本年度小组直接效益", max_digits=16, decimal_places=2, null=True, blank=True)
    cumulative_benefit = models.DecimalField("历年累计经济效益", max_digits=16, decimal_places=2, null=True, blank=True)
    training_attendances = models.PositiveIntegerField("参加小组活动培训", null=True, blank=True)
    suggestions = models.PositiveIntegerField("小组成员合理化建议数", null=True, blank=True)
    promoters = models.PositiveIntegerField("具有小组活动推进者资格人数", null=True, blank=True)
    awards_national = models.PositiveIntegerField("获国家级优秀小组数", null=True, blank=True)
    awards_provincial = models.PositiveIntegerField("获省级优秀小组数", null=True, blank=True)
    awards_municipal = models.PositiveIntegerField("获市（行业）级优秀小组数", null=True, blank=True)
    filled_by = models.CharField("填表人", max_length=50, blank=True)
    responsible_person = models.CharField("负责人", max_length=50, blank=True)

    class Meta:
        verbose_name = "年度材料"
        verbose_name_plural = "年度材料"
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "programme"], name="report_unique"),
            models.CheckConstraint(
                condition=Q(direct_benefit=None) | Q(direct_benefit__gte=0), name="report_benefit_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.programme.year} 年度材料"

    @property
    def has_summary_text(self) -> bool:
        return any(getattr(self, name) for name, _title, _help in SUMMARY_SECTIONS)


class ReportVersion(models.Model):
    """Attachments 2 and 3 as frozen by the first submission that stood on them. Never changed."""

    report = models.ForeignKey(AnnualReport, models.PROTECT, related_name="versions", verbose_name="年度材料")
    version = models.PositiveIntegerField("版本")
    data = models.JSONField("冻结内容")
    personal = models.JSONField("个人信息", null=True)
    salt = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    code = models.CharField("校验码", max_length=12, unique=True)
    frozen_at = models.DateTimeField("冻结时间")
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="冻结人")

    class Meta:
        verbose_name = "年度材料版本"
        verbose_name_plural = "年度材料版本"
        ordering = ["report", "version"]
        constraints = [models.UniqueConstraint(fields=["report", "version"], name="report_version_unique")]

    def __str__(self) -> str:
        return f"{self.report} 第 {self.version} 版"
