"""Stamped scans: what is read off their pages, what is told, and what is kept."""

from datetime import timedelta

import pytest

from applications import paper_status
from applications.actions import paper_parts, scans
from applications.models import PaperPart, PartReceipt, ScannedPart
from applications.packets.constituents import Constituents
from applications.scans import handlers
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, OutboxMessage
from tests import factories
from tests.applications import checked, documents, scanner

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return documents.submitted(owner)


def results(scan):
    return [page.result for page in scan.scanned_pages.all()]


def statuses(submission):
    application = submission.application
    status = paper_status.of(Constituents(application.enterprise, application.round))
    return {row.spec.kind.value: row for row in status.rows}


def again(submission, owner):
    application = type(submission.application).objects.get(pk=submission.application_id)
    return checked.resubmit(application, owner).submissions.order_by("-version")[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: page,
        lambda page: scanner.turned(page, 7),
        lambda page: scanner.turned(page, -3),
        lambda page: scanner.turned(page, 90),
        lambda page: scanner.turned(page, 180),
        scanner.sealed,
        scanner.faded,
        scanner.speckled,
        lambda page: scanner.sealed(scanner.turned(page, 4)),
    ],
    ids=["clean", "7°", "-3°", "90°", "180°", "seal", "faded", "speckled", "seal and 4°"],
)
def test_a_code_is_read_from_what_scanners_make_of_it(filed, owner, spoil):
    part = scanner.printed(filed)["annex1"]
    scan = scanner.upload(filed, owner, [spoil(page) for page in scanner.pictures(part)], part)
    assert results(scan) == ["match"] * part.pages
    found = ScannedPart.objects.get(scan=scan)
    assert (found.part, found.is_consistent, found.problems) == (part, True, [])
    assert all(page.thumbnail for page in scan.scanned_pages.all())


def test_a_whole_set_in_one_file_is_split_into_its_parts(filed, owner):
    parts = scanner.printed(filed)
    pages = [page for kind in ("cover", "annex3", "annex1", "annex2") for page in scanner.pictures(parts[kind], 150)]
    scan = scanner.upload(filed, owner, pages)
    assert set(results(scan)) == {"match"}
    assert {row.part.kind for row in scan.parts.all() if row.is_consistent} == set(parts)
    assert {row.state for row in statuses(filed).values()} == {"scanned"}


def test_a_page_left_out_is_named(filed, owner):
    part = scanner.printed(filed)["annex1"]
    assert part.pages > 1
    scan = scanner.upload(filed, owner, scanner.pictures(part)[:-1], part)
    too_few = f"应为 {part.pages} 页，扫描件中有 {part.pages - 1} 页"
    assert scan.parts.get().problems == [too_few, f"缺第 {part.pages} 页"]
    assert statuses(filed)["annex1"].state == "attention"


def test_a_page_of_an_old_version_is_a_warning_and_no_refusal(filed, owner):
    old = scanner.printed(filed)["annex1"]
    second = again(filed, owner)
    new = scanner.printed(second)["annex1"]
    pages = [scanner.pictures(old)[0], *scanner.pictures(new)[1:]]
    scan = scanner.upload(second, owner, pages, new)
    assert results(scan)[0] == "stale"
    assert "第 1 版" in scan.scanned_pages.all()[0].note
    assert "扫描件第 1 页属于旧版本" in scan.parts.get().problems
    whole = scanner.upload(second, owner, pages)
    assert "扫描件第 1 页属于旧版本" in whole.parts.get(part=new).problems


def test_a_page_of_another_enterprise_is_told_without_its_name(filed, owner, rival):
    part = scanner.printed(filed)["annex1"]
    foreign = scanner.printed(documents.submitted(rival, round_=filed.application.round))["annex1"]
    scan = scanner.upload(filed, owner, [scanner.pictures(foreign)[0], *scanner.pictures(part)[1:]], part)
    page = scan.scanned_pages.all()[0]
    assert (page.result, page.note) == ("foreign", "这一页属于其他单位")
    assert "扫描件第 1 页属于其他单位" in scan.parts.get().problems


