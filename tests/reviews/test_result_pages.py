"""The pages of a ranking: views, rules, levels with their preview, derivation, frozen versions, workbooks."""

from io import BytesIO

import pypdfium2
import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import SpecialAward
from qcportal import clock
from qcportal.models import AuditEvent
from reviews.actions import rankings, recusing
from reviews.models import LevelOverride, LevelScheme, Panel, Ranking, ScoringRules
from tests.reviews import builders


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


@pytest.fixture
def documents(round_):
    builders.award_levels(round_.programme)
    return builders.only_documents(round_)


@pytest.fixture
def filings(documents, round_, owner, rival, secretary):
    """First alone, second and third equal; one judge of the first is recused."""
    panel = builders.judges(7, round_.programme)
    made = [builders.accepted(who, round_, at) for at, who in enumerate((owner, rival, rival), 1)]
    totals = ((88.5, 91, 90.5, 70, 93, 86, 89.5), (80,) * 7, (80,) * 7)
    for filing, own in zip(made, totals, strict=True):
        for assignment, total in zip(builders.assigned(documents, filing, panel, secretary), own, strict=True):
            builders.submitted_sheet(assignment, total)
    recusing.record_recusal(panel[3], made[0], actor=secretary, reason="曾任顾问")
    return made


def of(round_, name="", *more, scope=None):
    return reverse(f"admin:reviews_results{name}", args=[scope or f"round-{round_.pk}", *more])


CUTS = {"method": "quota", "ties": "panel", "base": "ranked", "absent": "same", "value_0": "2", "value_1": "1"}


def test_every_way_of_looking_has_its_ranking_and_its_export(staff, filings, round_, documents):
    panel = Panel.objects.create(stage=documents, name="第一评审组")
    documents.assignments.update(panel=panel)
    enterprise = filings[0].enterprise
    award = SpecialAward.objects.get(programme=round_.programme, code="salt-lake")
    filings[0].special_awards.add(award)
    address = reverse("admin:reviews_ranking", args=[round_.pk])
    expected = {
        "all": 3, "stage-document": 3, f"panel-{panel.pk}": 3, "award-salt-lake": 1,
        f"city-{enterprise.city}": None, f"industry-{enterprise.industry}": None,
    }  # fmt: skip
    offered = {view.key for view in staff.get(address).context["views"]}
    assert {"solving", "innovation"} | {key for key in expected if not key.endswith("-")} <= offered
    for key, count in expected.items():
        if key not in offered:
            continue
        page = staff.get(address, {"view": key})
        assert len(page.context["current"].lines) == (count or len(page.context["current"].lines)), key
        book = load_workbook(BytesIO(staff.get(of(round_, "_export"), {"view": key}).content))
        assert book["排名"].max_row == 3 + len(page.context["current"].lines), key
    assert "名次在“资料评审" not in staff.get(address).text
    assert "范围内计算，不是最终名次" in staff.get(address, {"view": "stage-document"}).text


def test_special_awards_and_the_whole_year_are_pages_of_their_own(staff, filings, round_):
    award = SpecialAward.objects.get(programme=round_.programme, code="salt-lake")
    filings[1].special_awards.add(award)
    overview = staff.get(reverse("admin:reviews_rankings")).text
    for slug, count in ((f"award-{award.pk}", 1), (f"year-{round_.programme_id}", 3)):
        address = of(round_, scope=slug)
        assert address in overview
        assert len(staff.get(address).context["lines"]) == count
    assert staff.get(of(round_, scope="award-99999")).status_code == 404


