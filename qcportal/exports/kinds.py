"""What can be exported, by whom, and which of it holds personal data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from applications.models import Member
from qcportal.exports import lists
from qcportal.exports.books import corrections, duplicates, numbers
from qcportal.exports.lists import checking, filings, paper
from qcportal.exports.scope import Scope
from qcportal.exports.tables import Table
from qcportal.exports.trail import reads, search
from qcportal.models import User
from qcportal.roles import Role, has_role

STAFF = (Role.SECRETARIAT, Role.AUDITOR)
SECRETARIAT = (Role.SECRETARIAT,)
NEVER, ALWAYS, UNMASKED = "never", "always", "unmasked"  # when it holds personal data


@dataclass(frozen=True)
class Kind:
    """``make`` gives tables that read their rows when written; ``count`` says about how many there will be."""

    key: str
    title: str
    about: str
    make: Callable[[Scope], list[Table]]
    count: Callable[[Scope], int]
    roles: Sequence[str] = STAFF
    personal: str = NEVER
    on_form: bool = True  # chosen on the page 导出与台账; the others have a button on their own page
    needs_year: bool = True

    def allowed(self, user: User) -> bool:
        return has_role(user, *self.roles)

    def holds_personal(self, scope: Scope) -> bool:
        return self.personal == ALWAYS or (self.personal == UNMASKED and scope.unmasked)


def _filed(scope: Scope) -> int:
    return scope.applications().count()


def _members(scope: Scope) -> int:
    return Member.objects.filter(application__in=scope.applications()).count()


def _applications(scope: Scope) -> list[Table]:
    return [lists.applications(filings.in_order(scope.applications()), notes=(scope.label,))]


def _scores(scope: Scope) -> int:
    """A handful of sheets with eight items for each filing: an estimate is enough to know who builds it."""
    return 40 * _filed(scope)


ALL: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("applications", "申报一览", "每份申报一行，不含电话", _applications, _filed),
        Kind("members", "小组成员名单", "姓名、文化程度、职务和分工；须写明用途", lists.members, _members,
             roles=SECRETARIAT, personal=ALWAYS),
        Kind("contacts", "联系人名单", "单位、负责人和申报联系人；电话默认作掩码", lists.contacts,
             lambda scope: 4 * _filed(scope), personal=UNMASKED),
        Kind("scores", "评分表", "已提交的评分表和逐项得分，只供秘书处", lists.scores, _scores, roles=SECRETARIAT),
        Kind("results", "获奖与结果", "已公布的排名和等级", lists.results, lambda scope: 0),
        Kind("papers", "纸质件状态", "打印件、扫描件和签收", lists.papers, lambda scope: paper.parts(scope).count()),
        Kind("remarks", "审查意见", "每次审查的意见和单位答复", lists.remarks,
             lambda scope: 3 * checking.checks(scope).count()),
        Kind("numbers", "文件编号簿", "发出过的每个编号", numbers.tables, _filed, on_form=False),
        Kind("duplicates", "重复清单", "同一文件、相近课题、同名成员", duplicates.tables, _filed, on_form=False),
        Kind("corrections", "补正史", "每次退回和补正", corrections.tables, corrections.count, on_form=False),
        Kind("trail", "审计记录", "按条件查得的审计记录", search.tables, search.count, on_form=False, needs_year=False),
        Kind("reads", "查看记录", "谁看过什么", reads.tables, reads.count, on_form=False, needs_year=False),
    )
}  # fmt: skip

ARCHIVE = "archive"
ARCHIVE_TITLE = "整年电子档案"


def for_form(user: User) -> list[Kind]:
    return [kind for kind in ALL.values() if kind.on_form and kind.allowed(user)]
