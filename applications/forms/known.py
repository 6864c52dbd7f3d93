"""Choices among rows that the page has read already: any number of forms then asks the database no more often."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model


def by_pk(rows: Iterable[Model]) -> dict[str, Model]:
    return {str(row.pk): row for row in rows}


class KnownChoice(forms.ModelChoiceField):
    """Asks the database until ``known`` is set."""

    known: dict[str, Model] | None = None

    def to_python(self, value: Any) -> Model | None:
        if self.known is None:
            return super().to_python(value)  # type: ignore[no-any-return]
        if value in self.empty_values:
            return None
        row = self.known.get(str(value))
        if row is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return row


class KnownChoices(forms.ModelMultipleChoiceField):
    known: dict[str, Model] | None = None

    def _check_values(self, value: Any) -> Any:
        if self.known is None:
            return super()._check_values(value)  # type: ignore[misc]
        wanted = [str(one) for one in value]
        if any(one not in self.known for one in wanted):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return [row for pk, row in self.known.items() if pk in wanted]
