import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from applications import report_gate, report_progress, report_upload, statistics
from applications.actions import reports
from applications.actions.enterprises import StaleEdit
from applications.forms.money import MoneyWanField
from applications.forms.reports import StatisticsForm
from applications.models import AnnualReport, Application, ReportVersion
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories


@pytest.fixture
def round_(db):
    return factories.open_round()


@pytest.fixture
def year(round_):
    return round_.programme.year


@pytest.fixture
def mine(owner):
    return factories.enterprise_of(owner)


def page(name, year):
    return reverse(f"applications:{name}", args=[year])


def figures(**changes):
    return {
        "seen_version": 1, "employees": "1,250", "groups_cumulative": "120", "groups_registered": "20",
        "groups_active": "18", "participants": "160", "results_count": "12", "direct_benefit": "386.25",
        "filled_by": "李文静", "responsible_person": "马启明", **changes,
    }  # fmt: skip


def stored(owner):
    return AnnualReport.objects.get(enterprise=factories.enterprise_of(owner))


# --- Rates and findings ---------------------------------------------------------------------------


def test_rates_are_computed_to_two_places_half_up():
    values = {"groups_registered": 18, "results_count": 20, "participants": 1, "employees": 800, "groups_active": 17}
    assert statistics.rates(values) == {
        "result_rate": Decimal("111.11"),
        "participation_rate": Decimal("0.13"),  # 0.125
        "activity_rate": Decimal("94.44"),
    }


def test_a_rate_without_its_numbers_is_none():
    assert statistics.rates({"results_count": 3, "groups_registered": 0, "participants": 5})["result_rate"] is None


@pytest.mark.parametrize(
    ("values", "level", "field"),
    [
        ({"participants": 11, "employees": 10}, "error", "participants"),
        ({"groups_registered": 5, "groups_cumulative": 4}, "error", "groups_cumulative"),
        ({"direct_benefit": Decimal(2), "cumulative_benefit": Decimal(1)}, "error", "cumulative_benefit"),
        (
            {"groups_registered": 3, "groups_problem_solving": 2, "groups_innovation": 2},
            "error", "groups_problem_solving",
        ),
        ({"results_count": 4, "groups_registered": 3}, "warning", "results_count"),
        ({"groups_active": 4, "groups_registered": 3}, "warning", "groups_active"),
        ({"employees": 9, "groups_registered": 1}, "warning", "employees"),
        ({"direct_benefit": Decimal("38625000000"), "results_count": 10}, "warning", "direct_benefit"),
        ({"direct_benefit": Decimal(5), "results_count": 1}, "warning", "direct_benefit"),
    ],
)  # fmt: skip
def test_each_oddity_is_found(values, level, field):
    assert [(one.level, one.field) for one in statistics.check(values)] == [(level, field)]


def test_a_complete_report_of_the_usual_kind_has_no_findings(mine, round_):
    report = factories.report(mine, round_.programme)
    values = report_progress.values_of(report)
    assert statistics.check(values) + statistics.missing(values) == []


def test_benefit_typed_in_yuan_offers_the_figure_in_wan():
    found = statistics.check({"direct_benefit": Decimal("3862500") * 10_000, "results_count": 12})
    assert found[0].fix == "386.25"


def test_a_jump_against_last_year_is_asked_about():
    found = statistics.check({"employees": 1000}, {"employees": 100})
    assert found[0].level == "warning"
    assert "与上次填报相差" in found[0].message


# --- What may be typed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "field", "message", "fix"),
    [
        ("0.125", "employees", "单位是人，0.125 万人请填 1250。", "1250"),
        ("0.125万人", "employees", "单位是人，0.125 万人请填 1250。", "1250"),
        ("12.5", "groups_registered", "单位是个，请填写整数。", ""),
        ("-3", "participants", "不能为负数。", ""),
        ("许多", "employees", "请填写整数，单位是人。", ""),
        ("99999999999", "employees", "数字过大，请核对单位。", ""),
        ("-1", "direct_benefit", "金额不能为负数。", ""),
    ],
)
def test_wrong_figures_are_refused_with_the_correction(typed, field, message, fix):
    form = StatisticsForm({"seen_version": 1, field: typed})
    assert not form.is_valid()
    assert form.errors[field] == [message]
    assert form.fix_for(field) == fix


