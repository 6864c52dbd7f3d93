"""Returned mail: delivery reports (RFC 3464) read from a mailbox or a folder and noted on the mail they are about.

A report names our Message-ID, which cannot be guessed; without it the mail is found by address and nothing else
would be certain, so such a report is left where it is. Reading the same report twice changes nothing.
"""

import email
import imaplib
import mailbox
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import Message
from email.policy import default as policy
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.db import transaction

from qcportal import audit, clock
from qcportal.models import MailMessage, MailState

_OUR_ID = re.compile(r"<qc\.\d+\.[0-9a-f]{16}@[^>\s]+>")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
MAX_BYTES = 2_000_000
COUNTS_FOR = timedelta(days=180)

# What the enhanced status code says (RFC 3463), in words that help to act.
REASONS = {
    "1.1": "对方邮箱地址不存在，请核对地址。",
    "1.2": "对方邮箱的域名不存在，请核对地址。",
    "1.3": "邮箱地址写法不正确，请核对地址。",
    "1.10": "对方域名不接收邮件，请换一个地址。",
    "2.1": "对方邮箱已停用，请换一个地址。",
    "2.2": "对方邮箱已满。",
    "2.3": "邮件超过对方允许的大小。",
    "4.1": "对方邮件服务器没有应答。",
    "4.4": "找不到对方的邮件服务器，请核对地址。",
    "4.7": "长时间送不到，已放弃。",
    "7.1": "对方服务器拒收，可能当作垃圾邮件，请对方把本平台地址加入白名单。",
    "7.26": "对方服务器没有通过发件人验证，请系统管理员检查 SPF、DKIM 设置。",
}
GROUPS = {
    "1": "对方邮箱地址有问题，请核对地址。",
    "2": "对方邮箱暂时不能接收。",
    "3": "对方邮件系统出错。",
    "4": "网络或路由问题，没有送到。",
    "5": "对方邮件系统不接受。",
    "6": "邮件格式不被接受。",
    "7": "对方按安全策略拒收。",
}


class Bounce(NamedTuple):
    message_id: str
    status: str  # such as 5.1.1
    is_hard: bool
    reason: str


def parse(raw: bytes) -> Bounce | None:
    """What a delivery report says about a mail of ours. None: not a report, a success or a delay, or not ours."""
    found = email.message_from_bytes(raw[:MAX_BYTES], policy=policy)
    fields = _status_fields(found)
    if fields.get("action", "failed").lower() in {"delivered", "relayed", "expanded", "delayed"}:
        return None
    message_id = _our_id(found)
    status = _STATUS.search(fields.get("status", "")) or _STATUS.search(fields.get("diagnostic-code", ""))
    if not message_id or status is None or status[1] == "2":
        return None
    code = f"{status[2]}.{status[3]}"
    reason = REASONS.get(code) or GROUPS.get(status[2], "对方邮件系统退回。")
    # A full mailbox says 5.2.2 with some servers: the address itself is right.
    is_hard = status[1] == "5" and code != "2.2"
    return Bounce(message_id, status[0], is_hard, f"{reason}（{status[0]}）")


