"""分派方案: what was worked out, by which inputs, how good it is; nothing is assigned before it is confirmed."""

import uuid

from django.db import models
from django.db.models import Q

from applications.models import Application
from qcportal.models import User
from reviews import states
from reviews.models.judges import Judge
from reviews.models.panels import Panel
from reviews.models.rubrics import Stage
from reviews.states import ProposalState


class Mode(models.TextChoices):
    PANELS = "panels", "按评审组"
    EACH = "each", "每件若干位评委"


class AssignmentProposalQuerySet(models.QuerySet["AssignmentProposal"]):
    def for_list(self) -> "AssignmentProposalQuerySet":
        return self.select_related("stage__round__programme", "author", "confirmed_by").order_by("-id")

    def standing(self, stage: Stage) -> "AssignmentProposal | None":
        """The last one that was confirmed and not undone."""
        return self.filter(stage=stage, state=ProposalState.CONFIRMED).order_by("-confirmed_at", "-id").first()


class AssignmentProposal(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="proposals", verbose_name="评审阶段")
    mode = models.CharField("方式", max_length=10, choices=Mode.choices)
    state = models.CharField("状态", max_length=12, choices=states.PROPOSAL_CHOICES, default=ProposalState.WORKING)
    parameters = models.JSONField("参数", default=dict)
    inputs_sha256 = models.CharField("输入的 SHA-256", max_length=64, blank=True)
    edit_version = models.PositiveIntegerField(default=1, editable=False)
    # {"proposal": …, "greedy": …, "random": …}: reviews.assigning.quality
    quality = models.JSONField("质量指标", default=dict)
    # Where no assignment keeps the rules: [{"text", "rules", "filings"}]; and panels too thin after recusals.
    obstacles = models.JSONField("无法满足之处", default=list)
    changes_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="successors", verbose_name="在此基础上调整"
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    created_at = models.DateTimeField("提出时间")
    solved_at = models.DateTimeField("算出时间", null=True)
    seconds = models.FloatField("用时（秒）", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    confirmed_at = models.DateTimeField("确认时间", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人")
    undone_at = models.DateTimeField("撤销时间", null=True)
    # What confirming changed, so that undoing can put it back: reviews.actions.proposal_confirming.
    undo = models.JSONField(default=dict, editable=False)

    objects = AssignmentProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "分派方案"
        verbose_name_plural = "分派方案"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ProposalState]), name="proposal_state_valid"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage}分派方案 {self.pk}"

    @property
    def state_label(self) -> str:
        return states.PROPOSAL_LABELS[ProposalState(self.state)]


class ProposalPanel(models.Model):
    proposal = models.ForeignKey(AssignmentProposal, models.CASCADE, related_name="panels")
    number = models.PositiveSmallIntegerField("次序")
    name = models.CharField("名称", max_length=40)
    lead = models.ForeignKey(Judge, models.PROTECT, null=True, related_name="+", verbose_name="组长")
    judges = models.ManyToManyField(Judge, related_name="+", verbose_name="评委")
    panel = models.ForeignKey(Panel, models.SET_NULL, null=True, related_name="+", verbose_name="现有评审组")

    class Meta:
        verbose_name = "拟定的评审组"
        verbose_name_plural = "拟定的评审组"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="proposal_panel_unique")]

    def __str__(self) -> str:
        return self.name


class LineKind(models.TextChoices):
    SOLVED = "solved", "方案"
    STAND_IN = "stand_in", "候补"
    BY_HAND = "by_hand", "手工"


class ProposalLine(models.Model):
    """``judge`` is to score ``application``; with panels, as one of a panel or as a stand-in for it."""

    proposal = models.ForeignKey(AssignmentProposal, models.CASCADE, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申报")
    judge = models.ForeignKey(Judge, models.PROTECT, related_name="+", verbose_name="评委")
    panel = models.ForeignKey(ProposalPanel, models.CASCADE, null=True, related_name="lines")
    kind = models.CharField("来源", max_length=10, choices=LineKind.choices, default=LineKind.SOLVED)

    class Meta:
        verbose_name = "方案中的分派"
        verbose_name_plural = "方案中的分派"
        ordering = ["application_id", "judge_id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "application", "judge"], name="proposal_line_unique")
        ]

    def __str__(self) -> str:
        return f"{self.application} → {self.judge}"