@pytest.mark.parametrize(("typed", "count"), [("1，250", 1250), ("１２５０人", 1250), ("1250.0", 1250), ("", None)])
def test_figures_as_people_type_them(typed, count):
    form = StatisticsForm({"seen_version": 1, "employees": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["employees"] == count


@pytest.mark.parametrize(
    ("typed", "yuan"), [("386.25", "3862500.00"), ("3,862.5 万元", "38625000.00"), ("0.000001", "0.01"), ("0", "0.00")]
)
def test_money_is_typed_in_wan_and_kept_in_yuan(typed, yuan):
    field = MoneyWanField()
    assert str(field.clean(typed)) == yuan
    assert field.clean(field.prepare_value(Decimal(yuan))) == Decimal(yuan)


@pytest.mark.parametrize("typed", ["12元", "1.5亿", "0.0000001", "abc", "1e5", "NaN", "99999999999"])
def test_money_that_would_have_to_be_guessed_is_refused(typed):
    with pytest.raises(Exception, match=r"万元|分") as refused:
        MoneyWanField().clean(typed)
    assert type(refused.value).__name__ == "ValidationError"


# --- Attachment 3 ---------------------------------------------------------------------------------


def test_a_draft_is_saved_and_rates_are_shown(client, owner, year):
    client.force_login(owner)
    address = page("report_statistics", year)
    assert client.post(address, figures())["Location"] == address
    report = stored(owner)
    assert (report.employees, report.direct_benefit, report.edit_version) == (1250, Decimal("3862500.00"), 2)
    text = client.get(address).content.decode()
    assert "12.80" in text  # 160 / 1250
    assert "386.25" in text
    row = AuditEvent.objects.get(verb="report.changed")
    assert row.after["employees"] == "1250"
    assert "李文静" not in str(row.after) + str(row.data)


def test_looking_creates_nothing(client, owner, year):
    client.force_login(owner)
    for name in ("report", "report_summary", "report_statistics"):
        assert client.get(page(name, year)).status_code == 200
    assert not AnnualReport.objects.exists()


def test_everything_of_the_right_type_is_saved_and_the_rest_comes_back(client, owner, year):
    client.force_login(owner)
    address = page("report_statistics", year)
    answer = client.post(address, figures(employees="0.125"))
    assert answer.status_code == 200
    assert (stored(owner).employees, stored(owner).participants) == (None, 160)
    text = answer.content.decode()
    assert 'name="fix" value="employees:1250"' in text
    assert 'value="0.125"' in text
    # One press on the repair button, which is a submit button of the same form.
    form = answer.context["form"]
    answer = client.post(
        address, figures(employees="0.125", fix="employees:1250", seen_version=form.data["seen_version"])
    )
    assert answer.status_code == 302
    assert stored(owner).employees == 1250


def test_an_error_between_figures_is_saved_and_shown(client, owner, year):
    client.force_login(owner)
    address = page("report_statistics", year)
    assert client.post(address, figures(participants="2000")).status_code == 302
    assert stored(owner).participants == 2000
    shown = client.get(address)
    assert [row.row.field for row in shown.context["errors"]] == ["participants"]
    assert report_progress.statistics_progress(stored(owner)).state == "check"


def test_a_repair_of_a_finding_works_without_script(client, owner, year):
    client.force_login(owner)
    address = page("report_statistics", year)
    client.post(address, figures(groups_cumulative="2"))
    assert 'name="fix" value="groups_cumulative:20"' in client.get(address).content.decode()
    client.post(address, figures(groups_cumulative="2", fix="groups_cumulative:20", seen_version=2))
    assert stored(owner).groups_cumulative == 20


def test_a_forged_repair_goes_through_the_form(client, owner, year):
    client.force_login(owner)
    address = page("report_statistics", year)
    client.post(address, figures(fix="enterprise:1"))
    answer = client.post(address, figures(fix="employees:-5", seen_version=2))
    assert answer.context["form"].errors["employees"] == ["不能为负数。"]


def test_last_year_stands_beside(client, owner, mine, year, round_):
    before = factories.programme(year - 1)
    factories.report(mine, before, employees=1218, direct_benefit=Decimal("4123000"))
    client.force_login(owner)
    text = client.get(page("report_statistics", year)).content.decode()
    assert "1,218" in text
    assert "412.30" in text


def test_filings_of_the_year_are_held_against_row_nine(client, owner, mine, year, round_):
    factories.report(mine, round_.programme, direct_benefit=Decimal("100000"))
    factories.draft(owner, economic_benefit=Decimal("462000"))
    client.force_login(owner)
    assert "合计超过附件 3" in client.get(page("report_statistics", year)).content.decode()


# --- Attachment 2 ---------------------------------------------------------------------------------


_picture = io.BytesIO()
Image.new("RGB", (8, 8)).save(_picture, "JPEG")
JPEG = _picture.getvalue()


def sections(**changes):
    return {"seen_version": 1, **changes}


def docx(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *names):
            archive.writestr(name, f'<Override ContentType="{report_upload.DOCX}.main+xml"/>')
    return packed.getvalue()


def test_sections_are_saved_as_they_are(client, owner, year):
    client.force_login(owner)
    address = page("report_summary", year)
    client.post(address, sections(summary_basics="本单位共有职工 1250 人。"))
    assert stored(owner).summary_basics == "本单位共有职工 1250 人。"
    assert "本单位共有职工" not in str(AuditEvent.objects.get(verb="report.changed").after)
    client.post(address, {**sections(summary_basics="", summary_plans="扩大小组活动。"), "seen_version": 2})
    assert (stored(owner).summary_basics, stored(owner).summary_plans) == ("", "扩大小组活动。")


def test_a_document_is_stored_shown_and_taken_away(client, owner, year, settings):
    client.force_login(owner)
    address = page("report_summary", year)
    upload = SimpleUploadedFile("总结.pdf", factories.PDF, "application/octet-stream")
    client.post(address, {**sections(summary_basics="一"), "document": upload})
    report = stored(owner)
    assert (report.summary_file_name, report.summary_file_pages) == ("总结.pdf", 1)
    answer = client.get(page("report_document", year))
    assert b"".join(answer.streaming_content) == factories.PDF
    assert answer["X-Content-Type-Options"] == "nosniff"
    client.post(address, {**sections(summary_basics="一"), "seen_version": 2, "remove_document": "on"})
    assert stored(owner).summary_file is None
    assert client.get(page("report_document", year)).status_code == 404


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"MZ\x90\x00 not a document", "程序文件"),
        (JPEG, "只接受 PDF"),
        (b"%PDF-1.4 broken", "已损坏"),
        (b"PK\x03\x04 broken", "已损坏"),
        (docx("word/vbaProject.bin"), "含有宏"),
        (b"", "文件"),
    ],
)
def test_other_files_are_refused_and_the_text_is_saved(client, owner, year, content, message):
    client.force_login(owner)
    upload = SimpleUploadedFile("总结.pdf", content)
    answer = client.post(page("report_summary", year), {**sections(summary_basics="一"), "document": upload})
    assert message in answer.context["form"].errors["document"][0]
    assert stored(owner).summary_basics == "一"
    assert stored(owner).summary_file is None