def _status_fields(found: Message) -> dict[str, str]:
    """The fields of the first recipient's block of the delivery-status part."""
    for part in found.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            rows = [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []
            for row in rows:
                if row.get("Action") or row.get("Status"):
                    return {name.lower(): str(text) for name, text in row.items()}
    return {}


def _our_id(found: Message) -> str:
    """From the returned mail's own headers first; else from what the report refers to."""
    for part in found.walk():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                said = _OUR_ID.search(str(inner[0].get("Message-ID", "")))
                if said:
                    return said[0]
        elif part.get_content_type() == "text/rfc822-headers":
            said = _OUR_ID.search(str(part.get_payload()))
            if said:
                return said[0]
    referred = f"{found.get('In-Reply-To', '')} {found.get('References', '')} {found.get('X-Failed-Message-ID', '')}"
    said = _OUR_ID.search(referred)
    return said[0] if said else ""


def note(bounce: Bounce, *, now: datetime | None = None) -> MailMessage | None:
    """The mail is shown as returned, with the reason. Once: a hard bounce may follow a soft one, not the reverse."""
    with transaction.atomic():
        row = MailMessage.objects.select_for_update().filter(message_id=bounce.message_id).first()
        if row is None or row.bounce == "hard" or (row.bounce == "soft" and not bounce.is_hard):
            return None
        row.state, row.bounce = MailState.BOUNCED, "hard" if bounce.is_hard else "soft"
        row.bounced_at, row.error = now or clock.now(), bounce.reason[:300]
        row.sent_at = row.sent_at or row.sending_at or row.bounced_at
        row.save(update_fields=["state", "bounce", "bounced_at", "error", "sent_at"])
        audit.record("mail.bounced", row, actor=None, after={"status": bounce.status, "kind": row.bounce})
    return row


def returned(addresses: list[str]) -> dict[str, str]:
    """Of these addresses, those whose last mail came back for good, with the reason. Keys are in lower case."""
    wanted = {address.lower() for address in addresses if address}
    if not wanted:
        return {}
    rows = MailMessage.objects.filter(
        to__in=wanted | set(addresses), state__in=[MailState.SENT, MailState.BOUNCED],
        created_at__gt=clock.now() - COUNTS_FOR,
    )  # fmt: skip
    last: dict[str, tuple[str, str]] = {}
    for to, bounce, error in rows.order_by("sent_at", "pk").values_list("to", "bounce", "error"):
        last[to.lower()] = (bounce, error)
    return {to: error for to, (bounce, error) in last.items() if bounce == "hard"}


# --- Where reports come from ---------------------------------------------------------------------


class Read(NamedTuple):
    seen: int
    noted: int


def read(source: str, *, password: str = "") -> Read:
    """Every new report of ``source``: eml:/folder, mbox:/file, maildir:/folder, imaps://user@host/mailbox."""
    scheme, _colon, path = source.partition(":")
    readers: dict[str, Callable[[], Iterator[tuple[bytes, Callable[[], None]]]]] = {
        "eml": lambda: _from_folder(Path(path)),
        "mbox": lambda: _from_mbox(Path(path)),
        "maildir": lambda: _from_maildir(Path(path)),
        "imaps": lambda: _from_imap(source, password),
    }
    if scheme not in readers:
        raise ValueError(f"unknown source of bounces: {scheme}")
    seen = noted = 0
    for raw, done in readers[scheme]():
        seen += 1
        found = parse(raw)
        if found is not None:
            noted += note(found) is not None
        done()
    return Read(seen, noted)


def _from_folder(folder: Path) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """Files *.eml; each goes to the folder "done" beside them."""
    done = folder / "done"
    for path in sorted(folder.glob("*.eml")):
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES)
        done.mkdir(exist_ok=True)
        yield raw, lambda path=path: path.replace(done / path.name)  # type: ignore[misc]


def _from_mbox(path: Path) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """Left as it is: what was noted already is noted once."""
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key), lambda: None
    finally:
        box.close()


def _from_maildir(folder: Path) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """Messages without the mark "seen", which they get."""
    box = mailbox.Maildir(folder, create=False)
    for key in sorted(box.iterkeys()):
        held = box.get_message(key)
        if "S" in held.get_flags():
            continue

        def done(key: str = key, held: mailbox.MaildirMessage = held) -> None:
            held.set_subdir("cur")
            held.add_flag("S")
            box[key] = held

        yield box.get_bytes(key), done
    box.close()


def _from_imap(source: str, password: str) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """Unseen messages; each is marked as seen."""
    parts = urlsplit(source)
    with imaplib.IMAP4_SSL(parts.hostname or "", parts.port or 993, timeout=30) as box:
        box.login(unquote(parts.username or ""), password)
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        _answer, found = box.search(None, "UNSEEN")
        for number in found[0].split():
            _answer, data = box.fetch(number, "(BODY.PEEK[])")
            if data and isinstance(data[0], tuple):
                yield data[0][1], lambda number=number: box.store(number, "+FLAGS", "\\Seen")  # type: ignore[misc]
