import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.queries import season


@pytest.mark.parametrize("count",[1,3])
def test_x(db, count):
    there = season.build(count)
    c = Client(); c.force_login(there.people["secretary"])
    for a in [reverse("admin:index"), reverse("admin:figures"), reverse("admin:figures")+"?scope=all", reverse("admin:figures_missing"), reverse("admin:figures_export"), reverse("admin:message_inbox"), reverse("admin:applications_submitattempt_changelist"), reverse("admin:applications_application_changelist")]:
        c.get(a)
        with CaptureQueriesContext(connection) as q: assert c.get(a).status_code==200
        print(count, a, len(q))
        if count==3 and a=="/admin/":
            for x in q: print("   ", x["sql"][:150], x["time"])
