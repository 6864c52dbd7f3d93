"""是否转入下一期: what the enterprise says about a deferred filing."""

from django.db import models

from applications.models.applications import Application
from qcportal.models import User


class CarryAnswer(models.Model):
    """The click on 转入下一期 or 不转入. A yes before the next round opens waits for it (actions.carrying)."""

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="carry_answer", verbose_name="缓评的申报"
    )
    wants = models.BooleanField("转入下一期")
    evidence = models.JSONField("带入的材料", default=list)  # uuids
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("答复时间")

    class Meta:
        verbose_name = "缓评答复"
        verbose_name_plural = "缓评答复"

    def __str__(self) -> str:
        return f"{self.application} {'转入下一期' if self.wants else '不转入'}"
