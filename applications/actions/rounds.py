"""The dates of a round, once people know them: longer only, with a reason, and never in silence."""

from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from applications.actions import extending
from applications.actions.rights import require_secretariat
from applications.models import Application, Extension, Round
from qcportal import audit, clock
from qcportal.clock import half_open_label
from qcportal.errors import Refusal
from qcportal.models import User

FIELDS = ("opens_at", "closes_at", "stamped_due_at", "paper_due_at", "event_month", "email_still_required")


class Dates(NamedTuple):
    """A round as typed. ``closes_at`` is the deadline as it holds now, extensions of the whole round included."""

    opens_at: datetime
    closes_at: datetime
    stamped_due_at: datetime
    paper_due_at: datetime
    event_month: str
    email_still_required: bool


class Changed(NamedTuple):
    fields: list[str]
    extension: Extension | None


class Wrong(Refusal):
    """Refused because of single fields: ``errors`` by name."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("请改正标出的日期。", "wrong_dates")
        self.errors = errors


def is_relied_on(round_: Round, at: datetime) -> bool:
    """Whether people act by its dates: it has opened, or somebody has begun to file."""
    return at >= round_.opens_at or Application.objects.filter(round=round_).exists()


def change_round(round_: Round, *, actor: User, dates: Dates, reason: str = "") -> Changed:
    """The round has the new dates.

    While people rely on it: a later deadline becomes an Extension of the whole round, with ``reason``, and its
    owners are written to; an earlier one is refused, as is a later opening and earlier paper. Refused besides: dates
    that contradict each other or the sister round (Round.clean).
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        row = Round.objects.select_for_update().get(pk=round_.pk)
        now = clock.now_in_transaction()
        deadline = row.deadline_for(None)
        relied = is_relied_on(row, now)
        _refuse_shortening(row, dates, deadline, now, relied=relied)
        extends = relied and dates.closes_at > deadline
        if extends and not reason.strip():
            raise Wrong({"reason": "本期已有人填报，延长截止时间请写明理由，会随通知发给各单位。"})
        before = {name: getattr(row, name) for name in FIELDS}
        _set(row, dates, closes_at=row.closes_at if relied else dates.closes_at, deadline=dates.closes_at)
        changed = [name for name in FIELDS if getattr(row, name) != before[name]]
        row.save(update_fields=[*FIELDS])
        if changed:
            audit.record(
                "round.changed", row, actor=actor,
                before={name: _plain(before[name]) for name in changed},
                after={name: _plain(getattr(row, name)) for name in changed}, reason=reason.strip(),
            )  # fmt: skip
        extension = None
        if extends:
            given = Extension(round=row, new_deadline=dates.closes_at, reason=reason.strip())
            extension = extending.grant(given, actor=actor)
    return Changed(changed, extension)


def _refuse_shortening(row: Round, dates: Dates, deadline: datetime, now: datetime, *, relied: bool) -> None:
    wrong = {}
    if relied:
        if dates.closes_at < deadline:
            wrong["closes_at"] = f"本期已有人填报，截止时间不能提前，现为 {half_open_label(deadline)}。"
        if dates.opens_at > row.opens_at:
            wrong["opens_at"] = "本期已开放或已有人填报，开放时间不能推后。"
        for name in ("stamped_due_at", "paper_due_at"):
            if getattr(dates, name) < getattr(row, name):
                wrong[name] = f"单位已按 {half_open_label(getattr(row, name))} 安排，只能推后。"
    for name, label in (("stamped_due_at", "盖章扫描件截止"), ("paper_due_at", "纸质材料截止")):
        if name not in wrong and getattr(dates, name) < dates.closes_at:
            wrong[name] = f"{label}不应早于网上提交截止。"
    if relied and dates.closes_at > deadline and dates.closes_at <= now:
        wrong["closes_at"] = "新的截止时间已经过去。"
    if wrong:
        raise Wrong(wrong)


def _set(row: Round, dates: Dates, *, closes_at: datetime, deadline: datetime) -> None:
    for name in FIELDS:
        setattr(row, name, getattr(dates, name))
    row.closes_at = closes_at
    try:
        row.clean()
    except ValidationError as error:
        raise Wrong({name: " ".join(messages) for name, messages in error.message_dict.items()}) from error
    sister = Round.objects.filter(programme=row.programme_id).exclude(number=row.number).first()
    if sister is not None and (sister.closes_at < deadline) != (sister.number < row.number):
        raise Wrong({"closes_at": f"两期的先后次序不符：{sister.label}于{sister.closes_label}截止。"})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
