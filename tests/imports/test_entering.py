"""秘书处代录: from the uploaded ZIP over the review to the enterprise's own confirmation."""

import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications import completeness, confirmations
from applications.actions import entered, entering, extending, folders, submission
from applications.actions.enterprises import StaleEdit
from applications.imports.folder_names import EVIDENCE, FORM, SKIP, STATISTICS, SUMMARY
from applications.models import (
    AnnualReport,
    Application,
    Enterprise,
    Extension,
    Membership,
    RecommendingUnit,
    StaffEntry,
    StaffFolder,
)
from applications.packets.content import Frozen
from applications.states import State
from qcportal import clock, retention
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage
from tests import factories
from tests.imports import folders as packed


@pytest.fixture
def round_(db):
    return factories.open_round()


@pytest.fixture
def unit(db):
    """The owner of the enterprise that the folder names."""
    person = factories.user(username="spring", name="才让卓玛", email="zm@quan.example")
    enterprise = factories.enterprise(name=packed.UNIT, credit_code=packed.code(), contact_email="zm@quan.example")
    Membership.objects.create(enterprise=enterprise, user=person, role="owner", created_at=clock.now())
    return person


def taken(secretary, files=None, *, name=f"{packed.NAME}.zip", gbk=True) -> StaffFolder:
    content = packed.zipped(packed.usual() if files is None else files, gbk=gbk)
    return folders.take(io.BytesIO(content), name, actor=secretary, now=clock.now())


def every_key(folder) -> dict[int, list[str]]:
    return {row.pk: [cell.key for cell in row.read_cells if not cell.problem] for row in folder.files.all()}


def kinds(folder) -> dict[str, str]:
    return {row.file_name: row.kind for row in folder.files.all()}


def assign(folder, secretary, **more):
    fields = {
        "round_": folder.round, "enterprise": folder.enterprise, "new_name": folder.new_name,
        "new_code": folder.new_code, "contact": {}, "choices": {}, **more,
    }  # fmt: skip
    return folders.assign(folder, actor=secretary, **fields)


def agreed() -> dict[str, str]:
    return {one.kind: one.version for one in confirmations.statements(clock.now())}


def all_parts(application) -> list[str]:
    waiting = list(StaffEntry.objects.of(application).waiting())
    return [part.code for part in entered.parts_of(application, waiting)]


def test_a_folder_is_listed_and_changes_nothing(secretary, unit, round_):
    folder = taken(secretary)
    assert (folder.enterprise.name, folder.round, folder.contact_name, folder.contact_phone) == (
        packed.UNIT, round_, "才让卓玛", "13997001234",
    )  # fmt: skip
    assert kinds(folder) == {
        "附件1 申报表.docx": FORM, "附件2 活动总结.docx": SUMMARY, "附件3 统计表.xlsx": STATISTICS,
        "成果报告.pdf": EVIDENCE,
        "小组活动记录.pdf": EVIDENCE, "财务效益证明.pdf": EVIDENCE, "现场照片.jpg": EVIDENCE,
    }  # fmt: skip
    assert Application.objects.count() == AnnualReport.objects.count() == MailMessage.objects.count() == 0


def test_unknown_and_unreadable_files_are_asked_about_and_left_out(secretary, unit, round_):
    files = packed.usual() | {
        "扫描件001.pdf": factories.PDF + b"%9", "旧表.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600,
        "其余.rar": b"Rar!" + b"0" * 90, "会议通知.docx": packed.letter(), "工具.exe": b"MZ" + b"0" * 90,
    }  # fmt: skip
    rows = {row.file_name: row for row in taken(secretary, files).files.all()}
    assert (rows["扫描件001.pdf"].evidence_kind, rows["扫描件001.pdf"].question) == (
        "other",
        "没有认出材料类别，请选择。",
    )
    assert [rows[name].kind for name in ("旧表.doc", "其余.rar", "工具.exe")] == [SKIP] * 3
    assert all(rows[name].problem for name in ("旧表.doc", "其余.rar", "工具.exe"))
    assert rows["会议通知.docx"].kind == EVIDENCE


