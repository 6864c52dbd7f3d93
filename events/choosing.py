"""Whom a rule would take into the shortlist: the first so many by document rank, of all or of each type or field.

Reads only; the same plan is shown before and computed again when it is confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from applications import codes
from applications.models import Application
from applications.models.enterprises import Industry
from events.models import Event, ShortlistBasis
from qcportal.errors import Refusal
from reviews import standings

ALL = ""


def _all(_application: Application) -> tuple[str, str]:
    return ALL, "全部"


def _type(application: Application) -> tuple[str, str]:
    return application.topic_type, application.topic_type_label


def _industry(application: Application) -> tuple[str, str]:
    code = application.enterprise.industry
    return code or "none", Industry(code).label if code else "未填行业"


def _city(application: Application) -> tuple[str, str]:
    return application.enterprise.city or "none", application.enterprise.city_label or "未填市（州）"


GROUPINGS: dict[str, tuple[str, Callable[[Application], tuple[str, str]]]] = {
    "rank": ("按名次，全部小组一起", _all),
    "type": ("按课题类型分配名额", _type),
    "industry": ("按行业分配名额", _industry),
    "city": ("按市（州）分配名额", _city),
}


@dataclass(frozen=True)
class Candidate:
    application: Application
    rank: int
    is_listed: bool  # before this plan


@dataclass
class Group:
    """All ranked groups of one type or field, the quota given to it and who gets in."""

    key: str
    label: str
    quota: int = 0
    candidates: list[Candidate] = field(default_factory=list)
    chosen: list[Candidate] = field(default_factory=list)

    @property
    def added(self) -> list[Candidate]:
        return [one for one in self.chosen if not one.is_listed]

    @property
    def sentence(self) -> str:
        text = f"{self.label}：名额 {self.quota} 个，有资料名次的 {len(self.candidates)} 组，取 {len(self.chosen)} 组"
        if len(self.chosen) > self.quota:
            text += f"（第 {self.chosen[-1].rank} 名并列，一并列入）"
        listed = len(self.chosen) - len(self.added)
        return text + (f"，其中 {listed} 组已在名单中" if listed else "") + "。"


@dataclass(frozen=True)
class Plan:
    by: str
    groups: list[Group]

    @property
    def added(self) -> list[Candidate]:
        return sorted((one for group in self.groups for one in group.added), key=lambda one: one.rank)

    @property
    def basis(self) -> str:
        return ShortlistBasis.RANK if self.by == "rank" else ShortlistBasis.QUOTA

    @property
    def rule(self) -> str:
        quotas = "、".join(f"{group.label} {group.quota}" for group in self.groups if group.quota)
        return f"{GROUPINGS[self.by][0]}：{quotas}"[:300]

    @property
    def seal(self) -> str:
        """What the confirmation carries: it holds for exactly these groups in these places."""
        return codes.digest([[str(one.application.uuid), one.rank] for one in self.added])


def groups_of(event: Event, by: str) -> list[Group]:
    """The groups that quotas may be given to, with their candidates in order. Refused without a round."""
    if event.round is None:
        raise Refusal("本活动没有对应的期，不能按名次列入。", "no_round")
    listed = set(event.shortlist.values_list("application_id", flat=True))
    group_of = GROUPINGS[by][1]
    found: dict[str, Group] = {}
    for application, rank in standings.document_ranks(event.round):
        key, label = group_of(application)
        group = found.setdefault(key, Group(key, label))
        group.candidates.append(Candidate(application, rank, application.pk in listed))
    return sorted(found.values(), key=lambda group: group.label)


def plan(event: Event, by: str, quotas: Mapping[str, int]) -> Plan:
    """The first ``quotas`` of each group; those sharing the last place get in together."""
    groups = groups_of(event, by)
    for group in groups:
        group.quota = quotas.get(group.key, 0)
        if group.quota and group.candidates:
            edge = group.candidates[min(group.quota, len(group.candidates)) - 1].rank
            group.chosen = [one for one in group.candidates if one.rank <= edge]
    return Plan(by, groups)
