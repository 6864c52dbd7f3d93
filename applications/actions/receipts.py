"""The receipt by mail: with the submission itself, and again when somebody asks for it."""

from datetime import timedelta

from django.db import transaction

from applications import receipts
from applications.models import Application, Membership, Submission
from qcportal import audit, clock, mail
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailKind, User

VERB = "application.receipt_sent"
PAUSE = timedelta(minutes=10)
A_DAY = 5


def send(application: Application, submission: Submission, actor: User) -> list[str]:
    """To the application's contact and to ``actor``, once each. Inside the caller's transaction."""
    addresses = list(dict.fromkeys(filter(None, [application.contact_email.lower(), actor.email.lower()])))
    context = {"application": application, "submission": submission, "round": application.round}
    for address in addresses:
        mail.queue_template(
            kind=MailKind.RECEIPT,
            to=address,
            template="receipt",
            about_row=application,
            context={**context, **receipts.mail_context(submission)},
        )
    return addresses


def resend(application: Application, *, actor: User) -> list[str]:
    """The receipt of the latest version goes out again.

    Refused: strangers, sooner than 10 minutes after the last time, more than 5 a day.
    """
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=application.pk)
        if not Membership.objects.active().filter(enterprise=application.enterprise_id, user=actor).exists():
            raise NotAllowed
        submission = application.submissions.select_related("report_version").order_by("-version").first()
        if submission is None:
            raise Refusal("还没有提交过，没有回执可发。", "never_submitted")
        now = clock.now_in_transaction()
        sent = AuditEvent.objects.filter(
            verb=VERB, target_type=application._meta.label_lower, target_id=str(application.pk),
            at__gt=now - timedelta(days=1),
        ).order_by("-at")  # fmt: skip
        times = list(sent.values_list("at", flat=True)[:A_DAY])
        if times and times[0] > now - PAUSE:
            raise Refusal("回执邮件刚刚发送过，请先查看垃圾邮件箱，10 分钟后可以再次发送。", "too_soon")
        if len(times) >= A_DAY:
            raise Refusal(f"一天内最多重发 {A_DAY} 次，请直接下载电子回执，或联系秘书处。", "too_many")
        addresses = send(application, submission, actor)
        audit.record(VERB, application, actor=actor, after={"version": submission.version})
    return addresses
