"""留言 between the secretariat and an enterprise."""

from datetime import datetime

from django.db import transaction

from applications.models import Application, Association, Membership, MembershipRole, Message, Thread
from qcportal import audit, clock, mail
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import MailKind, User
from qcportal.roles import Role, has_role

BODY_LENGTH = 4000


def thread_for(application: Application) -> Thread:
    """The one thread of an application, made when it is first needed."""
    thread, _created = Thread.objects.get_or_create(
        application=application, defaults={"enterprise": application.enterprise, "created_at": clock.now()}
    )
    return thread


def post_message(thread: Thread, *, author: User | None, body: str, from_staff: bool, tell: bool = True) -> Message:
    """A message stands in the thread; the other side is told by mail.

    ``author`` None is the system, which speaks for the secretariat. Refused: an empty or too long text; for
    staff anyone but the secretariat, else anyone who may not see the thread as a member. With ``tell`` False
    no mail is sent (a return letter says the same already); the association gets one mail per batch of
    unread messages.
    """
    body = body.strip()
    if not body:
        raise Refusal("请填写留言内容。", "empty")
    if len(body) > BODY_LENGTH:
        raise Refusal(f"留言最多 {BODY_LENGTH} 字，现为 {len(body)} 字。", "too_long")
    with transaction.atomic():
        _require_may_write(thread, author, from_staff)
        waiting = thread.messages.filter(from_staff=from_staff, read_at=None).exists()
        message = Message.objects.create(
            thread=thread, author=author, body=body, from_staff=from_staff, created_at=clock.now()
        )
        audit.record("message.posted", thread, actor=author, from_staff=from_staff, message=message.pk)
        if tell:
            _tell_enterprise(message) if from_staff else _tell_association(message, waiting)
    return message


def _require_may_write(thread: Thread, author: User | None, from_staff: bool) -> None:
    if from_staff:
        if author is not None and not has_role(author, Role.SECRETARIAT):
            raise NotAllowed("只有秘书处可以代表协会留言。")
    elif author is None or not Thread.objects.of_member(author).filter(pk=thread.pk).exists():
        raise NotAllowed


def _tell_enterprise(message: Message) -> None:
    """To the managers, and to the 填报人 of the application."""
    thread = message.thread
    people = Membership.objects.active().filter(enterprise=thread.enterprise_id).select_related("user")
    clerks = set(thread.application.clerks.values_list("pk", flat=True)) if thread.application else set()
    for person in people:
        if person.role != MembershipRole.CLERK or person.user_id in clerks:
            mail.queue_template(
                kind=MailKind.LETTER, to=person.user.email, template="message", context={"message": message},
                private=True,  # the portal shows the message itself
            )  # fmt: skip


def _tell_association(message: Message, waiting: bool) -> None:
    association = Association.objects.first()
    if association is not None and not waiting:
        mail.queue_template(
            kind=MailKind.NOTICE, to=association.email, template="message_to_staff", context={"message": message}
        )


def mark_read(thread: Thread, *, by: User, now: datetime) -> int:
    """What the other side wrote counts as read by this side from now on. Returns how many messages.

    An auditor looks without leaving a trace; only secretariat and members read for their side.
    """
    if Thread.objects.of_member(by).filter(pk=thread.pk).exists():
        unread = thread.messages.filter(from_staff=True, read_at=None)
    elif has_role(by, Role.SECRETARIAT):
        unread = thread.messages.filter(from_staff=False, read_at=None)
    else:
        return 0
    return unread.update(read_at=now)