def test_entering_makes_a_marked_draft_and_tells_the_owner(secretary, unit, round_):
    folder = taken(secretary)
    made = entering.enter(folder, actor=secretary, keys=every_key(folder))
    (application,) = made.applications
    application.refresh_from_db()
    assert (application.state, application.group_name, application.topic_name) == (
        State.DRAFT, packed.GROUP, packed.TOPIC,
    )  # fmt: skip
    assert application.economic_benefit == 462_000
    assert [one.name for one in application.members.all()] == ["韩志远", "扎西多杰"]
    assert sorted(application.evidence.values_list("kind", flat=True)) == ["benefit", "photo", "records", "report"]
    report = AnnualReport.objects.get()
    assert (report.employees, len(report.summary_basics) > 100) == (120, True)
    form = folder.files.get(kind=FORM)
    entry = StaffEntry.objects.get(application=application)
    assert (entry.entered_by, entry.source_sha256, entry.confirmed_at) == (secretary, form.sha256, None)
    assert StaffEntry.objects.filter(report=report).count() == 2
    mail = MailMessage.objects.get(to="zm@quan.example")
    assert packed.GROUP in mail.body
    assert AuditEvent.objects.filter(verb="application.entered", actor=secretary).count() == 1
    folder.refresh_from_db()
    assert (folder.state, folder.file.size > 0) == ("done", True)


def test_the_enterprise_confirms_before_it_submits_and_the_mark_is_frozen(client, secretary, unit, round_):
    folder = taken(secretary)
    (application,) = entering.enter(folder, actor=secretary, keys=every_key(folder)).applications
    factories.explain(application, unit)
    now = clock.now()
    with pytest.raises(Refusal) as refused:
        submission.submit(application, actor=unit, confirmations=agreed(), arrived_at=now)
    assert refused.value.code == "entry_unconfirmed"
    with pytest.raises(Refusal, match="没有核对"):
        entered.confirm(application, actor=unit, looked_at=["contact"], agreed=agreed())
    with pytest.raises(Refusal, match="承诺"):
        entered.confirm(application, actor=unit, looked_at=all_parts(application), agreed={})
    with pytest.raises(NotAllowed):
        entered.confirm(application, actor=secretary, looked_at=all_parts(application), agreed=agreed())
    assert entered.confirm(application, actor=unit, looked_at=all_parts(application), agreed=agreed()) == 3
    application = Application.objects.get(pk=application.pk)
    assert [one.key for one in completeness.problems(application) if one.blocks] == []
    factories.explain(application, unit)
    frozen = submission.submit(application, actor=unit, confirmations=agreed(), arrived_at=now)
    assert frozen.data["entered_by_staff"]["sources"] == [folder.files.get(kind=FORM).sha256]
    assert frozen.personal["entered_by_staff"] == {"entered_by": "陈雪梅", "confirmed_by": "才让卓玛"}
    fields = dict(Frozen(frozen).cover([])["cover_fields"])
    assert fields["录入方式"].startswith("秘书处代录，单位 ")
    assert "录入方式" not in dict(Frozen(frozen, "blind").cover([])["cover_fields"])
    client.force_login(secretary)
    page = client.get(reverse("admin:applications_check", args=[application.pk])).content.decode()
    assert "秘书处代录（陈雪梅，" in page
    assert "核对确认后提交" in page


def test_staff_never_submit(secretary, unit, round_):
    folder = taken(secretary)
    (application,) = entering.enter(folder, actor=secretary, keys=every_key(folder)).applications
    entered.confirm(application, actor=unit, looked_at=all_parts(application), agreed=agreed())
    with pytest.raises(NotAllowed):
        submission.submit(application, actor=secretary, confirmations=agreed(), arrived_at=clock.now())


def test_only_ticked_cells_are_taken(secretary, unit, round_):
    folder = taken(secretary)
    form = folder.files.get(kind=FORM)
    made = entering.enter(folder, actor=secretary, keys={form.pk: ["topic_name"]})
    application = Application.objects.get(pk=made.applications[0].pk)
    assert (application.topic_name, application.target_value, AnnualReport.objects.get().employees) == (
        packed.TOPIC, "", None,
    )  # fmt: skip


