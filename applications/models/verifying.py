"""营业执照核验: what was compared with the licence, by whom, and whether it was taken back."""

import uuid

from django.db import models

from applications.models.enterprises import Enterprise
from applications.models.identity import EnterpriseProof
from qcportal.models import User


class LicenceCheck(models.Model):
    """One look at the licence. ``name`` and ``credit_code`` are as they were compared; Enterprise.verified_at says
    whether the enterprise counts as verified now."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="licence_checks", verbose_name="申报单位")
    proof = models.ForeignKey(EnterpriseProof, models.SET_NULL, null=True, related_name="+", verbose_name="所看的证明")
    name = models.CharField("单位名称", max_length=100)
    credit_code = models.CharField("统一社会信用代码", max_length=18)
    name_agrees = models.BooleanField("名称一致")
    code_agrees = models.BooleanField("代码一致")
    area_agrees = models.BooleanField("登记地在青海")
    note = models.CharField("说明", max_length=300, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核验人")
    checked_at = models.DateTimeField("核验时间")
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")
    revoked_at = models.DateTimeField("撤销时间", null=True)
    revoke_reason = models.CharField("撤销原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "营业执照核验"
        verbose_name_plural = "营业执照核验"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.checked_at:%Y-%m-%d}"
