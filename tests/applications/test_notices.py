"""Notices and fixed pages: drafts, preview, moments, versions, files."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from applications.actions import notices
from applications.models import Notice
from qcportal import clock
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def _status(client, address) -> int:
    answer = client.get(address)
    if answer.streaming:
        answer.getvalue()  # to the end, which closes the file
    return answer.status_code


def _notice(secretary, **fields):
    defaults = {"slug": "n", "title": "关于申报的通知", "body": "正文", "published_on": date(2026, 6, 4)}
    return notices.save(Notice(**{**defaults, **fields}), actor=secretary)


def test_only_the_secretariat_publishes(auditor):
    with pytest.raises(NotAllowed):
        _notice(auditor)


def test_each_change_of_the_text_is_a_version_and_can_come_back(secretary):
    row = _notice(secretary)
    row.body = "改过的正文"
    notices.save(row, actor=secretary)
    row.is_pinned = True
    notices.save(row, actor=secretary)
    assert [(one.number, one.body) for one in row.versions.all()] == [(2, "改过的正文"), (1, "正文")]
    notices.restore(row, 1, actor=secretary)
    assert Notice.objects.get().body == "正文"
    assert row.versions.count() == 3
    with pytest.raises(Refusal):
        notices.restore(row, 9, actor=secretary)


def test_taking_down_and_publishing_leave_a_trail(client, secretary):
    row = _notice(secretary)
    row.is_published = False
    notices.save(row, actor=secretary)
    assert client.get(reverse("notice", args=["n"])).status_code == 404
    assert list(AuditEvent.objects.filter(verb__startswith="notice.").values_list("verb", flat=True)) == [
        "notice.taken_down", "notice.published", "notice.saved",
    ]  # fmt: skip


def test_a_notice_appears_at_its_moment(client, secretary):
    at = clock.now() + timedelta(hours=2)
    _notice(secretary, publish_at=at)
    assert client.get(reverse("notice", args=["n"])).status_code == 404
    with clock.fixed(at - timedelta(seconds=1)):
        assert not Notice.objects.published().exists()
    with clock.fixed(at):
        assert client.get(reverse("notice", args=["n"])).status_code == 200


def test_pinned_ones_stand_first(client, secretary):
    _notice(secretary, slug="a", title="旧的", published_on=date(2026, 1, 1), is_pinned=True)
    _notice(secretary, slug="b", title="新的", published_on=date(2026, 6, 1))
    page = client.get(reverse("notices")).content.decode()
    assert page.index("旧的") < page.index("新的")
    assert "置顶" in page


def test_fixed_pages_stand_in_head_and_foot_and_not_among_the_notices(client, secretary):
    _notice(secretary, kind="page", slug="about", title="关于协会", place="head")
    _notice(secretary, kind="page", slug="faq", title="常见问题", place="foot")
    _notice(secretary, kind="page", slug="secret", title="还没写完", place="foot", is_published=False)
    home = client.get("/").content.decode()
    assert '<a href="/pages/faq/">常见问题</a>' in home
    assert "/pages/about/" in home
    assert "还没写完" not in home
    assert "常见问题" not in client.get(reverse("notices")).content.decode().split("<footer", 1)[0]
    assert client.get("/pages/about/").status_code == 200
    assert client.get("/notices/about/").status_code == 404


def test_files_pass_the_gate_and_are_public_with_their_notice(client, secretary, owner):
    row = _notice(secretary, body="见[名单](名单.pdf)，![会场](会场.png)", is_published=False)
    client.force_login(secretary)
    add = reverse("admin:applications_notice_file_add", args=[row.pk])
    client.post(add, {"file": SimpleUploadedFile("名单.pdf", factories.PDF)})
    client.post(add, {"file": SimpleUploadedFile("会 场.png", _png())})
    client.post(add, {"file": SimpleUploadedFile("程序.pdf", b"MZ program")})
    client.post(add, {"file": SimpleUploadedFile("名单.pdf", factories.PDF)})
    assert sorted(row.files.values_list("name", flat=True)) == ["会_场.png", "名单.pdf"]
    found = row.files.get(name="名单.pdf")
    address = reverse("notice_file", args=[found.uuid, found.name])
    assert _status(client, address) == 200
    client.force_login(owner)
    assert client.get(address).status_code == 404
    Notice.objects.update(is_published=True)
    shown = client.get(reverse("notice", args=["n"])).content.decode()
    assert f'<a href="{address}">名单</a>' in shown
    assert _status(client, address) == 200


def test_a_file_is_removed_with_a_trail(client, secretary):
    row = _notice(secretary)
    found = notices.add_file(row, SimpleUploadedFile("名单.pdf", factories.PDF).file, "名单.pdf", actor=secretary)
    client.force_login(secretary)
    client.post(reverse("admin:applications_notice_file_remove", args=[row.pk, found.uuid]))
    assert not row.files.exists()
    assert AuditEvent.objects.filter(verb="notice.file_removed").exists()


def test_files_change_places(client, secretary):
    row = _notice(secretary)
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        notices.add_file(row, io.BytesIO(factories.PDF), name, actor=secretary)
    client.force_login(secretary)
    for name in ("c.pdf", "a.pdf"):
        found = row.files.get(name=name)
        client.post(reverse("admin:applications_notice_file_move", args=[row.pk, found.uuid]))
    assert [one.name for one in row.files.all()] == ["a.pdf", "c.pdf", "b.pdf"]


def test_what_is_typed_is_previewed_and_not_stored(client, secretary):
    row = _notice(secretary)
    client.force_login(secretary)
    typed = {"notice": row.pk, "title": "新标题", "body": "# 一\n<script>alert(1)</script>"}
    page = client.post(reverse("admin:applications_notice_preview_typed"), typed).content.decode()
    assert "<h2>一</h2>" in page
    assert "&lt;script&gt;" in page
    assert "预览" in page
    assert Notice.objects.get().title == "关于申报的通知"


def test_the_editor_keeps_what_was_typed_when_it_refuses(client, secretary):
    client.force_login(secretary)
    typed = {"kind": "page", "title": "关于", "slug": "a b", "body": "很长的正文", "published_on": "2026-06-04"}
    page = client.post(reverse("admin:applications_notice_add"), typed)
    assert page.status_code == 200
    assert "很长的正文" in page.content.decode()
    pinned = {**typed, "slug": "about", "is_pinned": "on"}
    assert "固定页面不用置顶" in client.post(reverse("admin:applications_notice_add"), pinned).content.decode()