def test_a_word_document_is_known_by_its_content():
    checked = report_upload.check(io.BytesIO(docx()), "C:\\材料\\总结.docx")
    assert (checked.content_type, checked.name, checked.pages) == (report_upload.DOCX, "总结.docx", None)


def test_too_long_a_section_is_refused_and_not_lost(client, owner, year):
    client.force_login(owner)
    answer = client.post(page("report_summary", year), sections(summary_basics="长" * 5001, summary_plans="短"))
    assert answer.context["form"].errors["summary_basics"] == [
        "最多 5000 字，现为 5001 字，请删减 1 字。您写的内容还在输入框里，删减后请再次保存。"
    ]
    assert "长" * 5001 in answer.content.decode()
    assert stored(owner).summary_plans == "短"


def test_progress_of_the_summary(mine, round_):
    report = AnnualReport(enterprise=mine, programme=round_.programme, summary_basics="一二 三")
    assert report_progress.summary_progress(None).state == "empty"
    assert report_progress.summary_progress(report).note == "6 部分中已写 1 部分，共 3 字，至少 800 字"
    assert report_progress.summary_progress(factories.report(mine, round_.programme)).state == "done"


# --- Stale saves ----------------------------------------------------------------------------------


def test_a_stale_save_is_refused_with_both_values_and_nothing_lost(client, owner, mine, year, round_):
    reports.save_statistics(mine, round_.programme, actor=owner, values={"employees": 999}, seen_version=1)
    client.force_login(owner)
    answer = client.post(page("report_statistics", year), figures())
    assert answer.status_code == 200
    assert stored(owner).participants is None
    both = [(one.theirs, one.yours) for one in answer.context["conflicts"] if one.field == "employees"]
    assert both == [("999", "1250")]
    assert 'value="1,250"' in answer.content.decode()
    assert client.post(page("report_statistics", year), figures(seen_version=2)).status_code == 302
    assert stored(owner).employees == 1250


