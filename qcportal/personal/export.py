"""Everything the portal knows about one person with an account, as a workbook they can read."""

import io
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from applications.exchange import safe_text
from applications.models import Application, Consent, JoinRequest, Membership, Message, SubmitAttempt
from qcportal import audit_labels
from qcportal.models import AuditEvent, MailMessage, PersonalDataRequest, User
from qcportal.roles import Role, roles_of

Rows = Iterable[list[Any]]


def workbook(user: User) -> bytes:
    """One sheet a kind. Codes, password hashes and secrets of the second factor are not data to hand out."""
    book = Workbook(write_only=True)
    for title, rows in [
        ("账号", _account(user)),
        ("单位与身份", _memberships(user)),
        ("参与填报的申报", _applications(user)),
        ("同意记录", _consents(user)),
        ("提交记录", _attempts(user)),
        ("留言", _messages(user)),
        ("收到的通知", _letters(user)),
        ("个人信息请求", _requests(user)),
        ("操作记录", _actions(user)),
    ]:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([safe_text(value) if isinstance(value, str) else value for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _moment(at: Any) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _account(user: User) -> Rows:
    roles = "、".join(str(role.label) for role in Role if role in roles_of(user))
    yield ["项目", "内容"]
    yield ["登录名", user.username]
    yield ["姓名", user.name]
    yield ["手机号码", user.mobile or ""]
    yield ["邮箱", user.email]
    yield ["邮箱验证时间", _moment(user.email_verified_at)]
    yield ["平台角色", roles]
    yield ["注册时间", _moment(user.date_joined)]
    yield ["最近登录", _moment(user.last_login)]
    judge = getattr(user, "judge", None)
    if judge is not None:
        for field in judge._meta.concrete_fields:
            if field.name not in {"id", "user"}:
                yield [f"评委·{field.verbose_name}", str(getattr(judge, field.name) or "")]
        yield ["评委·专业领域", "、".join(judge.expertise_fields.values_list("name", flat=True))]
        for told in judge.relations.order_by("pk"):
            words = filter(None, (told.get_kind_display(), told.unit_name, told.group_name, told.note))
            yield ["评委·申报的关系", f"{'，'.join(words)}（{_moment(told.declared_at)}）"]


def _memberships(user: User) -> Rows:
    yield ["单位", "身份", "是否在职", "时间"]
    for row in Membership.objects.filter(user=user).select_related("enterprise"):
        yield [row.enterprise.name, row.get_role_display(), "是" if row.is_active else "否", _moment(row.created_at)]  # type: ignore[attr-defined]
    for asked in JoinRequest.objects.filter(user=user):
        # The enterprise's name is told only to those who were let in.
        yield ["（申请加入）", asked.get_state_display(), asked.reason, _moment(asked.created_at)]  # type: ignore[attr-defined]


def _applications(user: User) -> Rows:
    yield ["期", "小组", "文件编号", "状态"]
    rows = Application.objects.visible_to(user) if user.memberships.exists() and not user.is_staff else ()
    for row in rows:
        yield [str(row.round_id), row.display_name, row.file_number or "", row.public_state_label]


def _consents(user: User) -> Rows:
    yield ["事项", "文本版本", "时间", "IP 地址"]
    for row in Consent.objects.filter(user=user):
        yield [row.get_kind_display(), row.version, _moment(row.at), row.ip or ""]  # type: ignore[attr-defined]


def _attempts(user: User) -> Rows:
    yield ["申报", "到达时间", "结果", "答复"]
    for row in SubmitAttempt.objects.filter(user=user).select_related("application"):
        yield [row.application.display_name, _moment(row.arrived_at), row.outcome, row.message]


def _messages(user: User) -> Rows:
    yield ["时间", "内容"]
    for row in Message.objects.filter(author=user):
        yield [_moment(row.created_at), row.body]


def _letters(user: User) -> Rows:
    yield ["时间", "发到", "主题", "正文"]
    for row in MailMessage.objects.letters().filter(recipient=user):
        yield [_moment(row.created_at), row.to, row.subject, row.body]


def _requests(user: User) -> Rows:
    yield ["提出时间", "事项", "内容", "状态", "答复"]
    for row in PersonalDataRequest.objects.filter(user=user):
        yield [_moment(row.created_at), row.get_kind_display(), row.text, row.get_state_display(), row.answer]  # type: ignore[attr-defined]


def _actions(user: User) -> Rows:
    yield ["时间", "操作", "对象", "IP 地址"]
    for row in AuditEvent.objects.filter(actor=user).order_by("id").iterator(chunk_size=500):
        yield [_moment(row.at), audit_labels.label(row.verb), row.target_label, row.ip or ""]
