"""Messages posted to a gateway. The contract is in docs/operations.md, "Short messages and WeCom".

POST <url>, JSON in UTF-8, with ``Idempotency-Key`` and, when a secret is set, ``X-QCPortal-Timestamp`` and
``X-QCPortal-Signature: sha256=<hex HMAC-SHA256 of "<timestamp>.<body>">``. 2xx is taken; 429 and 5xx are tried
again later; any other 4xx is final. For WeCom the body is that of a group robot, whose answer says ``errcode`` 0.
"""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Any

from qcportal import clock
from qcportal.channels import Note, Refused, Unsure
from qcportal.models import Channel

BUSY = 429
ANSWER_BYTES = 4000


class HttpBackend:
    def __init__(self, channel: str, said: dict[str, Any]) -> None:
        self.url = str(said.get("url", ""))
        self.secret = str(said.get("secret", ""))
        self.timeout = float(said.get("timeout", 10))
        # A gateway for short messages must honour the key (it is in the contract); a group robot does not.
        self.is_idempotent = channel != Channel.WECOM

    def send(self, note: Note) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise Refused("发送渠道没有配置网址，请系统管理员检查设置。", is_final=True)
        request = self.request(note)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310 -- http(s) only, above
                self._read(note, answer.read(ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            raise Refused(
                f"对方服务器答复 {error.code}。", is_final=error.code != BUSY and 400 <= error.code < 500
            ) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise Unsure("等待对方答复超时。") from error
            raise Refused(f"连接不上对方服务器（{type(error.reason).__name__}）。") from error
        except OSError as error:
            raise Unsure("连接中断，没有收到对方的答复。") from error

    def request(self, note: Note) -> urllib.request.Request:
        body = json.dumps(_body(note), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": note.key}
        if self.secret:
            stamp = str(int(clock.now().timestamp()))
            signature = hmac.new(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            headers |= {"X-QCPortal-Timestamp": stamp, "X-QCPortal-Signature": f"sha256={signature}"}
        return urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310 -- checked by send

    @staticmethod
    def _read(note: Note, answer: bytes) -> None:
        if note.channel != Channel.WECOM:
            return
        try:
            code = json.loads(answer or b"{}").get("errcode", 0)
        except (ValueError, AttributeError):
            return
        if code:
            raise Refused(f"企业微信答复错误代码 {code}。", is_final=code not in {-1, 45009})


def _body(note: Note) -> dict[str, Any]:
    if note.channel == Channel.WECOM:
        return {"msgtype": "text", "text": {"content": note.text}}
    return {"channel": note.channel, "to": note.to, "text": note.text, "key": note.key}
