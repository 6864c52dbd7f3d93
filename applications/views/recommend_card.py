"""The card 推荐意见 of the enterprise's pages: how the opinion stands and what can be done about it."""

from typing import Any

from applications import gates, recommendations
from applications.models import Application
from applications.recommendations import OPEN_STATES, Word
from applications.states import State
from applications.views.filing_desk import Desk


def card(desk: Desk) -> dict[str, Any] | None:
    """None where nobody was chosen and nothing was ever said."""
    application = desk.application
    account = recommendations.has_account(application.recommending_unit)
    standing = recommendations.standing(application, account=account)
    if standing.word == Word.NO_UNIT and not standing.older:
        return None
    history = application.recommendations.select_related("submission", "frozen_in", "unit", "superseded_by", "given_by")
    light = history.defer("submission__data", "submission__personal", "frozen_in__data", "frozen_in__personal")
    can_ask = desk.manages and account and application.state in OPEN_STATES and _askable(desk, standing)
    return {
        "standing": standing,
        "unit": application.recommending_unit,
        "account": account,
        "can_ask": can_ask,
        "can_cancel": desk.manages and standing.is_draft and standing.request is not None,
        "again": standing.opinion is not None or bool(standing.older),
        "history": list(light),
    }


def _askable(desk: Desk, standing: recommendations.Standing) -> bool:
    application: Application = desk.application
    if standing.waits:
        return False
    editing = not standing.is_draft and (application.has_unsubmitted_changes or application.state == State.RETURNED)
    if standing.word in {Word.RECOMMENDED, Word.DECLINED} and not editing:
        return False
    return bool(standing.version) or gates.edit_refusal(application, desk.now) is None
