"""When and how mail may leave: the rules that the secretariat sets, quiet hours, who wants what."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from qcportal.models import MailPreference, SendingRules, User

BY_PERSON = "person"
# Before a deadline: whole days, and hours of the last day.
DEFAULT_REMINDERS: dict[str, dict[str, Any]] = {
    "draft": {"on": True, "days": [14, 7, 3, 1], "hours": [3]},
    "correction": {"on": True, "days": [5, 2, 1], "hours": [3]},
    "scan": {"on": True, "days": [3, 1], "hours": []},
    "paper": {"on": True, "days": [3, 1], "hours": []},
}
# So near to its deadline a reminder does not wait for the end of the quiet hours.
PRESSING = timedelta(hours=12)


def defaults() -> SendingRules:
    return SendingRules(
        pk=1, quiet_from=time(21, 30), quiet_to=time(7, 30), digest_at=time(8, 30), holds={}, reminders={}, channels={}
    )


def rules() -> SendingRules:
    """What the secretariat set, or the defaults (docs/decisions/0017)."""
    return SendingRules.objects.filter(pk=1).first() or defaults()


class Steps(NamedTuple):
    """When one kind of reminder goes, before the moment that something is due."""

    is_on: bool
    days: list[int]
    hours: list[int]

    @property
    def spans(self) -> list[timedelta]:
        return [*(timedelta(days=each) for each in self.days), *(timedelta(hours=each) for each in self.hours)]


def steps(found: SendingRules, occasion: str) -> Steps:
    said = {**DEFAULT_REMINDERS[occasion], **found.reminders.get(occasion, {})}
    return Steps(bool(said["on"]), list(said["days"]), list(said["hours"]))


def hold(found: SendingRules, code: str, now: datetime) -> tuple[bool, datetime | None]:
    """Whether a letter of this code waits, and until when; no moment: until a person sends it."""
    said = found.holds.get(code)
    if said == BY_PERSON:
        return True, None
    return (True, now + timedelta(minutes=int(said))) if said else (False, None)


# --- Quiet hours ---------------------------------------------------------------------------------


def quiet_until(found: SendingRules, now: datetime) -> datetime | None:
    """The end of the quiet hours that ``now`` falls into, or None."""
    if not found.quiet_on or found.quiet_from == found.quiet_to:
        return None
    local = timezone.localtime(now)
    at = local.time()
    over_midnight = found.quiet_from > found.quiet_to
    inside = (
        (at >= found.quiet_from or at < found.quiet_to) if over_midnight else found.quiet_from <= at < found.quiet_to
    )
    if not inside:
        return None
    day = local.date() + timedelta(days=1) if over_midnight and at >= found.quiet_from else local.date()
    return datetime.combine(day, found.quiet_to, tzinfo=timezone.get_default_timezone())


# --- People --------------------------------------------------------------------------------------


def declined(users: Iterable[int], what: str) -> set[int]:
    """Of these people, who switched ``what`` ("reminders", "digest") off."""
    return set(MailPreference.objects.filter(user__in=list(users), **{what: False}).values_list("user", flat=True))


def sms_number(user: User | None) -> str:
    """The mobile number of somebody who asked for short messages, else ''."""
    if user is None or not user.mobile:
        return ""
    return user.mobile if MailPreference.objects.filter(user=user, sms=True).exists() else ""


def channels_of(found: SendingRules, code: str) -> list[str]:
    """The further channels of a letter, of those that this installation has."""
    return [name for name in found.channels.get(code, []) if settings.CHANNELS.get(name, {}).get("backend")]
