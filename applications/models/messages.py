"""留言: what the secretariat and an enterprise tell each other about one application."""

import uuid

from django.db import models

from applications.models.applications import Application
from applications.models.enterprises import Enterprise
from qcportal.models import User


class Thread(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="threads", verbose_name="申报单位")
    application = models.OneToOneField(
        Application, models.CASCADE, null=True, related_name="thread", verbose_name="申报"
    )
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = "留言"
        verbose_name_plural = "留言"

    def __str__(self) -> str:
        return f"{self.enterprise} 留言"


class Message(models.Model):
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="作者")  # null: 系统
    from_staff = models.BooleanField("来自秘书处", default=True)
    body = models.TextField("内容", max_length=4000)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    class Meta:
        verbose_name = "留言内容"
        verbose_name_plural = "留言内容"
        ordering = ["thread", "id"]

    def __str__(self) -> str:
        return self.body[:40]
