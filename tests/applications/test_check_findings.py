"""What the portal finds for the checker: the same bytes, the same words, what it can say beside each checklist line."""

import pytest

from applications import check_findings, check_hints, similarity
from applications.models import Application, EnterpriseProof, FormalCheck, FormerName, Submission
from qcportal import clock, files
from tests import factories
from tests.applications import checked
from tests.applications.test_admin_check import text, url

pytestmark = pytest.mark.django_db

WORDS = "收集包装工序的封口温度与返工记录，分层分析后确认主要原因为温度漂移，据此改造温控模块并制定标准"


@pytest.fixture
def filed(owner):
    return checked.submitted(owner)


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


def last(application):
    return application.submissions.select_related("report_version").order_by("-version").first()


# --- the same words --------------------------------------------------------------------------------


def test_passages_are_whole_runs_in_the_order_of_the_text():
    left = f"甲乙丙丁戊己庚辛。{WORDS}。子丑寅卯辰巳午未。"
    right = f"完全不同的开头，{WORDS}，也不同的结尾。"
    (found,) = similarity.passages(left, right)
    assert found.left.match == found.right.match == WORDS
    assert found.left.before == "甲乙丙丁戊己庚辛。"
    assert found.right.before == "完全不同的开头，"


def test_short_runs_are_no_passages_and_long_ones_win():
    assert similarity.passages("提高产品一次合格率", "提高产品一次合格率") == []
    runs = [WORDS[: 14 + 3 * number] for number in range(6)]
    left = "。".join(f"{number}甲{run}" for number, run in enumerate(runs))
    right = "；".join(f"{number}乙{run}" for number, run in enumerate(runs))
    found = similarity.passages(left, right, most=2)
    assert len(found) == 2
    assert max(len(one.left.match) for one in found) == len(runs[-1])


def test_similar_topics_of_others_come_with_their_passages_escaped(staff, filed, rival):
    rows = {"topic_name": filed.topic_name, "main_results": f"<b>{WORDS}</b>"}
    checked.submitted(rival, filed.round, **rows)
    Application.objects.filter(pk=filed.pk).update(main_results=f"<i>{WORDS}</i>")
    filed.refresh_from_db()
    checked.resubmit(filed, filed.created_by)
    (one,) = check_findings.alike_texts(filed, last(filed))
    assert any(WORDS in passage.left.match for passage in one.passages)
    body = text(staff.get(url(filed)))
    assert "青海瀚澄盐湖化工有限公司" in body
    marked = [piece.split("</mark>")[0] for piece in body.split("<mark>")[1:]]
    assert any(WORDS in piece for piece in marked)
    assert f"<b>{WORDS}" not in body
    assert url(Application.objects.get(enterprise__name="青海瀚澄盐湖化工有限公司")) in body


# --- the same bytes --------------------------------------------------------------------------------


def test_the_same_file_of_another_enterprise_is_named_with_whose_it_is(staff, owner, rival):
    filed = checked.submitted(owner)
    other = checked.submitted(rival, filed.round)
    content = factories.PDF + b"%one"
    factories.evidence(other, "other", "别处的名字.pdf", content=content)
    factories.evidence(filed, "other", "这里的名字.pdf", content=content)
    checked.resubmit(filed, owner)
    evidence = [item for item in last(filed).data["evidence"] if item["name"] == "这里的名字.pdf"]
    (found,) = check_findings.same_files(filed, evidence)
    assert (found.name, found.total, found.is_foreign) == ("这里的名字.pdf", 1, True)
    assert [(one.pk, one.unit, one.name, one.is_own) for one in found.others] == [
        (other.pk, "青海瀚澄盐湖化工有限公司", "别处的名字.pdf", False)
    ]
    body = text(staff.get(url(filed)))
    assert "别处的名字.pdf" in body
    assert "含其他单位" in body


def test_only_the_first_others_are_named_and_all_are_counted(owner, django_assert_num_queries):
    filed = checked.submitted(owner)
    for number in range(5):
        draft = factories.draft(owner, filed.round, group_name=f"小组{number}")
        factories.evidence(draft, "report", f"{number}.pdf", content=factories.PDF)
    evidence = last(filed).data["evidence"]
    with django_assert_num_queries(2):
        found = check_findings.same_files(filed, evidence)
    assert all(len(one.others) == 3 and one.more == 2 and not one.is_foreign for one in found)


# --- hints -----------------------------------------------------------------------------------------


