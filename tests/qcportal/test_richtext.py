"""Text with marks: what it becomes, and that nothing in it can run, load or leave its place."""

import pytest
from lxml import html

from qcportal import richtext
from qcportal.richtext import File

FILES = {"会场.jpg": File("/files/1/会场.jpg", True), "名单.pdf": File("/files/2/名单.pdf", False)}
ALLOWED = {
    "h2": set(), "h3": set(), "h4": set(), "p": set(), "br": set(), "strong": set(), "ul": set(), "ol": {"start"},
    "li": set(), "blockquote": set(), "table": {"class"}, "thead": set(), "tbody": set(), "tr": set(),
    "th": {"scope"}, "td": {"data-label"}, "a": {"href", "rel"}, "img": {"src", "alt", "loading"},
}  # fmt: skip

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    "<style>@import url(//evil.example)</style>",
    "<p style='position:fixed'>盖住</p>",
    "<a href='javascript:alert(1)'>点我</a>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><input name=password></form>",
    "<math><mi xlink:href='javascript:alert(1)'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "[点我](javascript:alert(1))",
    "[点我](JaVaScRiPt:alert`1`)",
    "[点我](java\tscript:alert`1`)",
    "[点我](data:text/html;base64,PHNjcmlwdD4=)",
    "[点我](vbscript:msgbox`1`)",
    "[点我](//evil.example/path)",
    "[点我](/\\evil.example)",
    "[点我](\x01javascript:alert`1`)",
    '[点我](https://a.example/"onmouseover="alert`1`)',
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "![x](javascript:alert`1`)",
    "![x](https://evil.example/track.png)",
    '![" onerror="alert(1)](会场.jpg)',
    "![名单](名单.pdf)",
    "**<b onclick=alert(1)>粗</b>**",
    "# <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "1. <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "| <script> | \"onmouseover=alert(1) |\n| <img src=x> | ' |",
    "[a](https://a.example) [b](javascript:alert`1`) ![c](会场.jpg)",
    "[![x](会场.jpg)](javascript:alert`1`)",
    "\x000\x00 \x001\x00 [a](https://a.example)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3C;script&#x3E;",
    "\u202e<script>\u202c",
    "{{ settings.SECRET_KEY }} {% load x %}",
    "<" * 5000,
    "[" * 5000,
    "**" * 5000,
    "| " * 5000,
]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_executable_survives(source):
    shown = richtext.render(source, FILES)
    for element in html.fromstring(f"<div>{shown}</div>").iterdescendants():
        assert element.tag in ALLOWED, element.tag
        assert set(element.attrib) <= ALLOWED[element.tag], element.attrib
        target = element.get("href") or element.get("src") or "/"
        assert target.startswith(("https://", "http://", "mailto:", "tel:", "/", "#"))
        assert not target.startswith(("//", "/\\"))
        if element.tag == "img":
            assert element.get("src") == "/files/1/会场.jpg"


def test_plain_text_of_old_notices_is_what_it_was():
    assert richtext.render("第一段\n第二行\r\n\r\n另一段") == "<p>第一段<br>第二行</p>\n<p>另一段</p>"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("# 一、范围", "<h2>一、范围</h2>"),
        ("## 小标题", "<h3>小标题</h3>"),
        ("请**务必**盖章", "<p>请<strong>务必</strong>盖章</p>"),
        ("- 甲\n- 乙", "<ul><li>甲</li><li>乙</li></ul>"),
        ("1. 甲\n2. 乙", "<ol><li>甲</li><li>乙</li></ol>"),
        ("3. 丙", '<ol start="3"><li>丙</li></ol>'),
        ("[协会](https://a.example/x?a=1&b=2)",
         '<p><a href="https://a.example/x?a=1&amp;b=2" rel="noopener noreferrer">协会</a></p>'),
        ("[日历](/calendar/)", '<p><a href="/calendar/">日历</a></p>'),
        ("[名单](名单.pdf)", '<p><a href="/files/2/名单.pdf">名单</a></p>'),
        ("![会场](会场.jpg)", '<p><img src="/files/1/会场.jpg" alt="会场" loading="lazy"></p>'),
        ("> 引用", "<blockquote><p>引用</p></blockquote>"),
        ("2026年6月30日前", "<p>2026年6月30日前</p>"),
    ],
)  # fmt: skip
def test_marks(source, shown):
    assert richtext.render(source, FILES) == shown


def test_a_table_names_its_cells_for_the_phone():
    shown = richtext.render("| 期 | 截止 |\n|---|---|\n| 第一期 | 6月30日 |\n| 第二期 |")
    assert shown == (
        '<table class="table"><thead><tr><th scope="col">期</th><th scope="col">截止</th></tr></thead><tbody>'
        '<tr><td data-label="期">第一期</td><td data-label="截止">6月30日</td></tr>'
        '<tr><td data-label="期">第二期</td><td data-label="截止"></td></tr></tbody></table>'
    )


def test_a_picture_that_is_not_attached_is_named():
    assert "没有这张图片：别处.png" in richtext.render("![x](别处.png)", FILES)


def test_plain_words_for_summaries():
    assert richtext.plain("# 标题\n\n请看[说明](/guide/)和**附件**\n- 甲") == "标题 请看说明和附件 甲"
