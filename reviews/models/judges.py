"""评委, their pledge and their recusals."""

import uuid

from django.db import models

from applications.models import Application, Programme
from qcportal.models import User


class Judge(models.Model):
    user = models.OneToOneField(User, models.PROTECT, related_name="judge", verbose_name="用户")
    employer_name = models.CharField("工作单位", max_length=100)
    employer_code = models.CharField("工作单位信用代码", max_length=18, blank=True)
    parent_group = models.CharField("上级集团", max_length=100, blank=True)
    city = models.CharField("所在市（州）", max_length=4, blank=True)
    expertise_fields = models.ManyToManyField(
        "reviews.ExpertiseField", blank=True, related_name="judges", verbose_name="专业领域"
    )
    expertise = models.CharField("专长说明", max_length=200, blank=True)
    title = models.CharField("职称", max_length=60, blank=True)
    certificate_level = models.CharField("评委证书等级", max_length=40, blank=True)
    certificate_number = models.CharField("证书编号", max_length=60, blank=True)
    certificate_valid_until = models.DateField("证书有效期至", null=True, blank=True)
    is_senior = models.BooleanField("资深评委", default=False)
    is_active = models.BooleanField("可分派", default=True)

    class Meta:
        verbose_name = "评委"
        verbose_name_plural = "评委"
        ordering = ["user__name"]

    def __str__(self) -> str:
        return f"{self.user}（{self.employer_name}）"


class Pledge(models.Model):
    """承诺书: confidentiality and fairness, accepted before the first file opens."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="pledges", verbose_name="评委")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="pledges", verbose_name="年度活动")
    version = models.CharField("文本版本", max_length=20)
    accepted_at = models.DateTimeField("承诺时间")
    ip = models.GenericIPAddressField("IP 地址", null=True)

    class Meta:
        verbose_name = "评委承诺"
        verbose_name_plural = "评委承诺"
        constraints = [models.UniqueConstraint(fields=["judge", "programme", "version"], name="pledge_unique")]

    def __str__(self) -> str:
        return f"{self.judge} {self.version}"


class RecusalKind(models.TextChoices):
    EMPLOYER = "employer", "同一单位"
    COMPLETING_UNIT = "completing_unit", "完成单位"
    PARENT_GROUP = "parent_group", "同一集团"
    COACHED = "coached", "辅导过该小组"
    RELATION = "relation", "申报过的关系"
    DECLARED = "declared", "本人申请"


class Recusal(models.Model):
    """回避. Automatic by employer, completing unit, group or declared relation; or asked for by the judge for one
    filing, which the secretariat confirms. It always wins, also before it is confirmed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    judge = models.ForeignKey(Judge, models.PROTECT, related_name="recusals", verbose_name="评委")
    application = models.ForeignKey(Application, models.PROTECT, related_name="recusals", verbose_name="申报")
    kind = models.CharField("原因类别", max_length=20, choices=RecusalKind.choices)
    reason = models.TextField("说明", blank=True, max_length=500)
    created_at = models.DateTimeField("时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    confirmed_at = models.DateTimeField("核实时间", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")

    class Meta:
        verbose_name = "回避"
        verbose_name_plural = "回避"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["judge", "application"], name="recusal_unique")]

    def __str__(self) -> str:
        return f"{self.judge} 回避 {self.application}"