def test_a_stale_summary_is_refused_with_both_values(client, owner, mine, year, round_):
    reports.save_summary(mine, round_.programme, actor=owner, values={"summary_plans": "他人写的"}, seen_version=1)
    client.force_login(owner)
    text = client.post(page("report_summary", year), sections(summary_plans="我写的")).content.decode()
    assert "他人写的" in text
    assert "我写的" in text


def test_the_first_save_of_two_at_once_wins(owner, mine, round_):
    reports.save_summary(mine, round_.programme, actor=owner, values={"summary_plans": "甲"}, seen_version=1)
    with pytest.raises(StaleEdit):
        reports.save_summary(mine, round_.programme, actor=owner, values={"summary_plans": "乙"}, seen_version=1)
    assert AnnualReport.objects.count() == 1


# --- When, and by whom ----------------------------------------------------------------------------


def test_the_gate_at_the_deadline(owner, mine):
    round_ = factories.round_of(2026, 1)
    second = timedelta(seconds=1)

    def refusal(moment):
        return report_gate.refusal_for(mine, round_.programme, REPORT_STATISTICS, moment)

    assert refusal(round_.opens_at - second).code == "not_open"
    assert refusal(round_.opens_at) is None
    assert refusal(round_.closes_at - second) is None
    late = refusal(round_.closes_at)
    assert late.code == "after_deadline"
    assert "2026年6月30日24:00" in late.message


def test_the_action_refuses_after_the_deadline_and_the_page_says_so(client, owner, mine):
    round_ = factories.round_of(2026, 1)
    client.force_login(owner)
    with clock.fixed(round_.closes_at):
        with pytest.raises(Refusal) as refused:
            reports.save_summary(mine, round_.programme, actor=owner, values={"summary_plans": "迟"}, seen_version=1)
        assert refused.value.code == "after_deadline"
        text = client.get(page("report_statistics", 2026)).content.decode()
        assert "已过截止时间" in text
        assert "保存草稿" not in text
        assert "已过截止时间" in client.post(page("report_statistics", 2026), figures()).content.decode()
    assert not AnnualReport.objects.exists()


def test_the_second_round_opens_it_again(mine):
    first, second = factories.round_of(2026, 1), factories.round_of(2026, 2)
    assert report_gate.refusal_for(mine, first.programme, REPORT_SUMMARY, first.closes_at) is None
    assert report_gate.gate(mine, first.programme, second.opens_at).until == second.closes_at


def test_an_extension_of_one_enterprise_opens_it_for_that_one(mine, rival, secretary):
    round_ = factories.round_of(2026, 1)
    round_.extensions.create(
        enterprise=mine, new_deadline=round_.closes_at + timedelta(days=2), reason="停电", created_by=secretary,
        created_at=round_.closes_at,
    )  # fmt: skip
    at = round_.closes_at + timedelta(days=1)
    assert report_gate.refusal_for(mine, round_.programme, REPORT_SUMMARY, at) is None
    other = factories.enterprise_of(rival)
    assert report_gate.refusal_for(other, round_.programme, REPORT_SUMMARY, at) is not None


def test_a_return_opens_only_the_part_it_names(client, owner, mine):
    round_ = factories.round_of(2026, 1)
    factories.report(mine, round_.programme)
    at = round_.closes_at + timedelta(days=1)
    Application.objects.create(
        enterprise=mine, round=round_, state="returned", open_fields=[REPORT_STATISTICS], created_by=owner,
        correction_due_at=at + timedelta(days=5), created_at=at, updated_at=at,
    )  # fmt: skip
    with clock.fixed(at):
        reports.save_statistics(mine, round_.programme, actor=owner, values={"employees": 1300}, seen_version=1)
        with pytest.raises(Refusal) as refused:
            reports.save_summary(mine, round_.programme, actor=owner, values={"summary_plans": "新"}, seen_version=2)
        assert refused.value.code == "part_closed"
        client.force_login(owner)
        assert "保存草稿" in client.get(page("report_statistics", 2026)).content.decode()
        assert "未开放这一部分" in client.get(page("report_summary", 2026)).content.decode()
    with clock.fixed(at + timedelta(days=5)), pytest.raises(Refusal):
        reports.save_statistics(mine, round_.programme, actor=owner, values={"employees": 1400}, seen_version=2)


