"""评委名单 from Excel, row by row: persons, their unit and their certificate; then all chosen rows at once."""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, BinaryIO, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from applications.imports.lists import Column, Line, read, template
from applications.validators import MOBILE, check_credit_code, check_person_name, normalise_credit_code, normalise_phone
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.personnel import inviting
from qcportal.roles import Role
from reviews.actions import expertise, recusing
from reviews.models import Judge

ROWS_AT_MOST = 200
COLUMNS = (
    Column("name", ("姓名", "评委姓名", "专家姓名"), 12, "韩志远"),
    Column("mobile", ("手机号码", "手机", "手机号", "联系电话", "电话", "移动电话"), 16, "13900000042"),
    Column(
        "email", ("电子邮箱", "邮箱", "Email", "E-mail", "电子邮件"), 28, "hzy@huguang.example", "邀请链接发到这里。"
    ),
    Column("employer_name", ("工作单位", "单位", "单位名称"), 34, "青海湖光盐化股份有限公司", "用于自动回避。"),
    Column("employer_code", ("单位信用代码", "统一社会信用代码", "信用代码"), 24, "", "有的填写，回避更准确。"),
    Column("expertise", ("专业领域", "专业", "行业", "专业行业", "从事专业"), 22, "化工工艺"),
    Column("title", ("职称", "职务职称", "职称职务"), 14, "高级工程师"),
    Column("certificate_level", ("评委证书等级", "证书等级", "评委等级", "等级"), 14, "一级"),
    Column("certificate_number", ("证书编号", "评委证书编号", "证书号"), 18, "QH-PW-021"),
    Column("certificate_valid_until", ("证书有效期至", "有效期至", "有效期", "证书有效期"), 16, "2028-12-31"),
)  # fmt: skip
LIMITS = {
    "employer_name": 100, "expertise": 200, "title": 60, "certificate_level": 40, "certificate_number": 60,
}  # fmt: skip
GUIDE = (
    "每行一位评委，姓名、电子邮箱、工作单位必填。列的顺序可以调换，也可以上传已有的名单。",
    "邮箱或手机号与平台上已有人员相同的，不会重复建立，只增加评委身份；已有的评委按本表更新单位和证书。",
    "确认后给新评委发邮件，内含一次性链接，用来设置密码，14 天内有效。",
)
_DATE = re.compile(r"(20\d\d)\D{1,3}(\d{1,2})(?:\D{1,3}(\d{1,2}))?")


class JudgeRow(NamedTuple):
    number: int
    values: dict[str, str]
    problems: list[str]
    known: str = ""  # an existing person: what happens to them instead


def parse(stream: BinaryIO) -> tuple[list[JudgeRow], list[str]]:
    found = read(stream, COLUMNS, frozenset({"name", "email", "employer_name"}), "评委名单")
    if len(found.lines) > ROWS_AT_MOST:
        raise Refusal(f"一次最多邀请 {ROWS_AT_MOST} 人，请分成几个文件。", "too_many")
    rows = [_row(line) for line in found.lines]
    return checked(rows), found.notices


def _row(line: Line) -> JudgeRow:
    texts = {key: re.sub(r"\s+", " ", text).strip() for key, text in line.texts.items()}
    problems = ["有公式，请粘贴为数值。"] if line.formulas else []
    values = {column.key: texts.get(column.key, "") for column in COLUMNS}
    values["email"] = values["email"].replace(" ", "").lower()
    values["mobile"] = re.sub(r"\D", "", normalise_phone(values["mobile"])).removeprefix("86")
    values["employer_code"] = normalise_credit_code(values["employer_code"])
    problems += _problems(values)
    values["certificate_valid_until"] = _date(values["certificate_valid_until"], problems)
    return JudgeRow(line.number, values, problems)


def _problems(values: dict[str, str]) -> list[str]:
    found = []
    try:
        check_person_name(values["name"])
    except ValueError as error:
        found.append(str(error) if values["name"] else "缺姓名。")
    try:
        validate_email(values["email"])
    except ValidationError:
        found.append("邮箱不正确。" if values["email"] else "缺邮箱，邀请链接发到邮箱。")
    if values["mobile"] and not MOBILE.match(values["mobile"]):
        found.append("手机号码应为 11 位。")
    if not values["employer_name"]:
        found.append("缺工作单位，自动回避要用。")
    if values["employer_code"]:
        try:
            check_credit_code(values["employer_code"])
        except ValueError as error:
            found.append(str(error))
    found += [
        f"{next(one.heads[0] for one in COLUMNS if one.key == key)}超过 {limit} 字。"
        for key, limit in LIMITS.items()
        if len(values[key]) > limit
    ]
    return found