def test_an_unknown_enterprise_is_made_unverified_and_claimed_by_its_credit_code(client, secretary, round_):
    folder = taken(secretary)
    assert (folder.enterprise, folder.new_name, folder.new_code) == (None, packed.UNIT, packed.code())
    made = entering.enter(folder, actor=secretary, keys=every_key(folder))
    assert (made.enterprise.verified_at, made.enterprise.contact_name) == (None, "才让卓玛")
    mail = MailMessage.objects.get(to="zm@quan.example")
    assert made.link in mail.body
    assert mail.is_private
    address = reverse("applications:invitation", args=[made.link])
    person = {
        "name": "才让卓玛", "username": "zhuoma", "mobile": "13997001234", "password1": factories.PASSWORD,
        "password2": factories.PASSWORD, "consent": "on",
    }  # fmt: skip
    answer = client.post(address, {**person, "credit_code": factories.credit_code(1)})
    assert "与该单位不符" in answer.content.decode()
    assert not Membership.objects.exists()
    assert client.post(address, {**person, "credit_code": packed.code().lower()}).status_code == 302
    member = Membership.objects.get(enterprise=made.enterprise)
    assert (member.role, member.user.email) == ("owner", "zm@quan.example")
    page = client.get(reverse("applications:workspace")).content.decode()
    assert "秘书处代为录入，请核对后确认" in page


def test_a_claim_without_an_address_leaves_the_typed_one_unproven(client, secretary, round_):
    folder = taken(secretary, {f"{packed.NAME}/附件1.docx": packed.annex1(email="")})
    made = entering.enter(folder, actor=secretary, keys=every_key(folder))
    assert not MailMessage.objects.exists()
    client.post(reverse("applications:invitation", args=[made.link]), {
        "name": "才让卓玛", "username": "zhuoma", "mobile": "13997001234", "email": "typed@quan.example",
        "password1": factories.PASSWORD, "password2": factories.PASSWORD, "consent": "on",
        "credit_code": packed.code(),
    })  # fmt: skip
    person = Membership.objects.get(enterprise=made.enterprise).user
    assert (person.email, person.email_verified_at) == ("typed@quan.example", None)


def test_a_wrong_or_known_code_makes_no_enterprise(secretary, round_):
    folder = taken(secretary)
    wrong = packed.code()[:-1] + ("0" if packed.code()[-1] != "0" else "1")
    with pytest.raises(Refusal, match="校验"):
        assign(folder, secretary, new_code=wrong)
    factories.enterprise(name="别的单位", credit_code=packed.code())
    with pytest.raises(Refusal, match="别的单位"):
        assign(folder, secretary, new_code=packed.code())


def test_a_closed_round_takes_nothing_without_an_extension(secretary, unit, round_):
    folder = taken(secretary)
    keys = every_key(folder)
    round_.opens_at, round_.closes_at = clock.now() - timedelta(days=30), clock.now() - timedelta(days=1)
    round_.save()
    with pytest.raises(Refusal, match="批准延期"):
        entering.enter(StaffFolder.objects.get(pk=folder.pk), actor=secretary, keys=keys)
    extending.grant(
        Extension(
            round=round_, enterprise=folder.enterprise, new_deadline=clock.now() + timedelta(days=2), reason="停电"
        ),
        actor=secretary,
    )  # fmt: skip
    assert len(entering.enter(StaffFolder.objects.get(pk=folder.pk), actor=secretary, keys=keys).applications) == 1


def test_an_existing_draft_is_filled_in_and_what_would_overwrite_is_not_ticked(client, secretary, unit, round_):
    factories.draft(unit, round_, group_name=packed.GROUP, topic_name=packed.TOPIC, target_value="原来的目标")
    folder = taken(secretary)
    client.force_login(secretary)
    page = client.get(reverse("admin:folder", args=[folder.uuid])).content.decode()
    form = folder.files.get(kind=FORM)
    box = f'name="take-{form.pk}" value="target_value" id="take-{form.pk}-target_value"'
    assert "会覆盖单位已填的内容" in page
    assert f"{box}>" in page
    assert f"{box} checked" not in page
    made = entering.enter(folder, actor=secretary, keys={form.pk: ["actual_value"]})
    application = Application.objects.get()
    assert made.applications == [application]
    assert (application.target_value, application.actual_value) == ("原来的目标", "28 分钟")


