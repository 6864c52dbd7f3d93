"""The trail: with the change or not at all, and never changed afterwards."""

import pytest
from django.db import DatabaseError, connection, transaction

from qcportal import audit
from qcportal.models import AppendOnlyError, AuditEvent
from tests import factories


@pytest.fixture
def event(owner):
    with transaction.atomic():
        return audit.record("test.happened", owner, actor=owner, before={"a": 1}, after={"a": 2}, note="x")


def test_a_row_says_who_did_what(event, owner):
    row = AuditEvent.objects.get()
    assert (row.verb, row.actor, row.target_type, row.target_id) == (
        "test.happened", owner, "qcportal.user", str(owner.pk),
    )  # fmt: skip
    assert (row.before, row.after, row.data) == ({"a": 1}, {"a": 2}, {"note": "x"})
    assert list(AuditEvent.objects.all().about(owner)) == [event]


def test_without_a_transaction_there_is_no_row(transactional_db):
    person = factories.user()
    with pytest.raises(RuntimeError):
        audit.record("test.happened", person, actor=None)


def test_the_code_refuses_to_change_rows(event):
    for attempt in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(verb="x"),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()


def test_the_database_refuses_to_change_rows(event):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE qcportal_auditevent SET verb = 'forged'")
