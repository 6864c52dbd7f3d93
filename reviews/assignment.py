"""Who may not judge what: conflicts of interest by employer, completing unit, group and declared relation.

This is the one rule; reviews.conflicts asks it for the board, proposals, pages and files. Pure Python.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from applications.validators import comparable_name

# Shorter remainders ("青海", "电力") stand in too many names to mean anything.
SHORTEST_CONTAINED = 4
_SIGNS = re.compile(r"[()\[\]{}<>《》“”\"'·.,、，。\-_—/&]")


class Conflict(StrEnum):
    """The automatic kinds of reviews.models.RecusalKind."""

    EMPLOYER = "employer"
    COMPLETING_UNIT = "completing_unit"
    PARENT_GROUP = "parent_group"
    COACHED = "coached"
    RELATION = "relation"


@dataclass(frozen=True)
class Relation:
    """What a judge declared about a unit, or about one group of it."""

    unit_name: str
    unit_code: str = ""
    group_name: str = ""
    coached: bool = False


@dataclass(frozen=True)
class JudgeFacts:
    employer_name: str
    employer_code: str = ""
    parent_group: str = ""
    belongs_to: Collection[int] = field(default=())  # enterprises in which the judge has a login
    relations: Collection[Relation] = field(default=())


@dataclass(frozen=True)
class UnitFacts:
    enterprise_id: int
    names: Collection[str]  # the enterprise's name and its name on the certificate
    credit_code: str = ""
    parent_group: str = ""
    completing_units: Collection[str] = field(default=())
    group_names: Collection[str] = field(default=())  # of the QC group, as it stands and as it was frozen


@lru_cache(maxsize=4096)  # a board compares every judge with every filing
def comparable(name: str) -> str:
    """Brackets and signs away, so that 湖光（集团）公司 and 湖光集团公司 are the same."""
    return _SIGNS.sub("", comparable_name(name))


def same_unit(one: str, other: str) -> bool:
    """Equal after normalisation, or one contains the other (a branch carries its company's name)."""
    first, second = sorted((comparable(one), comparable(other)), key=len)
    if not first:
        return False
    return first == second or (len(first) >= SHORTEST_CONTAINED and first in second)


def conflict(judge: JudgeFacts, unit: UnitFacts) -> Conflict | None:
    """Why this judge must not score this unit's filing, or None (domain.md 2.4: 回避).

    By credit code, by membership, by name of employer, completing unit or parent group, by what the judge declared.
    """
    if judge.employer_code and judge.employer_code == unit.credit_code:
        return Conflict.EMPLOYER
    if unit.enterprise_id in judge.belongs_to:
        return Conflict.EMPLOYER
    if any(same_unit(judge.employer_name, name) for name in unit.names):
        return Conflict.EMPLOYER
    if any(same_unit(judge.employer_name, name) for name in unit.completing_units):
        return Conflict.COMPLETING_UNIT
    if _same_group(judge, unit):
        return Conflict.PARENT_GROUP
    for relation in judge.relations:
        if _touches(relation, unit):
            return Conflict.COACHED if relation.coached else Conflict.RELATION
    return None


def _touches(relation: Relation, unit: UnitFacts) -> bool:
    """The unit by code or name; where one group was named, only this one."""
    same = (relation.unit_code and relation.unit_code == unit.credit_code) or any(
        same_unit(relation.unit_name, name) for name in [*unit.names, *unit.completing_units]
    )
    if not same or not relation.group_name:
        return bool(same)
    return any(comparable(relation.group_name) == comparable(name) for name in unit.group_names)


def _same_group(judge: JudgeFacts, unit: UnitFacts) -> bool:
    own = [name for name in (judge.parent_group,) if name]
    theirs = [name for name in (unit.parent_group,) if name]
    return (
        any(same_unit(group, other) for group in own for other in theirs)
        or any(same_unit(group, name) for group in own for name in [*unit.names, *unit.completing_units])
        or any(same_unit(group, judge.employer_name) for group in theirs)
    )
