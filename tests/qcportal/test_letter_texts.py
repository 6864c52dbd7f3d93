"""The words of letters as data: built-in ones stay, own ones are plain placeholders, nothing in them is executed."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications.actions import check_letters, checking
from qcportal import clock, letter_codes, letter_texts
from qcportal.models import AuditEvent, LetterText, MailMessage
from qcportal.personnel import inviting
from qcportal.roles import Role
from tests.applications import checked

CODES = sorted(letter_codes.CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_proposal_says_what_the_built_in_letter_says(code):
    """Own words begin as the built-in ones: filled again with the same case they read the same."""
    known = letter_codes.CODES[code]
    words = letter_texts.proposal(known)
    filled = letter_texts.example(known, words.subject, words.body)
    built_in = letter_texts.example(known)
    assert filled.subject == built_in.subject
    assert filled.body.split() == built_in.body.split()


@pytest.mark.parametrize("code", CODES)
def test_every_placeholder_has_a_value_in_the_example(code):
    known = letter_codes.CODES[code]
    context = {**known.example(), "site_url": "https://qc.example"}
    empty = [name for name, field in known.fields.items() if not letter_codes.value(field, context)]
    assert empty == []


@pytest.mark.parametrize("code", CODES)
def test_the_proposal_names_most_of_what_changes(code):
    """At least the name, and the link to act on; the letters of a check stand in a frame that has it."""
    words = letter_texts.proposal(letter_codes.CODES[code])
    assert ("{link}" in words.body) is not code.startswith("check_")
    assert "雪豹" not in words.subject + words.body


@pytest.fixture
def filing(owner, secretary):
    found = checked.submitted(owner)
    checked.checklist(found)
    return found


def refuse(filing, secretary, reason="不在范围内"):
    check = checked.open_check(filing, secretary)
    checking.refuse(check, actor=secretary, reason=reason)
    return MailMessage.objects.filter(letter="check_refused").first()


def test_own_words_replace_the_built_in_ones(filing, secretary, owner):
    body = "{enterprise}：\n\n{reason}\n{remarks}\n完"
    LetterText.objects.create(code="check_refused", subject="关于{file_number}", body=body)
    letter = refuse(filing, secretary)
    assert letter.subject == f"关于{filing.file_number}"
    assert letter.body == check_letters.framed(filing, f"{filing.enterprise.name}：\n\n理由：不在范围内\n完")
    said = filing.thread.messages.latest("pk").body
    assert said == f"{filing.enterprise.name}：\n\n理由：不在范围内\n完", "the portal says the same, without the frame"


def test_the_text_of_the_year_comes_before_the_general_one(filing, secretary):
    year = filing.round.programme.year
    LetterText.objects.create(code="check_refused", subject="通用", body="通用")
    LetterText.objects.create(code="check_refused", year=year, subject="本年", body="本年")
    LetterText.objects.create(code="check_refused", year=year - 1, subject="去年", body="去年")
    assert refuse(filing, secretary).subject == "本年"


def test_another_years_text_and_a_switched_off_one_do_not_count(filing, secretary):
    LetterText.objects.create(code="check_refused", year=2000, subject="旧年", body="旧年")
    LetterText.objects.create(code="check_refused", subject="停用", body="停用", is_active=False)
    assert refuse(filing, secretary).subject.startswith("形式审查结果（不予受理）")


def test_values_are_data_and_never_a_template(filing, secretary):
    """What an enterprise or a checker wrote may look like a placeholder or like code."""
    LetterText.objects.create(code="check_refused", subject="x", body="{reason}")
    letter = refuse(filing, secretary, reason="{link} {{ secret }} {% load x %}")
    assert letter.body == check_letters.framed(filing, "理由：{link} {{ secret }} {% load x %}")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("请看 {nonsense}", "没有这样的占位符：{nonsense}。这封信可以用：{enterprise}（单位名称）"),
        ("{{ application }}", "不能写模板代码"),
        ("{% if x %}", "不能写模板代码"),
        ("{enterprise.name}", "没有这样的占位符：{enterprise.name}"),
    ],
)
def test_unknown_placeholders_and_code_are_refused(db, body, said):
    with pytest.raises(ValidationError) as refused:
        LetterText(code="check_refused", subject="x", body=body).full_clean()
    assert said in refused.value.message_dict["body"][0]


@pytest.mark.parametrize("code", [one.code for one in letter_codes.CODES.values() if one.needs])
def test_a_letter_is_not_kept_without_what_it_is_sent_for(db, code):
    """An invitation without its link, a correction without its date."""
    words = letter_texts.proposal(letter_codes.CODES[code])
    LetterText(code=code, subject=words.subject, body=words.body).full_clean()
    with pytest.raises(ValidationError) as refused:
        LetterText(code=code, subject=words.subject, body="您好。").full_clean()
    assert "否则收信人无法办理" in refused.value.message_dict["body"][0]


def test_a_letter_of_no_year_takes_no_year(db):
    """Its text of a year would never be sent."""
    text = LetterText(code="person_invitation", year=2026, subject="{what}", body="{link}")
    with pytest.raises(ValidationError) as refused:
        text.full_clean()
    assert refused.value.message_dict == {"year": ["这种信函不属于某一年度，请留空（各年度通用）。"]}


def test_every_letter_that_is_sent_has_a_chinese_name():
    """In lists, filters and the rules of sending."""
    templates = {path.stem for path in (settings.BASE_DIR / "templates" / "mail").glob("*.txt")} - {"check_frame"}
    assert [code for code in templates if letter_codes.title(code) == code] == []


def test_an_invitation_of_a_judge_follows_the_own_words(secretary):
    body = "{person}老师：\n{explanation}\n{link}\n{login}"
    LetterText.objects.create(code="person_invitation", subject="{what}", body=body)
    person = inviting.Invitee("韩志远", "hzy@unit.example", "13900000042")
    inviting.invite(person, Role.JUDGE, actor=secretary, now=clock.now())
    sent = MailMessage.objects.get(letter="person_invitation")
    assert sent.subject == "邀请您担任评委"
    assert sent.body.startswith("韩志远老师：\n请打开以下链接设置登录密码（14 天内有效")
    assert sent.body.count("http") == 1


def test_one_text_for_a_letter_and_year(db):
    LetterText.objects.create(code="receipt", subject="x", body="x")
    with pytest.raises(ValidationError, match="已有文本"):
        LetterText(code="receipt", subject="x", body="x").full_clean()


# --- On the staff site ---------------------------------------------------------------------------

ADD = "admin:qcportal_lettertext_add"


def test_a_new_text_begins_with_the_built_in_words(client, secretary):
    client.force_login(secretary)
    page = client.get(f"{reverse(ADD)}?code=check_returned").content.decode()
    assert "请补正：{file_number} {group}（{due} 前）" in page
    assert "青海雪豹机械有限公司" in page, "an invented example beside"


def test_a_text_is_tried_before_it_is_kept(client, secretary):
    client.force_login(secretary)
    typed = {"code": "check_refused", "subject": "关于{file_number}", "body": "您好，{enterprise}", "is_active": "on"}
    tried = client.post(reverse(ADD), {**typed, "_preview": "1"})
    assert "您好，青海雪豹机械有限公司" in tried.content.decode()
    assert not LetterText.objects.exists()
    assert client.post(reverse(ADD), {**typed, "_save": "1"}).status_code == 302
    assert LetterText.objects.get().body == "您好，{enterprise}"
    assert AuditEvent.objects.filter(verb="lettertext.added").exists()


def test_a_refused_text_keeps_what_was_typed(client, secretary):
    client.force_login(secretary)
    typed = {"code": "check_refused", "subject": "关于{nr}", "body": "我写的很长的话"}
    for button in ("_save", "_preview"):
        page = client.post(reverse(ADD), {**typed, button: "1"}).content.decode()
        assert "没有这样的占位符：{nr}" in page
        assert "我写的很长的话" in page
    assert not LetterText.objects.exists()


def test_the_list_shows_every_letter(client, auditor):
    client.force_login(auditor)
    page = client.get(reverse("admin:qcportal_lettertext_changelist")).content.decode()
    assert all(known.title in page for known in letter_codes.CODES.values())
    built_in = client.get(reverse("admin:qcportal_lettertext_built_in", args=["receipt"])).content.decode()
    assert "{signed_code}" in built_in
    assert "写自己的文本" not in built_in
