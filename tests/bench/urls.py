"""The portal's addresses and a bare page beside them."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from applications.models import Application
from qcportal.urls import *  # noqa: F403
from qcportal.urls import urlpatterns as portal

ROWS = 30
TABLE = Template(
    "<!doctype html><table>{% for row in rows %}<tr><td>{{ row.pk }}<td>{{ row.file_number }}<td>{{ row.state }}"
    "<td>{{ row.group_name }}<td>{{ row.topic_name }}<td>{{ row.enterprise.name }}<td>{{ row.created_at|date }}"
    "<td>{{ row.edit_version }}</tr>{% endfor %}</table>"
)


def bare(request: HttpRequest, queries: int) -> HttpResponse:
    """``queries`` queries and a table of 30 rows by 8 columns: what a Django page costs at least."""
    rows = []
    if queries:
        rows = list(Application.objects.select_related("enterprise").order_by("-pk")[:ROWS])
    for _turn in range(queries - 1):
        Application.objects.only("pk").filter(pk=rows[0].pk).first()
    request.user.is_authenticated  # noqa: B018 -- as on every private page
    return HttpResponse(TABLE.render(Context({"rows": rows})))


urlpatterns = [path("bench/bare/<int:queries>/", bare), *portal]
