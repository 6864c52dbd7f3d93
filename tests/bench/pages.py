"""Pages through the whole stack in this process, against a bare Django page with as many queries."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from applications.states import State
from qcportal.models import User
from tests.bench.measure import bench, in_turns, note, report

TIMES = 25


def _page(name: str, size: str, username: str, address: str) -> None:
    client = Client()
    client.force_login(User.objects.get(username=username))
    if (status := client.get(address).status_code) != 200:
        note(f"{name}: {address} answers {status}, skipped")
        return
    wanted = _queries(client, address)
    own = max(wanted - _queries(client, "/bench/bare/0/"), 1)
    page, floor = in_turns(lambda: client.get(address), lambda: client.get(f"/bench/bare/{own}/"), TIMES)
    report(f"{name}_{size}", page * 1000, "ms", floor * 1000)
    report(f"{name}_{size}_queries", wanted, "queries")


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


@bench("queue", every_size=True)
def work_queue(size: str) -> None:
    _page("queue", size, "demo-secretary", "/admin/applications/application/")


@bench("judge", every_size=True)
def judges_dashboard(size: str) -> None:
    _page("judge", size, "demo-lead", "/reviews/")


@bench("workspace", every_size=True)
def workspace(size: str) -> None:
    _page("workspace", size, "demo-enterprise", "/applications/")


@bench("application", every_size=True)
def application(size: str) -> None:
    own = Application.objects.filter(enterprise__memberships__user__username="demo-enterprise", state=State.SUBMITTED)
    _page("application", size, "demo-enterprise", f"/applications/{own.order_by('pk')[0].uuid}/")


@bench("check", every_size=True)
def check(size: str) -> None:
    waiting = Application.objects.filter(state=State.SUBMITTED).order_by("pk")[0]
    _page("check", size, "demo-secretary", f"/admin/applications/application/{waiting.pk}/check/")


@bench("home", every_size=True)
def home(size: str) -> None:
    _page("home", size, "demo-enterprise", "/")


@bench("desk", every_size=True)
def desk(size: str) -> None:
    _page("desk", size, "demo-secretary", "/admin/")


@bench("figures", every_size=True)
def figures(size: str) -> None:
    _page("figures", size, "demo-secretary", "/admin/figures/")
