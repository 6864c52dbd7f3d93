"""填写指导: the secretariat's own words beside a field, where they differ from the portal's."""

from django.core.exceptions import ValidationError
from django.db import models

from applications import topics
from applications.sections import FIELD_LABELS

PLACES = {"report": "年度材料 ", "enterprise": "单位资料 "}


class FieldGuidance(models.Model):
    """An empty cell leaves the portal's own words (applications.guidance). Keys as in applications.sections."""

    key = models.CharField("字段", max_length=60)
    topic_type = models.CharField("课题类型", max_length=20, choices=topics.CHOICES, blank=True)
    hint = models.CharField("一句话提示", max_length=200, blank=True, help_text="显示在输入框下面。留空用默认内容。")
    good = models.TextField("怎样写好", max_length=2000, blank=True, help_text="每行一条。留空用默认内容。")
    example = models.TextField("填写示例", max_length=2000, blank=True, help_text="请用虚构内容。留空用默认内容。")
    shortest = models.PositiveIntegerField("建议至少字数", null=True, blank=True, help_text="留空用默认；0 为不提示。")
    longest = models.PositiveIntegerField("建议最多字数", null=True, blank=True, help_text="留空用默认；0 为不提示。")
    minutes = models.PositiveSmallIntegerField("预计用时（分钟）", null=True, blank=True, help_text="用于估算用时。")

    class Meta:
        verbose_name = "填写指导"
        verbose_name_plural = "填写指导"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "topic_type"], name="guidance_unique", violation_error_message="该字段已有填写指导。"
            )
        ]

    def __str__(self) -> str:
        base, _, name = self.key.partition(".")
        label = FIELD_LABELS.get(self.key) or f"{PLACES.get(base, '')}{name or base}"
        return f"{label}（{self.get_topic_type_display()}）" if self.topic_type else label  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.shortest and self.longest and self.shortest > self.longest:
            raise ValidationError({"longest": "建议最多字数不应少于建议至少字数。"})

    @property
    def is_changed(self) -> bool:
        """Whether staff said anything here."""
        texts = self.hint or self.good or self.example
        return bool(texts) or any(number is not None for number in (self.shortest, self.longest, self.minutes))
