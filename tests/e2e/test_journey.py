"""The main job, end to end: filed by a new enterprise, checked, scored by three judges, ranked, presented, printed."""

import re
import subprocess
from datetime import timedelta

import pytest

from applications.actions.programmes import create_programme
from applications.models import Application, Round
from applications.states import State
from events.models import Event
from qcportal import clock
from qcportal.roles import Role
from reviews.actions.rubrics import create_stages, seed_rubrics
from reviews.models import Judge, Stage
from tests import factories
from tests.e2e import filing
from tests.events import builders as event_builders
from tests.processes import wait_for

JUDGES = (("judge1", "祁连山", "13"), ("judge2", "文海清", "12.5"), ("judge3", "苏青禾", "14"))


@pytest.fixture
def season(environment, start_worker):
    """An empty portal as the association would set it up, with a round that is open now, and a running worker."""
    now = clock.now()
    create_programme(year=now.year)
    Round.objects.filter(programme__year=now.year, number=2).delete()
    round_ = Round.objects.get(programme__year=now.year, number=1)
    Round.objects.filter(pk=round_.pk).update(opens_at=now - timedelta(days=9), closes_at=now + timedelta(days=9))
    round_.refresh_from_db()
    seed_rubrics()
    create_stages(round_)
    Stage.objects.filter(round=round_).update(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9))
    factories.staff(username="secretary", name="陈雪梅")
    for username, name, _points in JUDGES:
        person = factories.user(username=username, name=name, role=Role.JUDGE)
        Judge.objects.create(user=person, employer_name=f"青海省第{name}研究所")
    event_builders.event(round_, slug="first")
    start_worker()
    return round_


def test_one_filing_travels_the_whole_way(season, visit, tmp_path):
    enterprise = visit()
    filing.sign_up(enterprise)
    filing.complete_profile(enterprise)
    filing.fill_reports(enterprise, season.programme.year)
    address = filing.new_application(enterprise)
    filing.fill_sections(enterprise, address, season.programme.data_year)
    filing.upload_evidence(enterprise, address, tmp_path)
    file_number = filing.submit(enterprise, address)
    assert file_number == f"QC{season.programme.year}-1-0001"

    open_packet(enterprise, address, file_number, tmp_path)

    secretary = visit()
    secretary.log_in("secretary")
    accept(secretary)
    assert Application.objects.get().state == State.ACCEPTED

    assign_judges(secretary, season)
    for username, _name, first in JUDGES:
        score(visit(phone=username == "judge3"), username, first)

    see_ranking(secretary, season)
    run_event(secretary, visit)


def open_packet(visitor, address, file_number, folder):
    """The packet of the worker: its text holds the group's name and the file number."""
    context = visitor.page.context

    def packet():
        answer = context.request.get(f"{visitor.base}{address}/packet.pdf")
        return answer.body() if answer.status == 200 else None

    content = wait_for(packet, 90, "the packet")
    path = folder / "packet.pdf"
    path.write_bytes(content)
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert filing.GROUP in re.sub(r"\s", "", text)
    assert file_number in text


def accept(secretary):
    page = secretary.page
    secretary.go("/admin/")
    secretary.picture("desk")
    secretary.go("/admin/applications/application/")
    page.locator("#result_list").get_by_role("link", name=re.compile("^审查")).first.click()
    page.get_by_role("link", name="核验营业执照").click()
    for name in ("单位名称与营业执照一致", "统一社会信用代码与营业执照一致", "登记地在青海"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="核验并回到审查").click()
    page.get_by_role("button", name="开始审查").click()
    for answer in page.locator(".answer").all():
        answer.locator("label").first.click()
    page.locator(".outcome", has_text=re.compile("^参评$")).click()
    secretary.picture("check")
    page.locator("[data-decide-button]").click()
    page.get_by_role("button", name="发出，留在这一件").click()
    page.wait_for_load_state()


def assign_judges(secretary, season):
    stage = Stage.objects.get(round=season, kind="document")
    page = secretary.page
    secretary.go(f"/admin/reviews/assign/{stage.pk}/")
    page.locator("[name=filings]").first.check()
    for box in page.locator("[name=judges]").all():
        box.check()
    secretary.picture("assign")
    page.locator("button[name=step][value=assign]").click()
    page.wait_for_load_state()
    assert stage.assignments.count() == 3


def score(judge, username, first):
    page = judge.page
    judge.log_in(username)
    page.wait_for_url("**/reviews/**")
    page.locator("main input[type=checkbox]").first.check()
    page.get_by_role("button", name="签署并开始评审").click()
    page.wait_for_load_state()
    judge.picture(f"dashboard-{username}")
    page.get_by_role("link", name=re.compile("开始评分|评分")).first.click()
    page.wait_for_url(re.compile(r"/reviews/[0-9a-f-]{36}/"))
    fields = page.locator("[data-stepper] input")
    for number, value in enumerate([first, "26", "17.5", "17", "4.5", "8.5"]):
        fields.nth(number).fill(value)
    page.locator("textarea").last.fill("过程完整，数据充分。")
    judge.picture(f"sheet-{username}")
    page.locator("button[name=step][value=review]").click()
    page.get_by_role("button", name="提交并锁定").click()
    page.wait_for_load_state()
    judge.picture(f"locked-{username}")


def see_ranking(secretary, season):
    """13, 12.5 and 14 with 73.5 for the other items: a mean of 86.67 from three counted sheets."""
    secretary.go(f"/admin/reviews/ranking/{season.pk}/")
    text = secretary.text()
    secretary.picture("ranking")
    assert filing.GROUP in text
    assert "86.67" in text


def run_event(secretary, visit):
    event = Event.objects.get()
    page = secretary.page
    secretary.go(f"/admin/events/event/{event.pk}/shortlist/")
    page.locator("input[name=quota_]").fill("12")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="确认列入").click()
    page.locator("button[value=commit]").click()
    page.locator("button[value=draw]").click()
    secretary.picture("order")
    page.locator("button[value=publish]").click()
    page.wait_for_load_state()
    public = visit(phone=True)
    public.go("/events/first/")
    public.picture("event")
    assert filing.GROUP in public.text()
    assert event.tracks.get().draw.seed in public.page.content()
