"""Writing a notice: the buttons, and what Word puts on the clipboard, become marks; nothing pasted runs."""

import pytest
from django.urls import reverse

from applications.models import Notice
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORD = """<html><head><style>p{color:red}</style></head><body>
<h1 style="font-size:22pt">一、<b>参加范围</b></h1>
<p class=MsoNormal style="text-indent:32pt">凡在<b>青海省</b>注册的单位，见<a href="https://example.com/a">说明</a>。</p>
<ul><li>营业执照</li><li>申报表</li></ul>
<table><tr><th>期</th><th>截止</th></tr><tr><td>第一期</td><td>6月30日</td></tr></table>
<script>window.ran = true</script><img src=x onerror="window.ran = true">
<p><a href="javascript:alert(1)">点我</a></p></body></html>"""
PASTE = """(html) => {
  const area = document.querySelector("textarea[data-marks]");
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "x");
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_a_notice_is_written_pasted_previewed_and_published(visit, settings):
    settings.STAFF_SECOND_FACTOR = False
    secretary = factories.staff(username="secretary")
    desk = visit()
    desk.enter(secretary)
    desk.go(reverse("admin:applications_notice_add"))
    page = desk.page
    page.evaluate(PASTE, WORD)
    assert page.input_value("textarea[data-marks]") == (
        "# 一、参加范围\n\n凡在**青海省**注册的单位，见[说明](https://example.com/a)。\n\n- 营业执照\n- 申报表\n\n"
        "| 期 | 截止 |\n| 第一期 | 6月30日 |\n\n点我"
    )
    assert page.evaluate("window.ran") is None
    page.click(".marks-bar button:has-text('粗体')")
    assert page.input_value("textarea[data-marks]").endswith("点我**粗体**")
    page.fill("input[name=title]", "关于申报的通知")
    with page.context.expect_page() as opened:
        page.click("text=预览现在的内容")
    assert "参加范围" in opened.value.inner_text("article h2")
    assert not Notice.objects.exists()
    page.fill("input[name=slug]", "notice-1")
    page.fill("input[name=published_on]", "2026-06-04")
    page.click("input[name=_save]")
    page.wait_for_url("**/admin/applications/notice/")
    desk.enter(None)
    desk.go("/notices/notice-1/")
    assert "营业执照" in desk.text()