def _date(text: str, problems: list[str]) -> str:
    """2028-12-31, 2028年12月31日, 2028.12: a month is good to its end, as certificates mean it."""
    if not text:
        return ""
    match = _DATE.search(text)
    try:
        if match is None:
            raise ValueError
        year, month = int(match[1]), int(match[2])
        if match[3]:
            return date(year, month, int(match[3])).isoformat()
        return (date(year + month // 12, month % 12 + 1, 1) - date.resolution).isoformat()
    except ValueError:
        problems.append(f"证书有效期“{text[:20]}”看不懂，请写成 2028-12-31。")
        return ""


def checked(rows: list[JudgeRow]) -> list[JudgeRow]:
    """Against each other and against the people there are: asked when the page is shown and when it is confirmed."""
    seen: dict[str, int] = {}
    answer = []
    for row in rows:
        problems = [one for one in row.problems if not one.startswith("与第")]
        twice = next((seen[key] for key in (row.values["email"], row.values["mobile"]) if key and key in seen), None)
        if twice is not None:
            problems.append(f"与第 {twice} 行的邮箱或手机号相同。")
        for key in filter(None, (row.values["email"], row.values["mobile"])):
            seen.setdefault(key, row.number)
        known = ""
        try:
            user = inviting.find(row.values["email"], row.values["mobile"])
        except Refusal as refusal:
            user = None
            problems.append(refusal.message)
        if user is not None:
            known = _known(user, row, problems)
        answer.append(row._replace(problems=list(dict.fromkeys(problems)), known=known))
    return answer


def _known(user: User, row: JudgeRow, problems: list[str]) -> str:
    if user.name and user.name != row.values["name"]:
        problems.append(f"邮箱或手机号是“{user.name}”的，姓名不同，请核对。")
    if not user.is_active:
        problems.append(f"{user} 的账号已停用，请先恢复。")
    return "已是评委，更新单位和证书" if Judge.objects.filter(user=user).exists() else "已有账号，增加评委身份"


class Imported(NamedTuple):
    invited: int
    updated: int


def confirm(rows: list[JudgeRow], *, actor: User, numbers: Collection[int], now: datetime) -> Imported:
    """The chosen rows are judges, all or none; new people and people without the role are mailed.

    Refused: everybody but the secretariat; a row with a problem, asked again at this moment.
    """
    inviting.require_secretariat(actor)
    try:
        with transaction.atomic(durable=True):
            chosen = [row for row in checked(rows) if row.number in numbers]
            if not chosen:
                raise Refusal("没有勾选任何一行。", "nothing")
            wrong = [row.number for row in chosen if row.problems]
            if wrong:
                raise Refusal(f"第 {'、'.join(map(str, wrong[:10]))} 行有错，所选各行都没有导入。", "wrong_rows")
            done = [_judge(row, actor, now) for row in chosen]
    except IntegrityError as error:
        raise Refusal("有人刚刚使用了同一邮箱或手机号，所选各行都没有导入，请再试。", "taken") from error
    return Imported(sum(done), len(done) - sum(done))


def _judge(row: JudgeRow, actor: User, now: datetime) -> bool:
    """True when the person was invited; False when a judge was only updated."""
    user = inviting.find(row.values["email"], row.values["mobile"])
    invited = user is None or not user.groups.filter(name=Role.JUDGE).exists()
    if invited:
        person = inviting.Invitee(row.values["name"], row.values["email"], row.values["mobile"])
        user = inviting.invite_in_transaction(person, Role.JUDGE, actor=actor, now=now).user
    assert user is not None  # noqa: S101 - invited above
    fields: dict[str, Any] = {
        name: row.values[name]
        for name in ("employer_name", "employer_code", *LIMITS)
        if row.values[name]
    }  # fmt: skip
    if row.values["certificate_valid_until"]:
        fields["certificate_valid_until"] = date.fromisoformat(row.values["certificate_valid_until"])
    judge, _created = Judge.objects.update_or_create(user=user, defaults={**fields, "is_active": True})
    expertise.take_from_words(judge)
    audit.record("judge.imported", judge, actor=actor, fields=sorted(fields))
    recusing.refresh_recusals(judge, actor=actor)
    return invited


def as_json(rows: list[JudgeRow]) -> list[dict[str, Any]]:
    return [row._replace(known="")._asdict() for row in rows]


def from_json(stored: list[dict[str, Any]]) -> list[JudgeRow]:
    return checked([JudgeRow(**one) for one in stored])


def workbook() -> bytes:
    return template("评委名单", COLUMNS, GUIDE)
