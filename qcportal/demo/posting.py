"""A few letters in every state that a secretary meets, written as the past left them."""

from datetime import datetime, timedelta
from typing import Any

from applications.actions import check_letters
from applications.models import Application
from applications.states import State
from qcportal import mail
from qcportal.demo.filing import Filed
from qcportal.demo.source import Source
from qcportal.mail_models import BounceKind
from qcportal.models import MailKind, MailMessage, MailState, User

BOUNCED = "对方邮箱地址不存在，请核对地址。（5.1.1）"
CUT_OFF = "发送时中断，不知道对方是否收到。请先向对方确认，再决定是否重发。"


class Desk:
    def __init__(self, source: Source, owner: User) -> None:
        self.source, self.owner = source, owner

    def write(self, filed: list[Filed]) -> None:
        rows = [item.application for item in filed]
        returned = [row for row in rows if row.state == State.RETURNED]
        judged = [row for row in rows if row.state == State.IN_REVIEW]
        at = self.source.day(-1) + timedelta(hours=10, minutes=20)
        if returned:
            self._letter(
                returned[-1], "returned", at, state=MailState.BOUNCED, sent_at=at + timedelta(minutes=1),
                bounce=BounceKind.HARD, bounced_at=at + timedelta(minutes=3), error=BOUNCED,
            )  # fmt: skip
            self._letter(returned[0], "extended", at, state=MailState.HELD)
        if judged:
            unsure = self._letter(judged[-1], "accepted", at, state=MailState.UNSURE, error=CUT_OFF, sending_at=at)
            unsure.attempts.create(started_at=at, ended_at=at + timedelta(minutes=5), outcome="cut_off")
        self._short_message(at)

    def _letter(self, application: Application, letter: str, at: datetime, **more: Any) -> MailMessage:
        check = application.checks.exclude(outcome="").first()
        words = check_letters.compose(application, letter, check=check, reason=check.reason if check else "")
        body = check_letters.framed(application, words.body)
        return MailMessage.objects.create(
            kind=MailKind.LETTER, letter=f"check_{letter}", to=application.contact_email, subject=words.subject, body=body,
            created_at=at, about=mail.about(application), **more,
        )  # fmt: skip

    def _short_message(self, at: datetime) -> None:
        """What a short message looks like; the file of this channel has no line of it."""
        MailMessage.objects.create(
            kind=MailKind.NOTICE, channel="sms", letter="reminder", to="13900000000", recipient=self.owner,
            subject="距截止不足 7 天：1 项申报尚未提交", created_at=at, sent_at=at,
            body="【青海省质量协会】距截止不足 7 天：1 项申报尚未提交，详见 http://127.0.0.1:8000/applications/",
        )  # fmt: skip
