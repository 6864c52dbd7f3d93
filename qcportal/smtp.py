"""One mail to the mail server, so that afterwards it is certain whether it may have left."""

import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage, get_connection

from qcportal.channels import Refused, Unsure


def send(mail: EmailMessage, *, before_data: Callable[[], None]) -> None:
    """Returns when the server has accepted the mail. ``before_data`` is called when nothing can have left yet and the
    next step may hand the mail over: a process that dies after it leaves the outcome open.

    Raises Refused (certainly not taken) or Unsure (the answer to the text did not come).
    """
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(f"连接邮件服务器失败：{_words(error)}") from error
    given = _Given()
    try:
        _watch(connection, given, before_data)
        mail.connection = connection
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (550, b""))
        raise _refused(code, text) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        if given.is_given:
            raise Unsure("邮件交出后连接中断，没有收到邮件服务器的答复。") from error
        raise Refused(f"邮件服务器中断了连接：{_words(error)}") from error
    finally:
        _close(connection)


class _Given:
    is_given = False


def _watch(connection: Any, given: _Given, before_data: Callable[[], None]) -> None:
    """With SMTP the moment before DATA; any other backend takes mail in one step."""
    session = getattr(connection, "connection", None)
    if not isinstance(session, smtplib.SMTP):
        before_data()
        given.is_given = True
        return
    hand_over = session.data

    def watched(text: Any) -> Any:
        before_data()
        given.is_given = True
        return hand_over(text)

    session.data = watched  # type: ignore[method-assign, assignment]


def _close(connection: Any) -> None:
    """The mail is taken by now: a server that hangs up on QUIT changes nothing."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        connection.connection = None


def _refused(code: int, text: bytes | str) -> Refused:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Refused(f"邮件服务器拒收（{code}）：{words.strip()}"[:300], is_final=500 <= code < 600)


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()[:200]
