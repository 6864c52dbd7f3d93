"""秘书处代录: an e-mailed folder on its way into drafts, and the mark that stays on what came of it."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from applications.imports import folder_names
from applications.models.applications import Application
from applications.models.enterprises import Enterprise
from applications.models.evidence import EvidenceKind
from applications.models.programmes import Round
from applications.models.reports import AnnualReport
from qcportal.models import StoredFile, User

if TYPE_CHECKING:
    from applications.imports.cells import ReadCell


class FolderState(models.TextChoices):
    REVIEWING = "reviewing", "待核对"
    DONE = "done", "已录入"
    DISCARDED = "discarded", "已放弃"


class FolderQuerySet(models.QuerySet["StaffFolder"]):
    def for_list(self) -> "FolderQuerySet":
        return self.select_related("enterprise", "round__programme", "uploaded_by").order_by("-id")


class StaffFolder(models.Model):
    """One uploaded ZIP. The file is kept, until personal data of its round is: it is what the enterprise sent."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="压缩包")
    name = models.CharField("文件名", max_length=200)
    state = models.CharField("状态", max_length=10, choices=FolderState.choices, default=FolderState.REVIEWING)
    unit_name = models.CharField("文件夹上的单位", max_length=100, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("电话", max_length=20, blank=True)
    contact_email = models.EmailField("收信邮箱", blank=True)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="folders", verbose_name="申报单位"
    )
    new_name = models.CharField("新建单位名称", max_length=100, blank=True)
    new_code = models.CharField("新建单位信用代码", max_length=18, blank=True)
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="期")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    decided_at = models.DateTimeField("办理时间", null=True)

    objects = FolderQuerySet.as_manager()

    class Meta:
        verbose_name = "代录文件夹"
        verbose_name_plural = "代录文件夹"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(state__in=FolderState.values), name="folder_state_valid")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state == FolderState.REVIEWING


class FolderFile(models.Model):
    """One file of the folder: what it was taken for, and what was read from it. Emptied once decided."""

    folder = models.ForeignKey(StaffFolder, models.CASCADE, related_name="files", verbose_name="文件夹")
    position = models.PositiveSmallIntegerField(default=1)
    path = models.CharField("路径", max_length=500)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    kind = models.CharField("认作", max_length=12, choices=list(folder_names.KINDS.items()))
    evidence_kind = models.CharField("材料类别", max_length=20, choices=EvidenceKind.choices, blank=True)
    belongs_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="evidence", verbose_name="所属小组"
    )
    question = models.CharField("需要确认", max_length=200, blank=True)
    problem = models.CharField("不能读取的原因", max_length=300, blank=True)
    identity = models.JSONField("文件自称", default=dict)  # unit, credit code, group, topic, application
    cells = models.JSONField("读到的内容", default=list)
    notices = models.JSONField("说明", default=list)
    base_version = models.PositiveIntegerField(null=True)
    seen_version = models.PositiveIntegerField("核对时的版本", default=0)
    application = models.ForeignKey(
        Application, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="申报"
    )

    class Meta:
        verbose_name = "代录文件"
        verbose_name_plural = "代录文件"
        ordering = ["folder", "position"]

    def __str__(self) -> str:
        return self.path

    @property
    def file_name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def label(self) -> str:
        """How a file of attachment 1 is called where evidence is put to its group."""
        return str(self.identity.get("group") or self.file_name)

    @property
    def read_cells(self) -> "list[ReadCell]":
        from applications.imports.cells import from_json  # noqa: PLC0415 -- the readers import the models

        return from_json(self.cells)


class StaffEntryQuerySet(models.QuerySet["StaffEntry"]):
    def waiting(self) -> "StaffEntryQuerySet":
        return self.filter(confirmed_at=None)

    def of(self, application: Application) -> "StaffEntryQuerySet":
        """What was entered into this filing, and into the attachments 2 and 3 that it stands on."""
        report = Q(report__enterprise=application.enterprise_id, report__programme=application.round.programme_id)
        return self.filter(Q(application=application) | report).order_by("id")


class StaffEntry(models.Model):
    """The mark 秘书处代录: who entered it, when, from which file; and who of the enterprise confirmed it."""

    application = models.ForeignKey(
        Application, models.CASCADE, null=True, related_name="staff_entries", verbose_name="申报"
    )
    report = models.ForeignKey(
        AnnualReport, models.CASCADE, null=True, related_name="staff_entries", verbose_name="年度材料"
    )
    folder = models.ForeignKey(StaffFolder, models.PROTECT, related_name="entries", verbose_name="文件夹")
    file_name = models.CharField("文件名", max_length=200)
    source_sha256 = models.CharField("SHA-256", max_length=64)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    confirmed_at = models.DateTimeField("确认时间", null=True)

    objects = StaffEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "代录记录"
        verbose_name_plural = "代录记录"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(application=None) ^ Q(report=None), name="staff_entry_of_one_thing"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"秘书处代录 {self.file_name}"