def test_a_page_of_another_part_is_named(filed, owner):
    parts = scanner.printed(filed)
    pages = [*scanner.pictures(parts["annex1"]), *scanner.pictures(parts["annex3"])]
    scan = scanner.upload(filed, owner, pages, parts["annex1"])
    assert results(scan)[-1] == "other"
    assert "属于本单位其他材料" in scan.parts.get().problems[-1]


def test_a_page_whose_code_is_gone_is_for_a_person_and_keeps_its_place(filed, owner):
    parts = scanner.printed(filed)
    pages = [*scanner.pictures(parts["annex3"]), *scanner.pictures(parts["annex1"])]
    scanner.blotted(pages[-1])
    scan = scanner.upload(filed, owner, pages)
    last = scan.scanned_pages.last()
    assert (last.result, last.part, last.part_page) == ("unreadable", parts["annex1"], parts["annex1"].pages)
    assert "请人工核对" in last.note
    assert "请人工核对" in scan.parts.get(part=parts["annex1"]).problems[0]
    assert scan.parts.get(part=parts["annex3"]).is_consistent


def test_a_file_that_cannot_be_opened_is_said_to_be_so(filed, owner):
    part = scanner.printed(filed)["annex1"]
    from qcportal import files

    scan = scans.upload(
        factories.enterprise_of(owner), filed.application.round, actor=owner, part=part,
        stored=files.store(b"%PDF-1.7 broken", "application/pdf"), name="x.pdf", pages=1,
    )  # fmt: skip
    handlers.read_scan({"scan": scan.pk})
    scan.refresh_from_db()
    assert scan.state == "failed"
    assert statuses(filed)["annex1"].state == "failed"


def test_a_scan_that_takes_the_worker_with_it_is_given_up_after_an_hour(filed, owner):
    part = scanner.printed(filed)["annex3"]
    scan = scanner.upload(filed, owner, scanner.pictures(part, 60), part)
    type(scan).objects.update(state="waiting", uploaded_at=scan.uploaded_at - timedelta(hours=2))
    handlers.read_scan({"scan": scan.pk})
    scan.refresh_from_db()
    assert scan.state == "failed"


def test_reading_twice_keeps_one_answer(filed, owner):
    part = scanner.printed(filed)["annex1"]
    scan = scanner.upload(filed, owner, scanner.pictures(part), part)
    handlers.read_scan({"scan": scan.pk})
    type(scan).objects.update(state="waiting")
    handlers.read_scan({"scan": scan.pk})
    assert scan.parts.count() == 1
    assert scan.scanned_pages.count() == part.pages


def test_a_correction_makes_only_the_changed_parts_stale(filed, owner):
    before = scanner.printed(filed)
    PaperPart.objects.update(printed_at=filed.submitted_at)
    other = documents.submit(factories.complete_draft(owner, filed.application.round, group_name="澄光QC小组"), owner)
    between = scanner.printed(other)
    assert between["annex2"] == before["annex2"]
    bytes_before = {part.code: part.file_id for part in PaperPart.objects.all()}
    PaperPart.objects.update(printed_at=filed.submitted_at)
    second = again(filed, owner)
    after = scanner.printed(second)
    rows = statuses(second)
    assert after["annex3"] == before["annex3"]
    assert (rows["cover"].state, rows["annex2"].state, rows["annex3"].state) == ("expired", "printed", "printed")
    status = paper_status.of(Constituents(second.application.enterprise, second.application.round))
    assert [row.label for row in status.expired] == ["封面", "附件1 红柳QC小组"]
    assert "第 2 版" in status.expired[1].note
    kept = PaperPart.objects.filter(code__in=bytes_before)
    assert {part.code: part.file_id for part in kept} == bytes_before


def test_a_correction_of_attachment_3_leaves_attachment_2_valid(filed, owner):
    before = scanner.printed(filed)
    report = filed.report_version.report
    type(report).objects.filter(pk=report.pk).update(employees=1300, edit_version=report.edit_version + 1)
    second = again(filed, owner)
    assert second.report_version.version == 2
    after = scanner.printed(second)
    assert after["annex2"] == before["annex2"]
    assert after["annex3"] != before["annex3"]
    assert after["annex3"].version == 2