def test_rules_are_checked_beside_the_field_and_saved(staff, filings, round_, documents):
    address = reverse("admin:reviews_scoring_rules", args=[round_.pk])
    page = staff.get(address)
    assert "目前是默认规则" in page.text
    typed = {
        f"weight_{documents.pk}": "0.9", f"min_valid_{documents.pk}": "3", f"trim_from_{documents.pk}": "4",
        f"trim_count_{documents.pk}": "2", "tie_item": "1", "tie_document": "1", "tie_presentation": "",
        "tie_on_site": "2", "unlisted": "together", "reason": "", "seen": page.context["seen"],
    }  # fmt: skip
    refused = staff.post(address, typed).text
    for sentence in (
        "各阶段权重合计为 0.9，应为 1。", "各去 2 份时，起始份数至少为 5。", "“第 1 比”选了两次。", "请写明修改理由。",
    ):  # fmt: skip
        assert sentence in refused
    assert 'value="0.9"' in refused
    assert not ScoringRules.objects.exists()
    typed |= {f"weight_{documents.pk}": "1", f"trim_from_{documents.pk}": "5"}
    typed |= {"tie_document": "3", "reason": "方案第 4 条"}
    assert "已保存计分规则" in staff.post(address, typed, follow=True).text
    assert ScoringRules.objects.get().tie_order == ["item", "on_site", "document"]
    documents.refresh_from_db()
    assert documents.trim_count == 2
    assert "刚刚被他人改过" in staff.post(address, typed).text  # the page was of before


def test_a_preview_changes_nothing_and_says_who_would_move(staff, filings, round_):
    address = of(round_, "_levels")
    assert "还没有等级" in staff.get(address).text
    page = staff.get(address, CUTS)
    assert not LevelScheme.objects.exists()
    assert "第 2 名并列 2 组跨过名额线，由评审组合议，合议前不授予" in page.text
    assert 'data-chart="stack" data-table="bands"' in page.text
    assert page.context["bands"][0].label == "89"
    assert page.context["bands"][-1]._asdict() == {"label": "80", "total": 2, "counts": [0, 0, 2]}
    assert "已保存等级方案" in staff.post(address, {**CUTS, "step": "save"}, follow=True).text
    tried = staff.get(address, {**CUTS, "ties": "include"})
    assert [name for _line, *name in tried.context["changed"]] == [["无等级", "一等成果"]] * 2
    assert tried.context["counts"][0] == ("一等成果", 3, 1)


def test_wrong_cuts_keep_what_was_typed(staff, filings, round_):
    page = staff.get(of(round_, "_levels"), {**CUTS, "method": "threshold", "value_0": "80", "value_1": "85"})
    assert "二等成果的分数线应低于一等成果。" in page.text
    assert 'value="85"' in page.text
    assert "请至少为一个等级填写数值。" in staff.get(of(round_, "_levels"), {**CUTS, "value_0": "", "value_1": ""}).text
    text = staff.post(of(round_, "_levels"), {**CUTS, "value_0": "x", "step": "save"}).text
    assert "没有保存" in text
    assert 'value="x"' in text


def test_a_decision_is_recorded_shown_and_taken_back(staff, filings, round_):
    address = of(round_, "_levels")
    staff.post(address, {**CUTS, "step": "save"})
    chosen = {"application": str(filings[1].uuid), "level": "一等成果", "basis": "panel"}
    typed = {"step": "override", "reason": "", **chosen}
    assert "field__error" in staff.post(address, typed).text
    assert "已记录" in staff.post(address, {**typed, "reason": "会议纪要第 3 条"}, follow=True).text
    page = staff.get(address).text
    assert "评审组合议：待合议 → 一等成果（会议纪要第 3 条）" in page
    row = LevelOverride.objects.get()
    assert "已撤销调整" in staff.post(address, {"step": "withdraw", "row": row.pk}, follow=True).text
    assert not LevelOverride.objects.exists()


def test_the_derivation_names_every_sheet_and_the_coded_one_no_judge(staff, filings, round_):
    address = of(round_, "_entry", filings[0].uuid)
    text = staff.get(address).text
    assert "(88.5 + 91.0 + 90.5 + 89.5) ÷ 4 = 89.875 → 89.88" in text
    assert "<del>93.0</del><small>去最高</small>" in text
    assert "<del>86.0</del><small>去最低</small>" in text
    assert "回避<small>不计</small>" in text
    assert "70.0" not in text  # what the recused judge gave is not even shown
    names = builders.NAMES
    assert all(name in text for name in names)
    coded = staff.get(address, {"judges": "code"}).text
    assert not any(name in coded for name in names)
    assert coded.count("评委 ") >= 7
    assert AuditEvent.objects.filter(verb="scores.viewed", data__what="derivation").count() == 2