def test_what_the_enterprise_saved_meanwhile_stops_everything(secretary, unit, round_):
    draft = factories.draft(unit, round_, group_name=packed.GROUP, topic_name=packed.TOPIC)
    folder = taken(secretary)
    Application.objects.filter(pk=draft.pk).update(edit_version=draft.edit_version + 1)
    with pytest.raises(StaleEdit):
        entering.enter(folder, actor=secretary, keys=every_key(folder))
    assert not StaffEntry.objects.exists()
    assert not AnnualReport.objects.exists()


def test_a_submitted_group_is_not_entered_again(secretary, unit, round_):
    factories.draft(unit, round_, group_name=packed.GROUP, topic_name=packed.TOPIC, state=State.SUBMITTED)
    folder = taken(secretary)
    with pytest.raises(Refusal, match="改为不录入"):
        entering.enter(folder, actor=secretary, keys=every_key(folder))
    assert "退回补正" in folder.files.get(kind=FORM).problem


def test_two_groups_ask_whose_the_evidence_is(secretary, unit, round_):
    files = packed.usual() | {
        f"{packed.NAME}/雪山组 申报表.docx": packed.annex1(group="雪山QC小组", topic="提高合格率")
    }
    folder = taken(secretary, files)
    with pytest.raises(Refusal, match="所属小组"):
        entering.enter(folder, actor=secretary, keys=every_key(folder))
    second = folder.files.filter(kind=FORM).last()
    evidence = folder.files.filter(kind=EVIDENCE)
    choices = {row.pk: folders.Choice(EVIDENCE, row.evidence_kind, second.pk) for row in evidence}
    folder = assign(folder, secretary, choices=choices)
    made = entering.enter(folder, actor=secretary, keys=every_key(folder))
    assert {one.group_name: one.evidence.count() for one in made.applications} == {packed.GROUP: 0, "雪山QC小组": 4}


def test_a_file_taken_for_something_else_is_read_again(secretary, unit, round_):
    folder = taken(secretary, {"附件1.docx": packed.annex1(), "总结.pdf": factories.PDF})
    wrong = folder.files.get(kind=EVIDENCE)
    folder = assign(folder, secretary, choices={wrong.pk: folders.Choice(SUMMARY)})
    entering.enter(folder, actor=secretary, keys=every_key(folder))
    assert AnnualReport.objects.get().summary_file_name == "总结.pdf"


def test_others_may_not_and_an_auditor_may_look(secretary, auditor, owner, round_):
    for person in (auditor, owner):
        with pytest.raises(NotAllowed):
            taken(person)
    folder = taken(secretary)
    with pytest.raises(NotAllowed):
        entering.enter(folder, actor=auditor, keys={})
    folders.discard(folder, actor=secretary)
    with pytest.raises(Refusal):
        entering.enter(StaffFolder.objects.get(pk=folder.pk), actor=secretary, keys={})
    assert not Application.objects.exists()


