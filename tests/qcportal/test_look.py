"""The crispy pack and the tags of every page, rendered as pages use them."""

from decimal import Decimal

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Field, Fieldset, Layout, Row, Submit
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from qcportal.icons import ICONS
from tests.factories import at


class Sample(forms.Form):
    name = forms.CharField(label="小组名称", help_text="以登记名称为准")
    people = forms.IntegerField(label="小组人数", required=False, widget=forms.NumberInput(attrs={"data-unit": "人"}))
    kind = forms.ChoiceField(label="课题类型", choices=[("a", "问题解决型"), ("b", "创新型")], widget=forms.RadioSelect)
    awards = forms.MultipleChoiceField(
        label="单项奖", required=False, choices=[("a", "盐湖")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label="已征得同意")
    upload = forms.FileField(label="证明", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def render(source, **context):
    return Template("{% load portal crispy_forms_tags %}" + source).render(Context(context))


def test_label_need_help_and_unit_are_in_words_and_tied_to_the_field():
    page = render("{{ form|crispy }}", form=Sample())
    assert '<label class="field__label" for="id_name">小组名称<span class="field__need">必填</span></label>' in page
    assert '<div class="field__help" id="id_name_helptext">以登记名称为准</div>' in page
    assert 'aria-describedby="id_name_helptext"' in page
    assert '<span class="with-unit__unit" aria-hidden="true">人</span>' in page
    assert '<span class="field__need">选填</span>' in page
    assert "<legend>课题类型" in page
    assert page.count('type="radio"') == 2
    assert 'type="hidden" name="token"' in page


def test_errors_stand_beside_the_field_and_say_what_to_do():
    page = render("{{ form|crispy }}", form=Sample({"name": "", "people": "x"}))
    assert 'id="id_name_error"' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'aria-invalid="true"' in page
    for sentence in ("请填写小组名称。", "请选择课题类型。", "请先阅读并勾选。"):
        assert sentence in page


def test_the_error_summary_counts_and_links_in_page_order():
    page = render("{% error_summary form saved=True %}", form=Sample({"name": "", "people": "x"}))
    assert "有 4 处需要修改，已保存为草稿" in page
    assert page.index("#id_name") < page.index("#id_people") < page.index("#id_kind") < page.index("#id_agreed")
    assert render("{% error_summary form %}", form=Sample()).strip() == ""


def test_a_layout_of_fieldset_row_column_div_field_and_submit_renders():
    form = Sample()
    form.helper = FormHelper()
    form.helper.form_tag = False
    form.helper.layout = Layout(
        Fieldset("小组概况", Row(Column("name"), Column("people"))),
        Div(Field("kind", css_class="choice-cards"), css_class="block"),
        "agreed",
        Submit("save", "保存"),
    )
    page = render("{% crispy form %}", form=form)
    assert "<legend>小组概况</legend>" in page
    assert 'class="form-row"' in page
    assert page.count('class="form-column"') == 2
    assert "choice-cards" in page
    assert 'class="btn btn--primary' in page
    assert ">保存</button>" in page
    assert "<form" not in page


def test_a_formset_renders_with_its_management_form():
    formset = forms.formset_factory(Sample, extra=2)()
    page = render("{{ formset|crispy }}", formset=formset)
    assert 'name="form-TOTAL_FORMS"' in page
    assert page.count('class="formset-row"') == 2


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("{{ value|wan }}", Decimal("462000.00"), "46.20"),
        ("{{ value|wan }}", Decimal("38625000"), "3,862.50"),
        ("{{ value|wan }}", None, "—"),
        ("{{ value|deadline }}", at(2026, 7, 1), "2026年6月30日24:00"),
        ("{{ value|mask_phone }}", "13900000042", "139****0042"),
        ("{{ value|mask_email }}", "zlb@huguang.example", "zl***@huguang.example"),
        ("{{ value|filesize }}", 820, "820 字节"),
        ("{{ value|filesize }}", 3_565_158, "3.4 MB"),
        ("{{ value|grouped }}", "K7QMX2DR5TNB", "K7QM X2DR 5TNB"),
    ],
)
def test_filters_say_numbers_as_people_do(text, value, shown):
    assert render(text, value=value) == shown


def test_every_icon_is_drawn_and_an_unknown_name_fails():
    for name in ICONS:
        assert 'aria-hidden="true"' in render("{% icon name %}", name=name)
    assert 'role="img" aria-label="错误"' in render('{% icon "alert" label="错误" %}')
    with pytest.raises(KeyError):
        render('{% icon "no-such-icon" %}')


def test_a_chip_escapes_its_words():
    assert "&lt;b&gt;" in render('{% chip "amber" "return" text %}', text="<b>")


def test_page_links_keep_the_query_and_vanish_for_one_page():
    request = RequestFactory().get("/", {"q": "盐湖", "page": "2"})
    page = render("{% pagination page %}", page=Paginator(range(95), 10).get_page(2), request=request)
    assert "?q=%E7%9B%90%E6%B9%96&amp;page=3" in page
    assert '<span aria-current="page">2</span>' in page
    assert render("{% pagination page %}", page=Paginator(range(5), 10).get_page(1), request=request).strip() == ""
