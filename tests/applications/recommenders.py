"""A recommending unit with an account, for the tests of opinions."""

from applications.actions import recommending
from applications.models import Decision, RecommendingUnit, UnitMember
from applications.recommendations import SENTENCES
from qcportal import clock
from qcportal.roles import Role
from tests import factories


def unit(name="海西州总工会", **fields):
    return RecommendingUnit.objects.get_or_create(name=name, defaults=fields)[0]


def person(of=None, *, username="recommender", name="冶玉珍"):
    user = factories.user(username=username, name=name, role=Role.RECOMMENDER)
    UnitMember.objects.create(unit=of or unit(), user=user, created_at=clock.now())
    return user


def give(application, actor, *, decision="recommend", text=None, seen=None, title="经济部部长"):
    application.refresh_from_db()
    if seen is None:
        shared = application.recommendation_requests.open().of_draft().exists()
        seen = recommending.seen_content(application, None if shared else application.latest_submission)
    return recommending.give_opinion(
        application, actor=actor, decision=decision, text=text or SENTENCES[Decision(decision)][0],
        signer_name=actor.name, signer_title=title, seen=seen,
    )  # fmt: skip
