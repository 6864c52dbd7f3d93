"""The viewer: pages as pictures of what belongs to the version, and nothing else; changes and answers beside it."""

import pytest

from applications import previews
from applications.actions import checking, replying
from applications.actions.checking import Decision, RemarkText
from applications.models import Application, StampedScan
from applications.models.checking import Outcome
from applications.previews import building
from qcportal import clock, files
from qcportal.models import OutboxMessage, StoredFile
from tests import factories
from tests.applications import checked
from tests.applications.test_admin_check import text, url
from tests.applications.test_check_letter import day
from tests.applications.test_previews import pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    draft = factories.complete_draft(owner)
    factories.evidence(draft, "other", "三页.pdf", content=pdf(3))
    return checked.submitted_draft(draft, owner)


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


@pytest.fixture
def three(filed):
    return filed.evidence.get(name="三页.pdf").file


def page(filed, file, number, size="page"):
    return url(filed, "check_page_image", filed.submissions.last().pk, file.pk, number, size)


def test_a_page_is_asked_for_drawn_and_shown(staff, filed, three):
    waiting = staff.get(page(filed, three, 2))
    assert (waiting.status_code, waiting["Retry-After"]) == (404, "3")
    assert OutboxMessage.objects.filter(key__startswith="preview:", key__contains=three.pk).count() == 1
    building.build({"sha256": three.pk, "first": 1})
    shown = staff.get(page(filed, three, 2))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert staff.get(page(filed, three, 1, previews.THUMB)).status_code == 200
    assert staff.get(page(filed, three, 4)).status_code == 410
    assert staff.get(page(filed, three, 1, "huge")).status_code == 404


def test_what_cannot_be_drawn_says_so(staff, filed, owner):
    factories.evidence(filed, "other", "损坏.pdf", content=b"%PDF-1.4 only the beginning")
    checked.resubmit(filed, owner)
    broken = filed.evidence.get(name="损坏.pdf").file
    building.build({"sha256": broken.pk, "first": 1})
    assert previews.of_files([broken])[broken.pk].state == previews.FAILED
    assert staff.get(page(filed, broken, 1)).status_code == 410


def test_pictures_of_other_filings_are_not_served(staff, client, filed, rival, owner, three):
    other = checked.submitted(rival, filed.round)
    factories.evidence(other, "photo", "x.pdf", content=factories.PDF + b"other")
    foreign = other.evidence.get(kind="photo").file
    assert staff.get(page(filed, foreign, 1)).status_code == 404
    assert staff.get(url(filed, "check_view", filed.submissions.get().pk, foreign.pk)).status_code == 404
    assert staff.get(url(other, "check_view", filed.submissions.get().pk, three.pk)).status_code == 404
    client.force_login(owner)
    assert client.get(page(filed, three, 1)).status_code == 403


def test_stamped_scans_of_the_set_and_of_this_filing_are_shown(staff, filed, owner, secretary):
    content = files.store(pdf(2), "application/pdf")
    scan = StampedScan.objects.create(
        enterprise=filed.enterprise, round=filed.round, file=content, name="盖章.pdf", pages=2,
        uploaded_at=clock.now(), uploaded_by=owner,
    )  # fmt: skip
    assert f'data-file="scan-{scan.pk}"' in text(staff.get(url(filed)))
    building.build({"sha256": content.pk, "first": 1})
    assert staff.get(page(filed, content, 2)).status_code == 200


def test_without_script_pages_turn_and_stand_side_by_side(staff, filed, secretary, three):
    building.build({"sha256": three.pk, "first": 1})
    version = filed.submissions.get()
    address = url(filed, "check_view", version.pk, three.pk)
    first = text(staff.get(address))
    assert 'href="?page=2"' in first
    other = filed.evidence.get(kind="benefit").file_id
    body = text(staff.get(f"{address}?page=3&turn=90&zoom=2&other={other}&other_page=1"))
    assert "view-paper--turn90 view-paper--zoom2" in body
    assert body.count("view-pane__tools") == 2
    assert "第 3 / 3 页" in body
    assert f"?remark=file:other:{filed.evidence.get(name='三页.pdf').uuid}&amp;page=3#remarks" in body
    assert staff.get(f"{address}?page=99999999&turn=x&zoom=9&other=nothing").status_code == 200


def test_the_link_from_a_page_prepares_the_remark(staff, filed, secretary):
    checking.start_check(filed, actor=secretary)
    uuid = filed.evidence.get(name="三页.pdf").uuid
    answer = staff.get(url(filed) + f"?remark=file:other:{uuid}&page=2")
    row = answer.context["remark_forms"].forms[0]
    assert (row.initial["target"], row.initial["page"]) == (f"file:other:{uuid}", 2)


# --- a version that came back ----------------------------------------------------------------------


@pytest.fixture
def returned(filed, secretary):
    check = checked.open_check(filed, secretary)
    uuid = filed.evidence.get(kind="benefit").uuid
    remarks = [RemarkText("main_results", "写得太简单"), RemarkText("evidence.benefit", "缺财务章", uuid, 1)]
    checking.save_check(check, actor=secretary, answers={}, note="", remarks=remarks)
    decision = Decision(Outcome.RETURN, "", ("members",), day())
    return checking.decide(check, actor=secretary, decision=decision)


def test_changes_and_answers_stand_at_their_place(staff, returned, owner):
    remark = returned.checks.get().remarks.first()
    replying.reply_to_remark(remark, actor=owner, text="已补充数据。")
    old = returned.main_results
    Application.objects.filter(pk=returned.pk).update(main_results=f"{old}补充：返工率下降一半。")
    returned.members.filter(name="扎西多杰").delete()
    factories.evidence(returned, "benefit", "盖章的证明.pdf", content=factories.PDF + b"%stamped")
    Application.objects.filter(pk=returned.pk).update(member_count=returned.members.count())
    returned.refresh_from_db()
    leader = returned.members.first()
    returned.members.filter(pk=leader.pk).update(group_role="leader", name=returned.leader_name)
    checked.resubmit(returned, owner)
    body = text(staff.get(url(returned)))
    assert "与第 1 版不同的地方" in body
    assert "<ins>补充：返工率下降一半。</ins>" in body
    row = body.split('id="at-main_results"')[1].split("</div>")[0] + body.split('id="at-main_results"')[1]
    assert "上次意见：写得太简单" in row
    assert "单位答复：已补充数据。" in row
    assert "上次意见：第 1 页：缺财务章" in body
    assert "单位没有答复" in body
    assert "新增</b>" in body


def test_what_was_said_about_a_replaced_file_is_still_said(staff, returned, owner):
    returned.evidence.get(name="财务效益证明.pdf").delete()
    factories.evidence(returned, "benefit", "盖章的证明.pdf", content=factories.PDF + b"%stamped")
    checked.resubmit(returned, owner)
    body = text(staff.get(url(returned)))
    assert "上次意见：《财务效益证明.pdf》第 1 页：缺财务章" in body
    assert "已删除：财务效益证明.pdf" in body


def test_a_first_version_has_nothing_marked(staff, filed):
    body = text(staff.get(url(filed)))
    assert "有改动" not in body
    assert "上次意见" not in body


def test_files_of_the_version_are_there_after_the_working_copy_lost_them(staff, filed, three):
    filed.evidence.all().delete()
    building.build({"sha256": three.pk, "first": 1})
    assert staff.get(page(filed, StoredFile.objects.get(pk=three.pk), 1)).status_code == 200
