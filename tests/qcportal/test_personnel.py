"""人员与角色: invitations, judges by Excel, deactivation, and a table of rights that cannot lie."""

import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.actions import checking, claiming
from applications.models import Association, Claim, Consent, FormalCheck
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent, MailMessage, PersonInvitation, User
from qcportal.personnel import capabilities, inviting, judge_list, leaving
from qcportal.roles import Role, has_role
from reviews.models import Assignment, Judge
from tests import factories
from tests.access import staff
from tests.access.test_addresses import CELLS, COLUMNS
from tests.applications import checked
from tests.reviews import builders

HEAD = ["姓名", "手机", "邮箱", "单位", "信用代码", "行业", "职称", "证书等级", "证书编号", "有效期至"]
FIRST = [
    "韩志远",
    "13900000042",
    "hzy@unit.example",
    "青海湖光盐化股份有限公司",
    "",
    "化工",
    "高级工程师",
    "一级",
    "PW-1",
    "2028年12月",
]


def book(*rows) -> io.BytesIO:
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["2026 年评委名单"])
    for row in (HEAD, *rows):
        made.active.append(list(row))
    made.save(out)
    out.seek(0)
    return out


def rows_of(*rows):
    return judge_list.parse(book(*rows))[0]


def confirm(secretary, *rows):
    found = rows_of(*rows)
    numbers = {row.number for row in found}
    return judge_list.confirm(found, actor=secretary, numbers=numbers, now=clock.now())


def link() -> str:
    body = MailMessage.objects.order_by("-id").first().body
    return re.search(r"https?://[^/]+(/\S+)", body)[1]


def deactivate(user, actor, *, successor=None, reason="离职"):
    return leaving.deactivate(user, actor=actor, reason=reason, successor=successor, now=clock.now())


# --- judges by Excel ------------------------------------------------------------------------------------------


def test_a_new_judge_gets_an_account_a_row_and_a_link_for_the_password(client, secretary):
    assert confirm(secretary, FIRST) == (1, 0)
    judge = Judge.objects.get()
    assert (judge.user.name, judge.user.mobile, judge.expertise, judge.certificate_valid_until) == (
        "韩志远", "13900000042", "化工", date(2028, 12, 31),
    )  # fmt: skip
    assert (judge.user.has_role(Role.JUDGE), judge.user.has_usable_password(), judge.user.is_staff) == (
        True, False, False,
    )  # fmt: skip
    address = link()
    assert "设置登录密码" in client.get(address).content.decode()
    wrong = {"password1": "short", "password2": "short", "consent": "on"}
    assert client.post(address, wrong).status_code == 200
    good = {"password1": factories.PASSWORD, "password2": factories.PASSWORD, "consent": "on"}
    assert client.post(address, good)["Location"] == reverse("account_login")
    assert client.get(address).status_code == 404  # once
    judge.user.refresh_from_db()
    assert judge.user.check_password(factories.PASSWORD)
    assert judge.user.email_verified_at is not None
    assert Consent.objects.filter(user=judge.user, kind="privacy").exists()
    assert "_auth_user_id" not in client.session


def test_people_known_by_address_or_number_are_not_made_twice(secretary):
    known = factories.user(username="known", name="韩志远", email="HZY@unit.example")
    assert confirm(secretary, FIRST) == (1, 0)
    assert Judge.objects.get().user == known
    assert "原来的账号登录" in MailMessage.objects.get(to=known.email).body
    second = [*FIRST]
    second[1], second[2], second[3] = "13900000042", "new@unit.example", "青海别家公司"
    known.refresh_from_db()
    known.mobile = "13900000042"
    known.save()
    assert confirm(secretary, second) == (0, 1)  # found by the number, only the unit changes
    assert (Judge.objects.get().employer_name, User.objects.filter(name="韩志远").count()) == ("青海别家公司", 1)


