"""Two windows save one check at the same moment: the row's lock orders them, and the second is told."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connections

from applications.actions import check_drafts, checking
from applications.actions.checking import RemarkText
from applications.models import FormalCheck, Remark
from qcportal.errors import Refusal
from qcportal.roles import Role
from tests import factories
from tests.applications import checked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _roles(transactional_db):
    """Emptying the database after the test before took the roles of the migrations with it."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


def test_of_two_saves_at_once_one_is_kept_and_one_is_told():
    secretary = factories.staff(username="secretary", name="陈雪梅")
    check = checking.start_check(checked.submitted(factories.enterprise_owner()), actor=secretary)
    start, told = threading.Barrier(2), []

    def save(words: str) -> None:
        try:
            start.wait(timeout=20)
            checking.save_check(
                FormalCheck.objects.get(pk=check.pk), actor=secretary, answers={}, note="",
                remarks=[RemarkText("topic_name", words)], seen=0,
            )  # fmt: skip
        except check_drafts.StaleCheck as stale:
            told.append((words, [remark.text for remark in stale.current.remarks.all()]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(words,)) for words in ("甲的意见", "乙的意见")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    kept = Remark.objects.get().text
    ((lost, shown),) = told
    assert {kept, lost} == {"甲的意见", "乙的意见"}
    assert shown == [kept]
    check.refresh_from_db()
    assert check.revision == 1


def test_of_two_people_starting_at_once_one_has_the_check():
    people = [factories.staff(username=name, name=name) for name in ("secretary", "li")]
    filed = checked.submitted(factories.enterprise_owner())
    start, refused = threading.Barrier(2), []

    def begin(person) -> None:
        try:
            start.wait(timeout=20)
            checking.start_check(filed, actor=person)
        except Refusal as refusal:
            refused.append((person, refusal.code))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    check = FormalCheck.objects.get()
    ((other, code),) = refused
    assert code == "check_open"
    assert {check.checker, other} == set(people)