def facts(filed, **more):
    programme = filed.round.programme
    values = {"data_year": programme.data_year, "latest_day": filed.round.closes_at.date()}
    return check_hints.Facts(last(filed), filed.enterprise, **{**values, **more})


def told(filed, helper, **more):
    return [(hint.kind, hint.text) for hint in check_hints.hints(facts(filed, **more))[helper]]


def test_every_helper_has_its_maker():
    assert set(check_hints.MAKERS) == set(check_hints.Helper)
    assert set(check_hints.PROPOSALS) == {str(helper) for helper in check_hints.Helper}


def frozen(filed, part, **values):
    row = last(filed)
    row.data[part] |= values
    Submission.objects.filter(pk=row.pk).update(data=row.data)


@pytest.mark.parametrize(
    ("code", "kinds"),
    [("91630104MA", ["ok", "look"]), ("91510104MA", ["look", "look"]), ("52630104MA", ["ok", "look", "look"])],
)
def test_the_area_of_the_credit_code(filed, code, kinds):
    frozen(filed, "enterprise", credit_code=code + "70000001")
    assert [kind for kind, _text in told(filed, "region")] == kinds


def test_names_licence_and_former_names(filed):
    frozen(filed, "enterprise", certificate_unit_name="另一个名字")
    hints = {words: kind for kind, words in told(filed, "names", former_names=["旧名"], licence_href="#proof-1")}
    assert hints == {
        "证书用名“另一个名字”与单位名称不同": "look", "曾用名：旧名": "info", "对照营业执照": "info",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "kind"),
    [("2025-03-01", "2025-12-01", "ok"), ("2022-03-01", "2025-12-01", "look"), ("2025-03-01", "2099-01-01", "look")],
)
def test_the_years_of_the_activity(filed, start, end, kind):
    frozen(filed, "group", activity_starts_on=start, activity_ends_on=end)
    assert [one for one, _text in told(filed, "years", data_year=2025)] == [kind]


def test_kinds_of_evidence_and_finance(filed):
    assert told(filed, "kinds") == [("ok", "3 类必需材料都有")]
    assert told(filed, "finance") == [("ok", "有财务效益证明 1 件；附件 1 的直接经济效益 46.20 万元")]
    row = last(filed)
    row.data["evidence"] = [item for item in row.data["evidence"] if item["kind"] != "benefit"]
    Submission.objects.filter(pk=row.pk).update(data=row.data)
    assert told(filed, "kinds") == [("look", "缺 财务效益证明")]
    assert told(filed, "finance")[0][0] == "look"


def test_hints_stand_beside_their_line_and_answer_nothing(staff, filed, secretary):
    item = checked.checklist(filed, "财务部门确认")[0]
    item.helper, item.help_text = "finance", "看有没有财务章"
    item.save()
    FormerName.objects.create(enterprise=filed.enterprise, name="旧的名称有限公司", until=clock.now())
    staff.post(url(filed, "check_start"))
    body = text(staff.get(url(filed)))
    line = body.split("财务部门确认")[1].split("</fieldset>")[0]
    assert "看有没有财务章" in line
    assert "有财务效益证明 1 件" in line
    assert 'value="yes" checked' not in line
    assert not FormalCheck.objects.get().checklist[0]["answer"]


def test_the_licence_is_in_the_viewer(staff, filed, owner):
    EnterpriseProof.objects.create(
        enterprise=filed.enterprise, kind="licence", name="营业执照.pdf", uploaded_by=owner, uploaded_at=clock.now(),
        file=files.store(factories.PDF + b"%licence", "application/pdf"),
    )  # fmt: skip
    proof = EnterpriseProof.objects.get()
    assert f'data-file="proof-{proof.pk}"' in text(staff.get(url(filed)))


def test_a_special_award_of_another_industry_is_doubted(filed):
    award = filed.round.programme.special_awards.get(code="clean-energy")
    award.name, award.eligibility = "清洁能源奖", "光伏等"
    award.save()
    frozen(filed, "enterprise", industry="salt_lake")
    row = last(filed)
    row.data["special_awards"] = [{"code": award.code, "name": award.name, "chosen": True}]
    (found,) = check_findings.chosen_awards(filed, row)
    assert (found.name, found.eligibility) == ("清洁能源奖", "光伏等")
    assert found.doubt == "单位登记的行业为“盐湖化工”，请看课题是否属于该领域。"
    row.data["enterprise"]["industry"] = "clean_energy"
    assert check_findings.chosen_awards(filed, row)[0].doubt == ""
