"""缓评 in the workspace: what it means, what the enterprise may choose, and until when. Asks nothing itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from applications.models import Application, CarryAnswer, Round
from applications.states import State


@dataclass(frozen=True)
class Deferred:
    """One filing that was put off. ``said`` is "" until owner or 质量主管 chose, then yes or no; ``moved`` is the
    draft that it became; ``target`` the round it would go to, None before one is announced."""

    application: Application
    said: str
    moved: Application | None
    target: Round | None
    until: datetime | None
    is_open: bool

    @property
    def asks(self) -> bool:
        return not self.said and self.moved is None

    @property
    def note(self) -> str:
        if self.moved is not None:
            return f"已转入{self.moved.round}"
        return {"yes": "已选择转入下一期", "no": "已选择不转入下一期"}.get(self.said, "请选择是否转入下一期")


def of(application: Application, rounds: Iterable[Round], at: datetime) -> Deferred:
    """``application`` comes with its answer and with what it was carried to."""
    answer: CarryAnswer | None = getattr(application, "carry_answer", None)
    moved = next((one for one in application.carried_to.all() if one.state != State.WITHDRAWN), None)
    later = [one for one in rounds if one.closes_at > application.round.closes_at]
    open_or_ahead = [one for one in later if at < one.deadline_for(application.enterprise_id)]
    target = min(open_or_ahead, key=lambda one: one.closes_at, default=None)
    return Deferred(
        application=application,
        said="" if answer is None else "yes" if answer.wants else "no",
        moved=moved,
        target=target,
        until=target.deadline_for(application.enterprise_id) if target else None,
        is_open=target is not None and target.opens_at <= at,
    )
