"""小组成员 and 联系人: lists that hold personal data, and say so in their second line."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef

from applications.models import Application, Enterprise, Member, Membership, MembershipRole
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Column, Table
from qcportal.templatetags.portal import mask_email, mask_phone

CHUNK = 500
NOTICE = "内含个人信息，仅限所写用途使用；用后删除，不得转发。"
MASKED = "电话和邮箱已作掩码。"
MEMBER_COLUMNS = [
    Column("文件编号", 15), Column("期", 9), Column("单位名称", 32), Column("小组名称", 20), Column("序号", 7, "whole"),
    Column("姓名", 12), Column("性别", 7), Column("文化程度", 12), Column("职务、职称", 16), Column("组内职务", 10),
    Column("组内分工", 28), Column("学时", 9, "points"),
]  # fmt: skip
CONTACT_COLUMNS = [
    Column("单位名称", 32), Column("统一社会信用代码", 21), Column("所在市（州）", 13), Column("身份", 12),
    Column("姓名", 12), Column("电话", 15), Column("电子邮箱", 28), Column("文件编号", 15), Column("小组名称", 20),
]  # fmt: skip


def members(scope: Scope) -> list[Table]:
    """Of everything filed in the scope, in the order of the form."""
    return [Table("小组成员名单", MEMBER_COLUMNS, _member_rows(scope), [scope.label, NOTICE])]


def _member_rows(scope: Scope) -> Iterator[list[Any]]:
    rows = Member.objects.filter(application__in=scope.applications()).select_related("application__enterprise")
    rows = rows.select_related("application__enterprise", "application__round__programme")
    for row in rows.order_by("application__file_number", "position", "pk").iterator(chunk_size=CHUNK):
        filing = row.application
        said = {
            "gender": row.get_gender_display(), "education": row.education, "job_title": row.job_title,  # type: ignore[attr-defined]
            "group_role": row.get_group_role_display(), "duty": row.duty, "training_hours": row.training_hours,  # type: ignore[attr-defined]
        }  # fmt: skip
        asked = filing.fields.member(said)  # what stands in a column that this year does not ask for stays behind
        about = [filing.file_number, filing.round.label, filing.enterprise.name, filing.group_name]
        yield [*about, row.position, row.name, *(asked.get(name, "") for name in said)]


def contacts(scope: Scope) -> list[Table]:
    """Of each enterprise that filed: its own contact, its owner, the contact of each filing."""
    notice = NOTICE if scope.unmasked else MASKED
    return [Table("联系人名单", CONTACT_COLUMNS, _contact_rows(scope), [scope.label, notice])]


def _contact_rows(scope: Scope) -> Iterator[list[Any]]:
    shown = _shown if scope.unmasked else _masked
    filed = scope.applications()
    units = Enterprise.objects.filter(Exists(filed.filter(enterprise=OuterRef("pk")))).order_by("name", "pk")
    owners = _owners()
    filings = filed.order_by("enterprise__name", "enterprise_id", "file_number").select_related("enterprise")
    walk = filings.iterator(chunk_size=CHUNK)
    filing = next(walk, None)
    for unit in units.iterator(chunk_size=CHUNK):
        about = [unit.name, unit.credit_code, unit.city_label]
        yield [*about, "单位联系人", unit.contact_name, *shown(unit.contact_phone, unit.contact_email), "", ""]
        for owner in owners.get(unit.pk, []):
            yield [*about, "单位负责人", str(owner), *shown(owner.mobile or "", owner.email), "", ""]
        while filing is not None and filing.enterprise_id == unit.pk:
            yield [*about, "申报联系人", filing.contact_name, *_of_filing(filing, shown)]
            filing = next(walk, None)


def _of_filing(filing: Application, shown: Any) -> list[Any]:
    return [*shown(filing.contact_phone, filing.contact_email), filing.file_number, filing.group_name]


def _owners() -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows = Membership.objects.active().filter(role=MembershipRole.OWNER).select_related("user").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        found.setdefault(row.enterprise_id, []).append(row.user)
    return found


def _shown(phone: str, email: str) -> list[str]:
    return [phone, email]


def _masked(phone: str, email: str) -> list[str]:
    """Short numbers too: a list that says it is masked shows none."""
    return [mask_phone(phone) if len(phone) >= 8 else "****" * bool(phone), mask_email(email)]
