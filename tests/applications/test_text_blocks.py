"""常用语 in the admin: everybody's and one's own; the first ones come with the portal."""

import re

import pytest
from django.urls import reverse

from applications.models import TextBlock
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, secretary):
    client.force_login(secretary)
    return client


def add(client, **changes):
    data = {"category": "form", "shortcut": "zz", "text": "请核对。", "position": 10, "is_active": "on", **changes}
    return client.post(reverse("admin:applications_textblock_add"), data)


def test_the_first_blocks_are_there_with_shortcuts_of_their_own():
    blocks = list(TextBlock.objects.all())
    assert len(blocks) >= 15
    assert len({block.shortcut for block in blocks}) == len(blocks)
    assert {block.category for block in blocks} == set(TextBlock.Category)
    assert all(re.fullmatch(r"[a-z0-9]+", block.shortcut) and block.owner is None for block in blocks)


def test_a_block_is_everybodys_or_only_ones_own(staff, secretary):
    add(staff)
    add(staff, text="我自己的。", only_mine="on")
    assert [(block.text, block.owner) for block in TextBlock.objects.filter(shortcut="zz").order_by("id")] == [
        ("请核对。", None),
        ("我自己的。", secretary),
    ]


def test_a_shortcut_is_given_once(staff):
    add(staff)
    answer = add(staff, text="另一条。")
    assert "这个快捷码已用于另一条常用语" in answer.content.decode()
    assert TextBlock.objects.filter(shortcut="zz").count() == 1


def test_another_persons_blocks_are_neither_seen_nor_changed(staff):
    other = TextBlock.objects.create(
        category="form", shortcut="yy", text="别人的。", owner=factories.staff(username="li", name="李国栋")
    )
    assert "别人的。" not in staff.get(reverse("admin:applications_textblock_changelist")).content.decode()
    answer = staff.post(reverse("admin:applications_textblock_change", args=[other.pk]), {"text": "改"})
    assert answer.status_code == 302
    other.refresh_from_db()
    assert other.text == "别人的。"
