"""What the requests of an upload in parts carry."""

from collections.abc import Mapping

from django import forms

from applications.models import EvidenceKind


class StartForm(forms.Form):
    name = forms.CharField(max_length=1000, strip=False)
    size = forms.IntegerField(min_value=0, max_value=2**50)
    kind = forms.ChoiceField(choices=EvidenceKind.choices, required=False)
    fingerprint = forms.RegexField(r"^[\w:.-]{0,80}$", required=False)


class PartForm(forms.Form):
    offset = forms.IntegerField(min_value=0, max_value=2**50)


class OrderForm(forms.Form):
    """``item``: the files' ids in their new order."""

    item = forms.TypedMultipleChoiceField(required=False)

    def __init__(self, data: Mapping[str, object], *, known: list[str]) -> None:
        super().__init__(data)
        self.fields["item"].choices = [(one, one) for one in known]  # type: ignore[attr-defined]


def kind_in(data: Mapping[str, object]) -> str:
    kind = str(data.get("kind", ""))
    return kind if kind in EvidenceKind.values else ""
