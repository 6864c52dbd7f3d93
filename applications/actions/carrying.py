"""缓评: the enterprise says whether the filing goes on to the next round; a yes waits until that round opens."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from applications.actions import copying
from applications.actions.enterprises import require_manager
from applications.models import Application, CarryAnswer, Enterprise, Membership, MembershipRole, Round
from applications.states import State
from qcportal import audit, clock, mail
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import MailKind, User

logger = logging.getLogger(__name__)


def answer(source: Application, *, actor: User, wants: bool, evidence: Iterable[str] = ()) -> CarryAnswer:
    """Owner or 质量主管 said yes or no; it may be said anew until the draft is there. Nothing is copied here.

    Refused: a 填报人, other states than 缓评, a filing that was carried over already.
    """
    with transaction.atomic(durable=True):
        enterprise = Enterprise.objects.select_for_update().get(pk=source.enterprise_id)
        require_manager(enterprise.pk, actor, "是否转入下一期由单位负责人或质量主管决定。")
        row = Application.objects.visible_to(actor).filter(pk=source.pk).first()
        if row is None:
            raise NotAllowed
        if row.state != State.DEFERRED:
            raise Refusal("只有缓评的申报需要选择是否转入下一期。", "bad_state")
        if row.carried_to.exclude(state=State.WITHDRAWN).exists():
            raise Refusal("该申报已经转入下一期，请在工作台查看新的草稿。", "already_carried")
        said, _created = CarryAnswer.objects.update_or_create(
            application=row,
            defaults={
                "wants": wants, "evidence": [str(one) for one in evidence] if wants else [], "answered_by": actor,
                "answered_at": clock.now_in_transaction(),
            },
        )  # fmt: skip
        audit.record("application.carry_answered", row, actor=actor, after={"wants": wants})
    return said


def next_round(source: Application, at: datetime) -> Round | None:
    """The later round that is open for the enterprise now, the nearest first."""
    rounds = Round.objects.published().filter(opens_at__lte=at, closes_at__gt=source.round.closes_at)
    open_now = [one for one in rounds.prefetch_related("extensions") if at < one.deadline_for(source.enterprise_id)]
    return min(open_now, key=lambda one: one.closes_at, default=None)


def announced_round(source: Application, at: datetime) -> Round | None:
    """The later round that is published and not open yet."""
    return Round.objects.upcoming(at).filter(closes_at__gt=source.round.closes_at).first()


def carry_waiting(now: datetime) -> int:
    """Every yes whose round has opened meanwhile becomes a draft, in the name of who said yes. Returns how many.

    Safe to run at any time and by several processes: copying.carry_over lets only the first one through.
    """
    waiting = CarryAnswer.objects.filter(wants=True, application__state=State.DEFERRED, application__carried_to=None)
    made = 0
    for said in waiting.select_related("application__round__programme", "application__enterprise", "answered_by"):
        target = next_round(said.application, now)
        if target is None:
            continue
        try:
            draft = copying.carry_over(said.application, target, actor=said.answered_by, evidence=said.evidence)
        except Refusal as refusal:  # who said yes left the enterprise, or another process was first
            logger.info("carry over of %s: %s", said.application.pk, refusal.message)
            continue
        _tell(said.application, draft)
        made += 1
    return made


def _tell(source: Application, draft: Application) -> None:
    owners = Membership.objects.filter(
        enterprise=source.enterprise_id, is_active=True, role=MembershipRole.OWNER
    ).select_related("user")
    with transaction.atomic():
        for owner in owners:
            mail.queue_template(
                kind=MailKind.LETTER, to=owner.user.email, template="carried", about_row=draft,
                context={"source": source, "draft": draft},
            )  # fmt: skip