def test_the_pages_from_upload_to_confirmation(client, secretary, unit, round_):
    client.force_login(secretary)
    upload = SimpleUploadedFile(f"{packed.NAME}.zip", packed.zipped(packed.usual(), gbk=True), "application/zip")
    answer = client.post(reverse("admin:folders"), {"file": upload})
    page = client.get(answer.url).content.decode()
    assert "证实性材料/成果报告.pdf" in page
    folder = StaffFolder.objects.get()
    data = {f"take-{pk}": keys for pk, keys in every_key(folder).items()}
    client.post(answer.url, {"what": "enter", **data})
    application = Application.objects.get()
    assert "待单位确认" in client.get(answer.url).content.decode()
    client.force_login(unit)
    detail = client.get(reverse("applications:detail", args=[application.uuid])).content.decode()
    assert "秘书处代为录入，请核对后确认" in detail
    address = reverse("applications:entered", args=[application.uuid])
    assert "逐项核对" in client.get(address).content.decode()
    kept = client.post(address, {"part": ["contact"]})
    assert kept.status_code == 409
    assert 'value="contact" checked' in kept.content.decode()
    statements = agreed()
    client.post(address, {
        "part": all_parts(application), **dict.fromkeys(statements, "on"),
        **{f"seen-{kind}": version for kind, version in statements.items()},
    })  # fmt: skip
    assert not StaffEntry.objects.waiting().exists()
    assert "请核对后确认" not in client.get(reverse("applications:workspace")).content.decode()


def test_a_hostile_upload_says_why_beside_the_field(client, secretary):
    client.force_login(secretary)
    upload = SimpleUploadedFile("单位_人_电话.zip", b"Rar!" + b"0" * 100, "application/zip")
    answer = client.post(reverse("admin:folders"), {"file": upload})
    assert "只能读取 ZIP" in answer.content.decode()
    assert not StaffFolder.objects.exists()


def test_an_office_form_that_hurts_is_left_out_with_its_reason(secretary, unit, round_):
    import zipfile

    inner = io.BytesIO(packed.annex1())
    with zipfile.ZipFile(inner, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"macro")
    row = taken(secretary, {"附件1 申报表.docx": inner.getvalue()}).files.get()
    assert (row.kind, "宏" in row.problem) == (SKIP, True)


def test_the_original_is_kept_and_its_reading_recorded(client, secretary, unit, round_):
    folder = taken(secretary)
    client.force_login(secretary)
    answer = client.get(reverse("admin:folder_file", args=[folder.uuid]))
    assert b"".join(answer.streaming_content)[:4] == b"PK\x03\x04"
    assert AuditEvent.objects.filter(verb="folder.read").count() == 1
    assert urlsplit(answer.headers.get("Location", "")).path == ""
    assert Enterprise.objects.count() == 1


def test_the_original_goes_with_the_personal_data_of_its_round(secretary, unit, round_):
    folder = taken(secretary)
    stored = folder.file
    retention.purge(before=round_.closes_at + timedelta(days=1), really=True)
    folder.refresh_from_db()
    assert (folder.file, folder.contact_name, folder.contact_phone) == (None, "", "")
    assert not default_storage.exists(stored.storage_name)
    assert {(str(row.cells), str(row.identity)) for row in folder.files.all()} == {("[]", "{}")}


REVIEW_QUERIES = 25


def three_groups(count: int) -> dict[str, bytes]:
    """A folder of ``count`` groups, each with its own form, and the two attachments of the year."""
    files = packed.usual()
    form = f"{packed.NAME}/附件1 申报表.docx"
    del files[form]
    for number in range(count):
        name = f"{packed.NAME}/第{number}组/附件1 申报表.docx"
        files[name] = packed.annex1(
            group=f"第{number}QC小组", topic=f"降低第{number}号机组故障次数", recommending_unit="西宁市质量协会"
        )
    return files


@pytest.mark.parametrize("known", [False, True], ids=["new drafts", "drafts that are there"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_review_asks_as_often_for_three_forms_as_for_one(
    client, secretary, unit, round_, count, known, django_assert_num_queries
):
    RecommendingUnit.objects.create(name="西宁市质量协会")
    if known:
        for number in range(count):
            factories.draft(unit, round_, group_name=f"第{number}QC小组", topic_name=f"降低第{number}号机组故障次数")
    folder = taken(secretary, three_groups(count))
    client.force_login(secretary)
    address = reverse("admin:folder", args=[folder.uuid])
    page = client.get(address)
    assert sum(bool(sheet.review) for sheet in page.context["sheets"]) == count + 2
    assert sum(bool(sheet.row.application) for sheet in page.context["sheets"]) == (count if known else 0)
    with django_assert_num_queries(REVIEW_QUERIES):
        client.get(address)
