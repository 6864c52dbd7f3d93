"""What shows who an enterprise is and who speaks for it: proofs, former names."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models.enterprises import Enterprise, JoinRequest, Membership
from qcportal.models import StoredFile, User
from qcportal.roles import Role, has_role


class ProofKind(models.TextChoices):
    LICENCE = "licence", "营业执照"
    RENAMED = "renamed", "更名核准文件"
    OWNERSHIP = "ownership", "负责人变更证明"


class ProofQuerySet(models.QuerySet["EnterpriseProof"]):
    def visible_to(self, user: User) -> "ProofQuerySet":
        """Staff all; owner and 质量主管 what their enterprise gave in; everybody what they gave in themselves.

        A proof that came with a request to join is nobody's business in the enterprise: it may be about its owner.
        """
        if has_role(user, Role.SECRETARIAT, Role.AUDITOR):
            return self
        managing = Membership.objects.managing().filter(user=user).values("enterprise")
        return self.filter(Q(enterprise__in=managing, join_request=None) | Q(uploaded_by=user))


class EnterpriseProof(models.Model):
    """A scan that staff look at; never changed, a better one is given in beside it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="proofs", verbose_name="申报单位")
    join_request = models.ForeignKey(
        JoinRequest, models.CASCADE, null=True, blank=True, related_name="proofs", verbose_name="加入申请"
    )
    kind = models.CharField("种类", max_length=10, choices=ProofKind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    objects = ProofQuerySet.as_manager()

    class Meta:
        verbose_name = "单位证明"
        verbose_name_plural = "单位证明"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"  # type: ignore[attr-defined]


class FormerName(models.Model):
    """曾用名. Certificates and submissions keep the name they were made with; this tells how the names belong together.

    Written with every change of the name, by the enterprise or by staff.
    """

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="former_names", verbose_name="申报单位")
    name = models.CharField("曾用名", max_length=100)
    until = models.DateTimeField("使用至")
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="修改人")

    class Meta:
        verbose_name = "曾用名"
        verbose_name_plural = "曾用名"
        ordering = ["enterprise", "-until"]

    def __str__(self) -> str:
        return self.name
