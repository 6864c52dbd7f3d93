"""A round that a year lacks is added as the notice has it, and corrected before it is stored."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from applications import programme_copy
from applications.actions.programmes import CALENDAR, month_entry, noticed_round
from applications.actions.rights import require_secretariat
from applications.actions.rounds import FIELDS, Dates, Wrong
from applications.models import CalendarEntry, Programme, Round
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User


def missing_numbers(programme: Programme) -> list[int]:
    there = {row.number for row in programme.rounds.all()}
    return [number for number, _label in Round.NUMBERS if number not in there]


def suggested(programme: Programme, number: int) -> Round:
    """Not stored: the first round until 30 June, the second until 20 October, paper as many working days later as the
    year says (notice, section 3)."""
    return noticed_round(programme, number, programme.notice_date)


def add_round(programme: Programme, number: int, *, actor: User, dates: Dates) -> tuple[Round, list[str]]:
    """The year has the round, a line in its calendar for the presentation where that lacks one, and what others add to
    a round (programme_copy.with_round). Returns the round and sentences about what was added.

    Refused: a number that exists, dates that contradict each other or the sister round, a deadline that has passed.
    """
    require_secretariat(actor)
    with transaction.atomic(durable=True):
        row = Programme.objects.select_for_update().get(pk=programme.pk)
        if number not in missing_numbers(row):
            raise Refusal("该年度已有这一期。", "exists")
        made = Round(programme=row, number=number, **dates._asdict())
        _check(made)
        made.save()
        said = _add_event(row, made)
        for function in programme_copy.WITH_ROUND:
            said += function(made, actor)
        after = {name: str(getattr(made, name)) for name in FIELDS}
        audit.record("round.added", made, actor=actor, after=after)
    return made, said


def _check(row: Round) -> None:
    errors: dict[str, str] = {}
    try:
        row.clean()
    except ValidationError as error:
        errors = {name: " ".join(messages) for name, messages in error.message_dict.items()}
    if row.closes_at <= clock.now_in_transaction():
        errors.setdefault("closes_at", "截止时间已经过去，单位来不及填报。")
    sister = Round.objects.filter(programme=row.programme_id).exclude(number=row.number).first()
    if sister is not None and (sister.opens_at < row.opens_at) != (sister.number < row.number):
        errors.setdefault("opens_at", f"两期的先后次序不符：{sister.label}于 {sister.opens_at:%Y-%m-%d} 开放。")
    if errors:
        raise Wrong(errors)


def _add_event(programme: Programme, row: Round) -> list[str]:
    """The month of its presentation, as the notice has it, until the day is known."""
    events = programme.calendar.filter(kind=CalendarEntry.Kind.EVENT).count()
    if events >= programme.rounds.count():
        return []
    wanted = [one for one in CALENDAR if one.kind == CalendarEntry.Kind.EVENT][row.number - 1]
    month_entry(programme, wanted).save()
    return [f"活动日历加入“{wanted.title}”（{date(programme.year, wanted.month, 1).month} 月，日期待定）。"]