def test_a_new_layout_keeps_code_and_receipt(filed, owner, secretary, monkeypatch):
    from qcportal import pdf

    before = scanner.printed(filed)
    paper_parts.receive_part(before["cover"], actor=secretary)
    monkeypatch.setattr(pdf, "TEMPLATE_VERSION", "2099-1")
    after = scanner.printed(filed)
    assert {part.code for part in after.values()} == {part.code for part in before.values()}
    assert after["cover"].template_version == "2099-1"
    assert statuses(filed)["cover"].state == "received"


def test_an_upload_is_trailed_and_queued_once(filed, owner):
    part = scanner.printed(filed)["annex1"]
    scan = scanner.upload(filed, owner, scanner.pictures(part, 100), part)
    assert AuditEvent.objects.about(scan).get().verb == "scan.uploaded"
    assert OutboxMessage.objects.get(topic="scan.read").payload == {"scan": scan.pk}


def test_who_may_upload_and_what(filed, owner, clerk, rival, secretary):
    part = scanner.printed(filed)["annex1"]
    page = scanner.pictures(part, 60)
    for person in (clerk, rival):
        with pytest.raises(NotAllowed):
            scans.upload(
                filed.application.enterprise, filed.application.round, actor=person, part=part,
                stored=part.file, name="a.pdf", pages=1,
            )  # fmt: skip
    second = again(filed, owner)
    with pytest.raises(Refusal, match="已有新版本"):
        scanner.upload(second, owner, page, part)
    new = scanner.printed(second)["annex1"]
    paper_parts.receive_part(new, actor=secretary)
    with pytest.raises(Refusal, match="已经收到纸质件"):
        scanner.upload(second, owner, page, new)


def test_late_is_flagged_and_taken(filed, owner):
    from qcportal import clock

    round_ = filed.application.round
    part = scanner.printed(filed)["annex1"]
    type(round_).objects.filter(pk=round_.pk).update(stamped_due_at=clock.now() - timedelta(days=1))
    filed.application.round.refresh_from_db()
    scan = scanner.upload(filed, owner, scanner.pictures(part, 150), part)
    assert scan.is_late
    assert statuses(filed)["annex1"].state == "scanned"


def test_staff_confirm_and_take_back(filed, owner, secretary, auditor):
    part = scanner.printed(filed)["annex1"]
    found = scanner.upload(filed, owner, scanner.pictures(part, 150), part).parts.get()
    with pytest.raises(NotAllowed):
        scans.confirm(found, actor=auditor)
    scans.confirm(found, actor=secretary)
    row = statuses(filed)["annex1"]
    assert (row.state, row.scanned.confirmed_by) == ("confirmed", secretary)
    scans.confirm(found, actor=secretary, confirmed=False)
    assert statuses(filed)["annex1"].state == "scanned"


def test_each_part_is_received_on_its_own_and_the_rest_at_once(filed, owner, secretary):
    parts = scanner.printed(filed)
    paper_parts.receive_part(parts["annex2"], actor=secretary, shelf="A-03")
    with pytest.raises(Refusal, match="由 陈雪梅 签收"):
        paper_parts.receive_part(parts["annex2"], actor=secretary)
    application = filed.application
    assert paper_parts.receive_set(application.enterprise, application.round, actor=secretary) == 3
    assert {row.state for row in statuses(filed).values()} == {"received"}
    assert PartReceipt.objects.count() == 3
    assert application.paper_receipts.count() == 1


def test_an_old_part_is_received_only_when_that_is_meant(filed, owner, secretary):
    old = scanner.printed(filed)["cover"]
    again(filed, owner)
    with pytest.raises(Refusal, match="已有新版本"):
        paper_parts.receive_part(old, actor=secretary)
    paper_parts.receive_part(old, actor=secretary, accept_stale=True)
