"""留言: what the secretariat and an enterprise tell each other about one application."""

import uuid

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from applications.models.applications import Application
from applications.models.enterprises import Enterprise, Membership
from qcportal.models import User
from qcportal.roles import Role, has_role


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, user: User) -> "ThreadQuerySet":
        """Staff all; owner and 质量主管 their enterprise's; a 填报人 those of the applications invited to."""
        if has_role(user, Role.SECRETARIAT, Role.AUDITOR):
            return self
        return self.of_member(user)

    def of_member(self, user: User) -> "ThreadQuerySet":
        members = Membership.objects.filter(user=user, enterprise=OuterRef("enterprise"))
        # Not a join on clerks: several of them would double the counts of for_list.
        clerk_of = Application.clerks.through.objects.filter(
            user=user, application=OuterRef("application"), application__enterprise=OuterRef("enterprise")
        )
        return self.filter(Q(Exists(members.managing())) | (Q(Exists(members.active())) & Q(Exists(clerk_of))))

    def matching(self, words: str) -> "ThreadQuerySet":
        """By unit, group or file number; everything without words."""
        words = words.strip()
        if not words:
            return self
        return self.filter(
            Q(enterprise__name__icontains=words)
            | Q(application__group_name__icontains=words)
            | Q(application__file_number__icontains=words)
        )

    def unanswered(self) -> "ThreadQuerySet":
        """The enterprise had the last word."""
        last = Message.objects.filter(thread=OuterRef("pk")).order_by("-id").values("from_staff")[:1]
        return self.alias(staff_was_last=Subquery(last)).filter(staff_was_last=False)

    def for_list(self, *, unread_from_staff: bool = True) -> "ThreadQuerySet":
        """With last words, last time and how many messages of the other side are unread; newest first."""
        last = Message.objects.filter(thread=OuterRef("pk")).order_by("-id")
        unread = Q(messages__from_staff=unread_from_staff, messages__read_at=None)
        return (
            self.select_related("application__round__programme", "enterprise")
            .annotate(
                last_at=Max("messages__created_at"),
                last_body=Subquery(last.values("body")[:1]),
                last_from_staff=Subquery(last.values("from_staff")[:1]),
                unread=Count("messages", filter=unread),
            )
            .order_by("-last_at", "-id")
        )

    def unanswered_first(self) -> "ThreadQuerySet":
        """Of for_list: where the enterprise said the last word, the longest waiting in front; then the others."""
        waiting = models.Case(models.When(last_from_staff=False, then=0), default=1)
        since = models.Case(models.When(last_from_staff=False, then=models.F("last_at")))
        return self.order_by(waiting, since, "-last_at", "-id")


class Thread(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="threads", verbose_name="申报单位")
    application = models.OneToOneField(
        Application, models.CASCADE, null=True, related_name="thread", verbose_name="申报"
    )
    created_at = models.DateTimeField("创建时间")

    objects = ThreadQuerySet.as_manager()

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
