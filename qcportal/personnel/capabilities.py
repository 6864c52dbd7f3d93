"""权限一览: who may do what, in the secretariat's words.

Two tables. ``CAPABILITIES`` is declared, one line a thing that people do, with the address where it is done: a test
holds every cell against what that address answers. ``staff_rows`` is asked of the staff site itself.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.contrib import admin
from django.http import HttpRequest

from applications.models import MembershipRole
from qcportal.adminsite import StaffAdmin
from qcportal.models import User
from qcportal.roles import Role

# Column of the table -> column of tests/access, and its heading.
PEOPLE: dict[str, str] = {
    "own": str(MembershipRole.OWNER.label),
    "mgr": str(MembershipRole.MANAGER.label),
    "clk": str(MembershipRole.CLERK.label),
    "rec": str(Role.RECOMMENDER.label),
    "jdg": str(Role.JUDGE.label),
    "lead": str(Role.LEAD_JUDGE.label),
    "desk": str(Role.EVENT_STAFF.label),
    "secr": str(Role.SECRETARIAT.label),
    "audi": str(Role.AUDITOR.label),
}
MAY, NOT = "可以", "不可"


class Capability(NamedTuple):
    """``who`` may do it, of the columns of PEOPLE; ``address`` with ``method`` is where it is done."""

    area: str
    what: str
    who: frozenset[str]
    address: str
    method: str = "GET"
    note: str = ""

    def cells(self) -> list[str]:
        return [MAY if column in self.who else NOT for column in PEOPLE]

    def names(self) -> str:
        """For a phone, where nine columns do not fit."""
        return "、".join(name for column, name in PEOPLE.items() if column in self.who)


EVERYBODY = frozenset(PEOPLE)
ENTERPRISE = frozenset({"own", "mgr", "clk"})
MANAGING = frozenset({"own", "mgr"})
OWNER = frozenset({"own"})
STAFF = frozenset({"secr", "audi"})
SECRETARY = frozenset({"secr"})
UNIT, JUDGE = frozenset({"rec"}), frozenset({"jdg"})
JUDGES = frozenset({"jdg", "lead"})

CAPABILITIES = (
    Capability("公开", "查看通知、日程和公布的结果", EVERYBODY, "results", note="不登录也可以"),
    Capability("公开", "核验材料包和证书编码", EVERYBODY, "verify", note="不登录也可以"),
    Capability("本人", "修改本人信息，下载本人数据", EVERYBODY, "profile", "POST"),
    Capability("单位", "查看单位资料与成员", ENTERPRISE, "applications:enterprise", note="只限本单位"),
    Capability("单位", "修改单位资料", MANAGING, "applications:enterprise", "POST", "只限本单位"),
    Capability("单位", "邀请、停用成员，移交负责人", OWNER, "applications:people", "POST", "只限本单位"),
    Capability("申报", "新建申报", MANAGING, "applications:new", "POST"),
    Capability("申报", "填写附件 1、上传材料", ENTERPRISE, "applications:section", "POST", "填报人只限受邀的申报"),
    Capability("申报", "填写附件 2、附件 3", MANAGING, "applications:report_statistics", "POST"),
    Capability("申报", "核对并提交申报", MANAGING, "applications:submit", "POST", "秘书处不能代为提交"),
    Capability("申报", "确认秘书处代录的内容", MANAGING, "applications:entered", "POST", "秘书处不能代为确认"),
    Capability("申报", "撤回申报", MANAGING, "applications:withdraw", "POST"),
    Capability("申报", "查看单位的申报草稿", ENTERPRISE | STAFF, "applications:detail", note="填报人只限受邀的申报"),
    Capability("推荐", "出具推荐意见", UNIT, "applications:recommend_detail", "POST", "只限选定本单位的申报"),
    Capability("审查", "查看待审查的申报", STAFF, "admin:applications_check"),
    Capability("审查", "开始审查、作出决定", SECRETARY, "admin:applications_check_start", "POST"),
    Capability("审查", "签收纸质材料", SECRETARY, "admin:applications_check_paper", "POST"),
    Capability("审查", "代为录入单位发来的文件夹", SECRETARY, "admin:folders", "POST"),
    Capability("审查", "查看代录的文件夹", STAFF, "admin:folders"),
    Capability("年度", "查看年度一览与自查", STAFF, "admin:programme_year"),
    Capability("年度", "建立新年度", SECRETARY, "admin:programme_next", "POST"),
    Capability("年度", "修改期的日期", SECRETARY, "admin:programme_round", "POST", "有人填报后只能延长"),
    Capability("年度", "批准延期", SECRETARY, "admin:programme_extend", "POST", "写明理由，批准后不能收回"),
    Capability("年度", "改名、选填或隐藏填报项目", SECRETARY, "admin:programme_fields", "POST"),
    Capability("存档", "查看往年成果", STAFF, "admin:past_results"),
    Capability("存档", "导入往年成果名单", SECRETARY, "admin:past_results", "POST"),
    Capability("评审", "对分派的申报评分", JUDGE, "reviews:sheet", "POST", "回避优先，组长须另行分派"),
    Capability("评审", "查看本人的评审任务", JUDGES, "reviews:dashboard"),
    Capability("评审", "查看评审组的进度与离散", frozenset({"lead"}), "reviews:panel", note="只限本组"),
    Capability("评审", "分派评委", SECRETARY, "admin:reviews_assign", "POST", "任何人都不能修改评分"),
    Capability("评审", "查看分派与成绩", STAFF, "admin:reviews_ranking"),
    Capability("评审", "固定、公布成绩", SECRETARY, "admin:reviews_ranking", "POST"),
    Capability("活动", "查看尚未公布的活动安排", frozenset({"desk"}) | STAFF, "events:detail/hidden"),
    Capability("活动", "抽签、公布发表顺序", SECRETARY, "admin:events_event_order", "POST"),
    Capability("人员", "查看人员与角色、权限一览", STAFF, "admin:personnel_rights"),
    Capability("人员", "邀请人员，停用与恢复账号", SECRETARY, "admin:personnel", "POST"),
)  # fmt: skip


class StaffRow(NamedTuple):
    """One kind of row of the staff site: what secretariat and auditor may do with it, in words."""

    title: str
    secretariat: str
    auditor: str


def staff_rows() -> Iterator[StaffRow]:
    """Asked of the classes that decide, for a person who holds the role and nothing else."""
    found = [
        StaffRow(
            str(getattr(one, "nav_title", "") or model._meta.verbose_name),
            _words(one, Role.SECRETARIAT),
            _words(one, Role.AUDITOR),
        )
        for model, one in admin.site._registry.items()
        if isinstance(one, StaffAdmin)
    ]
    yield from sorted(found)


def _words(one: StaffAdmin, role: str) -> str:
    request = HttpRequest()
    request.user = _only(role)
    asked = (
        ("查看", one.has_view_permission(request)),
        ("新增", one.has_add_permission(request)),
        ("修改", one.has_change_permission(request)),
        ("删除", one.has_delete_permission(request)),
    )
    return "、".join(word for word, may in asked if may) or NOT


def _only(role: str) -> User:
    """Somebody who holds ``role`` and is nobody else: never saved."""
    person = User(pk=0, is_active=True, is_staff=True)
    person._role_codes = frozenset({role})  # type: ignore[attr-defined]
    return person
