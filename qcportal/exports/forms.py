"""What is chosen on the pages of exports and books."""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from applications.models import Programme, Round
from qcportal.exports import kinds
from qcportal.exports.scope import Scope
from qcportal.models import User

FORMATS = [("xlsx", "Excel（.xlsx）"), ("csv", "CSV")]
REASON_HELP = "含个人信息的清单和整年档案必填，例如“发放证书核对姓名”。会记入审计记录。"


def newest_programme() -> Programme | None:
    """The newest year in which anything was filed, else the newest at all."""
    rows = Programme.objects.order_by("-year")
    return rows.filter(rounds__file_number_counter__gt=0).first() or rows.first()


class ScopeForm(forms.Form):
    programme = forms.ModelChoiceField(
        Programme.objects.order_by("-year"), label="年度", required=False, empty_label="请选择"
    )
    round = forms.ModelChoiceField(
        Round.objects.select_related("programme").order_by("-programme__year", "number"),
        label="期", required=False, empty_label="全年",
    )  # fmt: skip

    def scope(self, **more: Any) -> Scope:
        """The round decides the year; without either the newest year."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        round_: Round | None = values.get("round")
        programme = round_.programme if round_ else values.get("programme")
        return Scope(programme=programme or newest_programme(), round=round_, **more)


def chosen(data: MultiValueDict[str, str], initial: Programme | None) -> MultiValueDict[str, str]:
    """The entries of a page's address; a first visit shows the newest year as chosen."""
    if data.get("programme") or data.get("round") or initial is None:
        return data
    filled = data.copy()
    filled["programme"] = str(initial.pk)
    return filled


class ListForm(ScopeForm):
    kind = forms.ChoiceField(label="清单", widget=forms.RadioSelect)
    format = forms.ChoiceField(label="格式", choices=FORMATS, initial="xlsx")
    unmasked = forms.BooleanField(label="联系人名单显示完整电话和邮箱", required=False)
    reason = forms.CharField(label="用途", required=False, max_length=200, help_text=REASON_HELP)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = kinds.for_form(user)
        self.fields["kind"].choices = [(kind.key, kind.title) for kind in self.offered]  # type: ignore[attr-defined]
        self.may_unmask = kinds.ALL["members"].allowed(user)


class ArchiveForm(forms.Form):
    programme = forms.ModelChoiceField(Programme.objects.order_by("-year"), label="年度", empty_label="请选择")
    reason = forms.CharField(label="用途", max_length=200)


class PageForm(forms.Form):
    """The button 导出 of a book or a search: its kind and the conditions in its address."""

    kind = forms.ChoiceField(choices=[(kind.key, kind.title) for kind in kinds.ALL.values() if not kind.on_form])
    format = forms.ChoiceField(choices=FORMATS)
    query = forms.CharField(required=False, max_length=2000)


class FilteredForm(forms.Form):
    format = forms.ChoiceField(label="格式", choices=FORMATS, initial="xlsx")
