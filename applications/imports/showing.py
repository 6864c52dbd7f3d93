"""Values as a person reads them on the review page."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from applications import statistics
from applications.models import Member, SpecialAward
from applications.topics import LABELS, TopicType


def shown_statistic(key: str, value: Any) -> str:
    """Counts with thousands separators, money in 万元 with its unit."""
    if value in (None, ""):
        return ""
    if key in statistics.MONEY:
        return f"{statistics.to_wan(value):,f} 万元"
    return f"{value:,} {statistics.BY_FIELD[key].unit}" if isinstance(value, int) else str(value)


def shown(key: str, value: Any) -> str:
    """A value of attachment 1 under its key."""
    if value in (None, "", []):
        return ""
    if key == "members":
        return "\n".join(_person(one) for one in value)
    if key == "completing_units":
        return "、".join(value)
    if key == "special_awards":
        return "、".join(SpecialAward.objects.filter(pk__in=value).values_list("name", flat=True))
    if key == "topic_type":
        return LABELS[TopicType(value)]
    if key in ("economic_benefit", "activity_cost"):
        return f"{statistics.to_wan(value):,f} 万元"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Decimal):
        return _plain(value)
    return str(getattr(value, "name", value)) if isinstance(value, models.Model) else str(value)


def _person(member: dict[str, Any]) -> str:
    roles = dict(Member.GroupRole.choices)
    genders = {"m": "男", "f": "女"}
    hours = member.get("training_hours")
    facts = [
        roles.get(member.get("group_role", ""), ""), genders.get(member.get("gender", ""), ""),
        member.get("education", ""), member.get("job_title", ""), member.get("duty", ""),
        f"{_plain(Decimal(hours))} 学时" if hours not in (None, "") else "",
    ]  # fmt: skip
    return f"{member['name']}（{'，'.join(str(fact) for fact in facts if fact)}）"


def _plain(value: Decimal) -> str:
    """48.0 as it is stored and 48 as it was read are the same."""
    return format(value.normalize(), "f")