def test_after_freezing_the_page_says_that_a_new_version_follows(client, owner, mine, year, round_):
    application = factories.complete_draft(owner, round_)
    report = AnnualReport.objects.get()
    ReportVersion.objects.create(
        report=report, version=1, data={}, sha256="0" * 64, code="ABCDEFGHJKLM", frozen_at=clock.now(), frozen_by=owner
    )
    Application.objects.filter(pk=application.pk).update(state="submitted")
    client.force_login(owner)
    text = client.get(page("report_statistics", year)).content.decode()
    assert "第 1 版已于" in text
    assert "随下一次提交生成第 2 版" in text
    assert "ABCD EFGH JKLM" in client.get(page("report", year)).content.decode()
    client.post(page("report_statistics", year), figures(employees="1260"))
    # Pressing submit again is not "nothing changed".
    application.refresh_from_db()
    assert application.has_unsubmitted_changes


def test_who_may_reach_the_report(client, owner, clerk, rival, secretary, mine, year, round_):
    factories.report(mine, round_.programme)
    names = ("report", "report_summary", "report_statistics")
    for name in names:
        client.logout()
        assert client.get(page(name, year)).status_code == 302
        client.force_login(secretary)
        assert client.get(page(name, year)).status_code == 404
        client.force_login(clerk)
        assert client.get(page(name, year)).status_code == 200
        assert client.get(page(name, 1999)).status_code == 404
        assert client.delete(page(name, year)).status_code == 405
    client.force_login(clerk)
    assert client.post(page("report_summary", year), sections(summary_plans="改")).status_code == 403
    assert client.post(page("report_statistics", year), figures()).status_code == 403
    client.force_login(rival)
    assert "1250" not in client.get(page("report_statistics", year)).content.decode()
    with pytest.raises(NotAllowed):
        reports.save_statistics(mine, round_.programme, actor=rival, values={"employees": 1}, seen_version=1)


def test_the_overview_asks_as_many_questions_with_three_versions_as_with_one(client, owner, mine, year, round_):
    report = factories.report(mine, round_.programme)

    def freeze(number):
        report.versions.create(
            version=number, data={}, sha256="0" * 64, code=f"ABCDEFGHJKL{number}",
            frozen_at=clock.now(), frozen_by=owner,
        )  # fmt: skip

    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(page("report", year))
        return len(queries)

    client.force_login(owner)
    freeze(1)
    count()
    one = count()
    freeze(2)
    freeze(3)
    assert count() == one


def test_unpublished_years_do_not_exist(client, owner):
    factories.programme(2030, is_published=False)
    client.force_login(owner)
    assert client.get(page("report", 2030)).status_code == 404


# --- The grid: what is said of entries while one types ---------------------------------------------


def said(client, year, **changes):
    answer = client.post(page("report_statistics_check", year), figures(**changes))
    assert answer.status_code == 200
    return answer.json()


def test_entries_are_judged_as_typed_and_nothing_is_stored(client, owner, year):
    client.force_login(owner)
    answer = said(client, year, employees="0.125", results_count="25")
    assert answer["rows"]["employees"]["state"] == "error"
    (note,) = answer["rows"]["employees"]["notes"]
    assert (note["level"], note["message"], note["fix"]) == ("error", "单位是人，0.125 万人请填 1250。", "1250")
    assert answer["rows"]["results_count"]["state"] == "warning"
    quiet = answer["rows"]["groups_active"]
    assert (quiet["state"], quiet["notes"], quiet["change"], quiet["echo"]) == ("", [], "", "")
    assert answer["rates"]["result_rate"]["value"] == "125.00"
    assert answer["rates"]["result_rate"]["odd"] is True
    assert answer["rates"]["participation_rate"]["refused"] is True
    assert not AnnualReport.objects.filter(enterprise=factories.enterprise_of(owner)).exists()


def test_each_number_is_held_against_last_year(client, owner, year):
    before = factories.programme(year - 1)
    factories.report(
        factories.enterprise_of(owner), before, employees=1000, groups_active=18, direct_benefit=Decimal("1000000")
    )
    client.force_login(owner)
    rows = said(client, year, direct_benefit="1,200.5")["rows"]
    assert rows["employees"]["change"] == "+25.0%"
    assert rows["groups_active"]["change"] == "持平"
    assert rows["direct_benefit"]["change"] == "+1,100.5%"
    assert "5 倍以上" in rows["direct_benefit"]["notes"][0]["message"]
    client.post(page("report_statistics", year), figures())
    assert "+25.0%" in client.get(page("report_statistics", year)).content.decode()


def test_a_large_number_is_said_again_in_another_unit(client, owner, year):
    client.force_login(owner)
    rows = said(client, year, employees="12,500", direct_benefit="386.25")["rows"]
    assert rows["employees"]["echo"] == "= 1.25 万人"
    assert rows["direct_benefit"]["echo"] == "= 3,862,500.00 元"
    assert rows["participants"]["echo"] == ""