def test_a_tie_is_told_step_by_step(staff, filings, round_, secretary):
    address = of(round_, "_entry", filings[1].uuid)
    text = staff.get(address).text
    assert "原因分析（最佳方案）均分相同（30.00）；其余规则都相同，名次并列" in text
    rankings.decide_tie(filings[2], actor=secretary, position=1, reason="推广价值更大")
    assert "评审组合议：没有记录次序，排在有记录的之后" in staff.get(address).text


@pytest.mark.parametrize("coded", [False, True])
def test_the_derivation_as_a_sheet_of_paper(staff, filings, round_, coded):
    answer = staff.get(of(round_, "_entry_pdf", filings[0].uuid), {"judges": "code"} if coded else {})
    assert answer["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert len(document) == 1
    assert "成绩推导表" in text
    assert "89.88" in text
    assert "回避" in text
    assert any(name in text for name in builders.NAMES) is not coded


def test_no_derivation_of_a_filing_that_is_not_in_the_ranking(staff, filings, round_):
    award = SpecialAward.objects.get(programme=round_.programme, code="salt-lake")
    assert staff.get(of(round_, "_entry", filings[0].uuid, scope=f"award-{award.pk}")).status_code == 404


def test_a_frozen_version_is_shown_and_checked_by_button(staff, filings, round_, documents, auditor, client):
    staff.post(of(round_, "_levels"), {**CUTS, "ties": "include", "step": "save"})
    with clock.fixed(documents.closes_at):
        staff.post(reverse("admin:reviews_ranking", args=[round_.pk]), {"step": "freeze"})
    ranking = Ranking.objects.get()
    address = reverse("admin:reviews_frozen", args=[ranking.uuid])
    text = staff.get(address).text
    assert ranking.sha256 in text
    assert ranking.inputs_sha256 in text
    assert "都列入，多授 1 个" in text
    entry = f"{of(round_, '_entry', filings[0].uuid)}?version=1"
    assert entry in text
    recusing.record_recusal(documents.assignments.first().judge, filings[0], actor=ranking.frozen_by, reason="亲属")
    assert "(88.5 + 91.0 + 90.5 + 89.5)" in staff.get(entry).text  # as it was frozen
    assert "(88.5 + 91.0 + 90.5 + 89.5)" not in staff.get(of(round_, "_entry", filings[0].uuid)).text
    assert staff.get(entry.replace("version=1", "version=2")).status_code == 404
    client.force_login(auditor)
    assert "重新计算 3 行，结果与校验值" in client.post(address, follow=True).text
    ranking.data["rows"][0]["total"] = "99.00"
    ranking.save()
    assert "总分 保存为 99.00，重算为 89.88" in client.post(address, follow=True).text


def test_the_workbook_of_formulas_is_there_for_live_and_for_frozen_rankings(staff, filings, round_, documents):
    with clock.fixed(documents.closes_at):
        staff.post(reverse("admin:reviews_ranking", args=[round_.pk]), {"step": "freeze"})
    frozen = reverse("admin:reviews_frozen_check", args=[Ranking.objects.get().uuid])
    for address in (of(round_, "_check"), frozen):
        book = load_workbook(BytesIO(staff.get(address).content))
        assert book.sheetnames == ["说明", "规则", "资料", "核算"]
        assert [cell.value for cell in book["资料"][2]][2:9] == [88.5, 91, 90.5, "回避", 93, 86, 89.5]
    Ranking.objects.update(inputs=None)
    assert "不能导出核算表" in staff.get(frozen, follow=True).text


def test_auditors_look_at_all_of_it_and_change_nothing(client, auditor, filings, round_):
    client.force_login(auditor)
    rules = reverse("admin:reviews_scoring_rules", args=[round_.pk])
    for address in (of(round_, "_levels"), rules, of(round_, "_entry", filings[0].uuid), of(round_, "_check")):
        assert client.get(address).status_code == 200, address
    assert client.post(of(round_, "_levels"), {**CUTS, "step": "save"}).status_code == 403
    assert client.post(rules, {}).status_code == 403
    assert "保存规则" not in client.get(rules).text
