"""Outbox handlers of packet.build, paperset.build, bundle.build, opinion.build; asking again for what is missing.

The first rows are written by applications.actions.documents with the submission itself. Payloads hold ids;
every handler may run twice.
"""

from typing import Any

from django.db import transaction

from applications.actions.documents import QUEUE
from applications.models import (
    Enterprise,
    Packet,
    Programme,
    Recommendation,
    RecommendationPage,
    Round,
    Submission,
)
from applications.packets import blanks, building, folder, opinions, sets
from applications.packets.constituents import Constituents
from qcportal import acting, outbox, pdf
from qcportal.models import OutboxMessage, OutboxState

FOLDER_LEASE_SECONDS = 1800  # gigabytes of evidence from and to a slow storage


def build_packet(payload: dict[str, Any]) -> None:
    """``submission``; optionally ``kinds``, such as the anonymous judges' copy."""
    submission = Submission.objects.get(pk=payload["submission"])
    building.build(submission, tuple(payload.get("kinds", building.KINDS)))


def build_set(payload: dict[str, Any]) -> None:
    sets.build_set(*_place(payload))


def build_bundle(payload: dict[str, Any]) -> None:
    """``enterprise`` with ``round``, or with ``programme`` for the whole year."""
    place = folder_place(payload)
    folder.build(place)


def folder_place(payload: dict[str, Any]) -> folder.Place | None:
    if "programme" in payload:
        programme = Programme.objects.get(pk=payload["programme"])
        return folder.of_year(Enterprise.objects.get(pk=payload["enterprise"]), programme)
    return folder.of_round(*_place(payload))


def install_blanks(payload: dict[str, Any]) -> None:
    """The blank forms of the newest published year, after its fields or awards were changed."""
    blanks.install_newest()


def build_opinion(payload: dict[str, Any]) -> None:
    opinions.build(Recommendation.objects.get(pk=payload["recommendation"]))


def opinion_page(opinion: Recommendation) -> RecommendationPage | None:
    """The page of an opinion, or None while it is being made; asks for it when nobody did."""
    found = opinions.newest(opinion)
    if found is None:
        payload = {"recommendation": opinion.pk}
        _ask("opinion.build", f"opinion:{opinion.pk}:{pdf.TEMPLATE_VERSION}", payload, unless_pending=payload)
    return found


def _place(payload: dict[str, Any]) -> tuple[Enterprise, Round]:
    round_ = Round.objects.select_related("programme").get(pk=payload["round"])
    return Enterprise.objects.get(pk=payload["enterprise"]), round_


def document(submission: Submission, kind: str) -> Packet | None:
    """The document to hand out, or None while it is being made; asks for it when nobody did."""
    found = building.newest(submission, kind)
    if found is None:
        key = f"packet:{submission.pk}:{kind}:{pdf.TEMPLATE_VERSION}"
        payload = {"submission": submission.pk, "kinds": [kind]}
        _ask("packet.build", key, payload, unless_pending={"submission": submission.pk})
    return found


def ask_for_set(held: Constituents) -> None:
    """The paper set will be built for what is filed now, unless that is under way."""
    payload = {"enterprise": held.enterprise.pk, "round": held.round.pk}
    key = f"paperset.build:{held.enterprise.pk}:{held.fingerprint[:32]}:{pdf.TEMPLATE_VERSION}"
    _ask("paperset.build", key, payload, unless_pending=payload)


def ask_for_folder(place: folder.Place) -> None:
    of = {"round": place.round.pk} if place.round else {"programme": place.programme.pk}
    payload = {"enterprise": place.enterprise.pk, **of}
    key = f"bundle.build:{place.enterprise.pk}:{place.fingerprint[:32]}"
    _ask("bundle.build", key, payload, unless_pending=payload, lease_seconds=FOLDER_LEASE_SECONDS)


def _ask(
    topic: str, key: str, payload: dict[str, Any], *, unless_pending: dict[str, Any], lease_seconds: int | None = None
) -> None:
    if acting.looking_only():
        return  # the person whose document it is asks for it
    pending = OutboxMessage.objects.filter(topic=topic, state=OutboxState.PENDING)
    same = {f"payload__{name}": value for name, value in unless_pending.items()}
    if pending.filter(**same).exists():
        return
    # Asked before and done, but what it made is gone (purged): ask again. What failed for good waits for a person.
    before = OutboxMessage.objects.filter(key__startswith=key)
    if not before.filter(state=OutboxState.DEAD).exists():
        with transaction.atomic():
            again = before.count()
            key = f"{key}#{again}" if again else key
            outbox.add(topic, key, payload, queue=QUEUE, priority=2, lease_seconds=lease_seconds)  # somebody waits
