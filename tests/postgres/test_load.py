"""Two web processes under a crowd, and one killed in the middle of a submit."""

import threading
import time
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from applications.models import Application, Submission, SubmitAttempt
from applications.states import State
from qcportal.models import AuditEvent, OutboxMessage
from tests.bench import visitors as crowd

ENTERPRISES, SAVES = 12, 4


def test_a_dozen_enterprises_autosave_and_submit_at_once(start_web, redis):
    ports = [start_web().port, start_web().port]
    there = crowd.prepare(ENTERPRISES, ports)
    crowd.all_at_once(there, lambda visitor: crowd.file_one(visitor, SAVES))
    assert [error for visitor in there for error in visitor.errors] == []
    assert crowd.lost(there) == []
    assert crowd.skipped(there) == []
    assert SubmitAttempt.objects.filter(outcome="accepted").count() == ENTERPRISES
    # Autosaves leave no rows of their own: each filing's trail is one summary before its submission.
    assert AuditEvent.objects.filter(verb="application.saved").count() == ENTERPRISES


def test_two_people_of_one_enterprise_autosaving_different_fields_lose_nothing(start_web, redis):
    """Both write to the same row through different processes; every version is given out once."""
    ports = [start_web().port, start_web().port]
    first = crowd.prepare(1, ports)[0]
    second = crowd.Visitor(1, first.owner, first.application, ports[1], dict(first.cookies))
    address = f"/applications/{first.application.uuid}/edit/results/"
    fields = {0: "honours", 1: "social_benefit"}

    def write(visitor):
        carried = crowd.hidden(visitor.ask("open", "GET", address)[1])
        token = carried.pop("csrfmiddlewaretoken")
        for turn in range(15):
            body = {**carried, "fields": fields[visitor.number], fields[visitor.number]: f"第{turn}次"}
            headers = {"X-CSRFToken": token, "Accept": "application/json"}
            status, text = visitor.ask("autosave", "POST", f"{address}autosave/", body, **headers)
            if status != 200:
                visitor.fail("autosave", status, text)
                return
            answer = crowd.json.loads(text)
            visitor.versions.append(answer["version"])
            mine = {fields[visitor.number]: answer["seen"][fields[visitor.number]]}
            carried["seen_fields"] = crowd.json.dumps({**crowd.json.loads(carried["seen_fields"]), **mine})

    crowd.all_at_once([first, second], write)
    assert first.errors + second.errors == []
    assert sorted(first.versions + second.versions) == list(range(2, 32))
    after = Application.objects.get()
    assert (after.honours, after.social_benefit, after.edit_version) == ("第14次", "第14次", 31)


@contextmanager
def row_held(application):
    """Another transaction holds the filing, so that a submit waits in the middle of its own."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"]
    ) as other:
        other.execute("SELECT id FROM applications_application WHERE id = %s FOR UPDATE", [application.pk])
        yield
        other.rollback()


def somebody_waits() -> bool:
    # Not over the holder's connection: within one transaction the view does not change.
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0] > 0


def press_in_background(visitor):
    thread = threading.Thread(target=crowd.press, args=(visitor,))
    thread.start()
    return thread


def press_again(visitor, start_web):
    """In a new web process, as a person would: reload, press."""
    visitor.port, visitor.errors = start_web().port, []
    crowd.press(visitor)
    assert visitor.errors == []


def assert_submitted_once(visitor):
    application = Application.objects.get(pk=visitor.application.pk)
    submission = Submission.objects.get(application=application)
    assert (application.state, submission.version) == (State.SUBMITTED, 1)
    assert application.file_number.endswith("-0001")
    assert SubmitAttempt.objects.filter(outcome="accepted").count() == 1
    assert AuditEvent.objects.filter(verb="application.submitted").count() == 1
    assert OutboxMessage.objects.filter(topic="packet.build").count() == 1


def test_a_web_process_killed_in_the_middle_of_a_submit_leaves_nothing_half_done(start_web, redis):
    web = start_web()
    visitor = crowd.prepare(1, [web.port])[0]
    with row_held(visitor.application):
        pressing = press_in_background(visitor)
        end = time.monotonic() + 30
        while not somebody_waits():
            assert time.monotonic() < end, "the submit never came to wait for the row"
            time.sleep(0.05)
        web.kill()
    pressing.join(60)
    assert visitor.errors != []  # the person saw a broken connection
    assert not Submission.objects.exists()
    assert Application.objects.get().state == State.DRAFT
    press_again(visitor, start_web)
    assert_submitted_once(visitor)


@pytest.mark.parametrize("delay", [0.03, 0.12, 0.4])
def test_killed_at_any_moment_there_is_nothing_or_one_submission(start_web, redis, delay):
    web = start_web()
    visitor = crowd.prepare(1, [web.port])[0]
    # The page before it, so that the delay counts from the press itself.
    crowd.Visitor(0, visitor.owner, visitor.application, web.port, visitor.cookies).ask("warm", "GET", "/applications/")
    pressing = press_in_background(visitor)
    while "review" not in visitor.waited and pressing.is_alive():
        time.sleep(0.005)
    time.sleep(delay)
    web.kill()
    pressing.join(60)
    made = Submission.objects.count()
    assert made in {0, 1}
    assert SubmitAttempt.objects.filter(outcome="accepted").count() == made
    press_again(visitor, start_web)
    assert_submitted_once(visitor)