@pytest.mark.parametrize(
    ("place", "text", "problem"),
    [
        (0, "", "缺姓名"), (1, "12345", "11 位"), (2, "没有", "邮箱不正确"), (2, "", "缺邮箱"), (3, "", "缺工作单位"),
        (4, "91630000", "18 位"), (9, "明年", "看不懂"), (6, "=A1", "公式"), (7, "长" * 41, "超过 40 字"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_row_and_keeps_all_chosen_out(db, secretary, place, text, problem):
    wrong = [*FIRST]
    wrong[place] = text
    found = rows_of(wrong, [*FIRST[:1], "13900000043", "b@unit.example", *FIRST[3:]])
    assert problem in "".join(found[0].problems)
    with pytest.raises(Refusal, match="都没有导入"):
        judge_list.confirm(found, actor=secretary, numbers={3, 4}, now=clock.now())
    assert not Judge.objects.exists()


def test_two_people_behind_one_row_another_name_and_a_row_twice(db):
    factories.user(username="a", name="韩志远", email="hzy@unit.example")
    factories.user(username="b", name="别人", mobile="13900000042")
    other = ["李文静", "13900000043", "hzy@unit.example", *FIRST[3:]]
    first, second = rows_of(FIRST, other)
    assert "分属两人" in "".join(first.problems)
    assert "姓名不同" in "".join(second.problems)
    assert "与第 3 行" in "".join(second.problems)


def test_the_pages_of_the_list(client, secretary):
    client.force_login(secretary)
    address = reverse("admin:personnel_judges")
    sent = SimpleUploadedFile("评委.xlsx", book(FIRST).getvalue())
    page = client.post(address, {"file": sent}).content.decode()
    signed = re.search(r'name="rows" value="([^"]+)"', page)[1]
    assert "新建账号，发邀请邮件" in page
    assert client.post(address, {"rows": signed[:-3] + "abc", "row": ["3"]}).status_code == 200
    assert not Judge.objects.exists()
    assert client.post(address, {"rows": signed, "row": ["3"]}).status_code == 302
    assert Judge.objects.count() == 1
    again = client.post(address, {"file": SimpleUploadedFile("评委.xlsx", book(FIRST).getvalue())}).content.decode()
    assert "已是评委，更新单位和证书" in again


def test_the_template_is_read_back(db):
    filled, out = openpyxl.load_workbook(io.BytesIO(judge_list.workbook())), io.BytesIO()
    for place, column in enumerate(judge_list.COLUMNS, 1):
        filled["名单"].cell(3, place, column.example)
    filled.save(out)
    out.seek(0)
    (row,), _notices = judge_list.parse(out)
    assert (row.problems, row.values["name"]) == ([], "韩志远")


# --- single invitations ---------------------------------------------------------------------------------------


def test_staff_are_invited_resent_and_revoked(client, secretary):
    now = clock.now()
    person = inviting.Invitee("周会务", "desk@b.example", "13900000044")
    invitation = inviting.invite(person, Role.SECRETARIAT, actor=secretary, now=now)
    assert invitation.user.is_staff
    first = link()
    inviting.resend(invitation, actor=secretary, now=now)
    assert client.get(first).status_code == 404
    second = link()
    assert client.get(second).status_code == 200
    with pytest.raises(Refusal, match="不必再邀请"):
        inviting.invite(person, Role.SECRETARIAT, actor=secretary, now=now)
    inviting.revoke(invitation, actor=secretary, now=now)
    assert client.get(second).status_code == 404
    user = User.objects.get(pk=invitation.user_id)
    assert (list(user.groups.all()), user.is_staff) == ([], False)


def test_an_invitation_runs_out(client, secretary):
    invitation = inviting.invite(
        inviting.Invitee("周会务", "desk@b.example"), Role.EVENT_STAFF, actor=secretary, now=clock.now()
    )
    PersonInvitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get(link()).status_code == 404
    with pytest.raises(Refusal):
        inviting.accept(invitation, password=factories.PASSWORD, now=clock.now())


def test_states_of_people(secretary):
    now = clock.now()
    invitation = inviting.invite(inviting.Invitee("周会务", "desk@b.example"), Role.AUDITOR, actor=secretary, now=now)

    def word() -> str:
        user = User.objects.get(pk=invitation.user_id)
        return inviting.state_of(user, PersonInvitation.objects.get(pk=invitation.pk), clock.now())[2]

    assert word() == "已邀请，未接受"
    inviting.accept(invitation, password=factories.PASSWORD, now=now)
    assert word() == "从未登录"
    User.objects.filter(pk=invitation.user_id).update(last_login=now)
    assert word() == "使用中"


def test_only_the_secretariat_invites(auditor, owner):
    for person in (auditor, owner):
        with pytest.raises(NotAllowed):
            inviting.invite(inviting.Invitee("某人", "x@b.example"), Role.JUDGE, actor=person, now=clock.now())


# --- deactivation ---------------------------------------------------------------------------------------------


def test_a_deactivated_person_is_out_at_once_and_comes_back_without_the_old_session(secretary):
    gone = factories.staff(username="gone", name="离职者")
    theirs = Client()
    theirs.force_login(gone)
    assert theirs.get("/admin/").status_code == 200
    deactivate(gone, secretary)
    assert theirs.get("/admin/").status_code == 302
    assert not [one for one in Session.objects.all() if one.get_decoded().get("_auth_user_id") == str(gone.pk)]
    leaving.reactivate(User.objects.get(pk=gone.pk), actor=secretary, reason="回来")
    assert theirs.get("/admin/").status_code == 302
    verbs = AuditEvent.objects.about(gone).values_list("verb", "data__reason")
    assert {("user.deactivated", "离职"), ("user.reactivated", "回来")} <= set(verbs)


def test_open_checks_need_somebody_who_takes_them_over(client, secretary):
    gone = factories.staff(username="gone", name="离职者")
    filing = checked.submitted(factories.enterprise_owner())
    check = checking.start_check(filing, actor=gone)
    other = factories.enterprise_owner(username="other", enterprise_name="青海某公司")
    claimed = checked.submitted(other, filing.round)
    claiming.claim(claimed, actor=gone)
    client.force_login(secretary)
    address = reverse("admin:personnel_person", args=[gone.pk])
    assert "正在审查 1 件" in client.get(address).content.decode()
    kept = client.post(address, {"what": "deactivate", "reason": "离职", "successor": ""}).content.decode()
    assert "请选择接手的秘书处人员" in kept
    assert ">离职</textarea>" in kept.replace("\n", "")
    client.post(address, {"what": "deactivate", "reason": "离职", "successor": secretary.pk})
    assert FormalCheck.objects.get(pk=check.pk).checker == secretary
    assert not User.objects.get(pk=gone.pk).is_active
    assert dict(Claim.objects.values_list("application", "holder")) == {filing.pk: secretary.pk}, "the other is free"


def test_assignments_without_a_sheet_are_released_and_sheets_stay(secretary):
    round_ = builders.closed_round()
    stage = builders.only_documents(round_)
    judge = builders.judge("韩志远", "青海省某研究所", round_.programme)
    owner = factories.enterprise_owner()
    done, left = (
        builders.assigning.assign(stage, builders.accepted(owner, round_, serial=number), judge, actor=secretary)
        for number in (1, 2)
    )
    builders.submitted_sheet(done, 80)
    held = deactivate(judge.user, secretary)
    assert ([one.pk for one in held.assignments], held.kept_sheets) == ([left.pk], 1)
    assert Assignment.objects.get(pk=done.pk).withdrawn_at is None
    assert Assignment.objects.get(pk=left.pk).withdrawn_at is not None
    assert not Judge.objects.get().is_active


def test_the_last_secretary_the_last_administrator_and_oneself_stay(secretary):
    root = factories.user(username="root", name="系统管理员", is_superuser=True, is_staff=True)
    for person, actor, word in (
        (secretary, secretary, "自己"), (secretary, root, "最后一位秘书处"), (root, secretary, "只能由系统管理员"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=word):
            deactivate(person, actor)
    second = factories.user(username="root2", name="第二位", is_superuser=True, is_staff=True)
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert "最后一位系统管理员" in leaving.refusal_for(root, second).message


def test_a_reason_is_asked_and_an_auditor_may_only_look(client, secretary, auditor, clerk):
    with pytest.raises(Refusal, match="原因"):
        deactivate(clerk, secretary, reason=" ")
    with pytest.raises(NotAllowed):
        deactivate(clerk, auditor)
    client.force_login(auditor)
    address = reverse("admin:personnel_person", args=[clerk.pk])
    page = client.get(address).content.decode()
    assert 'value="deactivate"' not in page
    assert client.post(address, {"what": "deactivate", "reason": "x"}).status_code == 403


def test_the_list_is_searched_and_filtered(client, secretary, auditor, owner):
    client.force_login(secretary)
    address = reverse("admin:personnel")
    page = client.get(address).content.decode()
    assert "赵守正" in page
    assert "马启明" not in page
    assert "马启明" in client.get(f"{address}?role=none").content.decode()
    assert "赵守正" not in client.get(f"{address}?role=secretariat").content.decode()
    assert "赵守正" not in client.get(f"{address}?q=陈雪梅").content.decode()
    assert "赵守正" not in client.get(f"{address}?factor=yes").content.decode()
    assert "赵守正" in client.get(f"{address}?state=never").content.decode()


# --- who may do what ------------------------------------------------------------------------------------------

PAGES = {line.split()[0]: line.split()[1:] for line in staff.PAGES.strip().splitlines()[2:]}


def answered(one: capabilities.Capability, column: str) -> str:
    """What tests/access says that the address answers this kind of person."""
    if one.address.startswith("admin:"):
        cells = PAGES[one.address.removeprefix("admin:")]
        place = {"secr": 0, "audi": 1}.get(column)
        return "403" if place is None else cells[place + (2 if one.method == "POST" else 0)]
    cells = CELLS[one.address, one.method]
    return cells[1] if cells[0] == "all" else cells[COLUMNS.index(column)]


@pytest.mark.parametrize("one", capabilities.CAPABILITIES, ids=lambda one: one.what)
def test_every_cell_of_the_table_is_what_the_address_answers(one):
    success = {"ok", "202", "409"} | ({"go"} if one.address.startswith("admin:") else set())
    says = {column for column in capabilities.PEOPLE if answered(one, column) in success}
    assert says == set(one.who)


def test_the_rows_of_the_staff_site_are_what_their_classes_decide(db):
    models = {line.split()[0]: line.split()[1:] for line in staff.MODELS.strip().splitlines()[1:]}
    Association.objects.create(
        name="青海省质量协会", office="秘书处", phone="0971-0", email="a@b.example", address="西宁"
    )
    rows = list(capabilities.staff_rows())
    assert len(rows) == len(models)
    assert {row.auditor for row in rows} == {"查看"}
    added = sum("新增" in row.secretariat for row in rows)
    assert added == sum(add == "yes" for add, _change, _delete in models.values())


def test_the_table_is_read_by_staff_and_auditors(client, auditor):
    client.force_login(auditor)
    page = client.get(reverse("admin:personnel_rights")).content.decode()
    assert "秘书处不能代为提交" in page
    assert page.count(">可以</td>") == sum(len(one.who) for one in capabilities.CAPABILITIES)


# --- The last secretary ---------------------------------------------------------------------------


def _page(person, *roles):
    return {
        "username": person.username, "name": person.name, "email": person.email, "mobile": person.mobile or "",
        "groups": [str(Group.objects.get(name=role).pk) for role in roles],
    }  # fmt: skip


def test_the_last_secretary_keeps_the_role_on_the_users_page(client, secretary):
    User.objects.filter(groups__name=Role.SECRETARIAT).exclude(pk=secretary.pk).update(is_active=False)
    root = User.objects.create_superuser("root", "root@example.cn", "Qinghai-2026")
    client.force_login(root)
    address = reverse("admin:qcportal_user_change", args=[secretary.pk])
    page = client.post(address, _page(secretary, Role.AUDITOR))
    assert "最后一位可以登录的秘书处人员" in page.content.decode()
    field = page.context["adminform"].form["groups"]
    assert field.errors, "the sentence stands beside the field"
    assert has_role(User.objects.get(pk=secretary.pk), Role.SECRETARIAT)
    assert client.post(address, _page(secretary, Role.AUDITOR, Role.SECRETARIAT)).status_code == 302


def test_with_a_second_secretary_the_first_may_give_the_role_up(client, secretary):
    second = factories.user(username="secretary-2", name="第二位", is_staff=True)
    second.groups.add(Group.objects.get(name=Role.SECRETARIAT))
    root = User.objects.create_superuser("root", "root@example.cn", "Qinghai-2026")
    client.force_login(root)
    address = reverse("admin:qcportal_user_change", args=[secretary.pk])
    assert client.post(address, _page(secretary, Role.AUDITOR)).status_code == 302
    assert not has_role(User.objects.get(pk=secretary.pk), Role.SECRETARIAT)
    assert has_role(User.objects.get(pk=second.pk), Role.SECRETARIAT)


def test_the_last_secretary_is_not_deactivated_on_the_page(client, secretary):
    User.objects.filter(groups__name=Role.SECRETARIAT).exclude(pk=secretary.pk).update(is_active=False)
    client.force_login(User.objects.create_superuser("root", "root@example.cn", "Qinghai-2026"))
    address = reverse("admin:personnel_person", args=[secretary.pk])
    assert "这是最后一位秘书处人员，不能停用" in client.get(address).content.decode()
    page = client.post(address, {"reason": "离职"}, follow=True)
    assert "这是最后一位秘书处人员，不能停用" in page.content.decode()
    assert User.objects.get(pk=secretary.pk).is_active
