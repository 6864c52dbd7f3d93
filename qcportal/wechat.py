"""A letter as a short message: for copying into WeChat, for SMS and for a group."""

import re

from qcportal.models import MailMessage

SIGNATURE = "【青海省质量协会】"
LENGTH, SMS_LENGTH = 400, 180
_ADDRESS = re.compile(r"https?://\S+")
# Lines that only make sense in a mail.
_MAIL_ONLY = re.compile(r"^(本邮件由系统自动发出|请勿直接回复本邮件|SHA-256|签名回执码)")


def text(message: MailMessage) -> str:
    """Signature, subject, the first paragraphs, and the link on a line of its own, where a phone makes it a link."""
    link = _link(message.body)
    words = _words(message.body, LENGTH)
    parts = [f"{SIGNATURE}{message.subject}", words, f"查看：{link}" if link else ""]
    return "\n\n".join(part for part in parts if part)


def sms(message: MailMessage) -> str:
    """One short message: subject and link; the portal tells the rest."""
    link = _link(message.body)
    room = SMS_LENGTH - len(SIGNATURE) - len(link) - 6
    subject = message.subject if len(message.subject) <= room else f"{message.subject[: room - 1]}…"
    return f"{SIGNATURE}{subject}{'，详见 ' + link if link else ''}"


def _link(body: str) -> str:
    """The link to act on: the last one, since letters end with it."""
    found = _ADDRESS.findall(body)
    return found[-1].rstrip("。；，)）") if found else ""


def _words(body: str, length: int) -> str:
    lines = []
    for line in body.splitlines():
        line = line.strip()
        if not line or _MAIL_ONLY.match(line) or _ADDRESS.fullmatch(line):
            continue
        line = _ADDRESS.sub("", line).rstrip("：: ") if _ADDRESS.search(line) else line
        if line and line not in {"查看", "查看与办理", "查看与下载", "核对版本"}:
            lines.append(line)
    words = "\n".join(lines)
    if len(words) <= length:
        return words
    return words[: length - 1].rsplit("\n", 1)[0].rstrip("，。；、") + "……（全文见链接）"
