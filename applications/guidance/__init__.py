"""What is said beside the fields: the secretariat's own words, else the portal's (fields, steps).

One query a page, whatever the number of fields.
"""

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.html import escape

from applications import report_keys
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.guidance.fields import ADVICE, Advice
from applications.guidance.steps import STEP_ADVICE
from applications.models import AnnualReport, Enterprise, FieldGuidance
from applications.sections import FIELD_LABELS
from applications.topics import LABELS, TopicType

NOTHING = Advice()
TEXTS = ("hint", "good", "example")
NUMBERS = ("shortest", "longest", "minutes")


class Guides:
    """The advice of every key as it holds for a topic type. Asks the database once, when it is made."""

    def __init__(self, keys: Iterable[str] | None = None, prefix: str = "") -> None:
        """``keys``: only these; ``prefix``: only keys that begin with it; neither: all."""
        rows = FieldGuidance.objects.all()
        if keys is not None:
            rows = rows.filter(key__in=list(keys))
        if prefix:
            rows = rows.filter(key__startswith=prefix)
        self._rows = {(row.key, row.topic_type): row for row in rows}

    def get(self, key: str, topic_type: str = "") -> Advice:
        """What staff wrote for this type, the portal's words for this type, staff's for all, the portal's for all."""
        default = STEP_ADVICE.get((key, topic_type)) or ADVICE.get(key, NOTHING)
        specific = (key, topic_type) in STEP_ADVICE
        rows = [self._rows.get((key, topic_type))] if topic_type else []
        if not (topic_type and specific):
            rows.append(self._rows.get((key, "")))
        return _over([row for row in rows if row is not None], default)

    def minutes(self, key: str, topic_type: str = "") -> int:
        return self.get(key, topic_type).minutes


def _over(rows: list[FieldGuidance], default: Advice) -> Advice:
    """``default`` with whatever the rows say, the first in front; an empty cell says nothing."""
    said = {
        name: next((value for row in rows if (value := getattr(row, name)) not in ("", None)), None)
        for name in (*TEXTS, *NUMBERS)
    }
    return default._replace(**{name: value for name, value in said.items() if value is not None})


def attach(
    form: forms.BaseForm,
    guides: Guides,
    *,
    prefix: str = "",
    topic_type: str = "",
    wanted: FieldList = NOTHING_CHANGED,
) -> None:
    """Each field of ``form`` that there is advice on shows it (templates/qc), with its recommended length.

    What this year's programme says beside a field (``wanted``) stands in place of the hint.
    """
    for name, field in form.fields.items():
        advice = guides.get(f"{prefix}{name}", topic_type)
        if advice == NOTHING:
            continue
        if advice.hint and not wanted.help(_key_of(f"{prefix}{name}"), topic_type):
            # Escaped here: templates print help texts as they are, and these may be the secretariat's.
            field.help_text = escape(advice.hint + ("" if advice.good else _for_instance(advice.example)))
            # A bound field keeps the text it was made with, and a refused form has made its bound fields already.
            form[name].help_text = field.help_text
        field.advice = advice  # type: ignore[attr-defined]
        for attribute, value in (("data-shortest", advice.shortest), ("data-longest", advice.longest)):
            if value and isinstance(field, forms.CharField):
                field.widget.attrs.setdefault("data-count", "")
                field.widget.attrs[attribute] = str(value)


def _key_of(name: str) -> str:
    """Advice on attachments 2 and 3 speaks of ``report.<field>``, a field list of the part it stands in."""
    return report_keys.KEYS.get(name.removeprefix("report."), name)


def _for_instance(example: str) -> str:
    """A short example needs no unfolding."""
    return f"例如：{example}" if example else ""


def all_keys() -> list[tuple[str, str]]:
    """Every (key, topic type) there is advice on, in the order of the forms."""
    general = [(key, "") for key in ADVICE]
    return [*general, *STEP_ADVICE]


def default_of(key: str, topic_type: str) -> Advice:
    return STEP_ADVICE.get((key, topic_type)) or ADVICE.get(key, NOTHING)


def label_of(key: str) -> str:
    """The field in words, for the secretariat."""
    return _LABELS.get(key, key)


def type_label(topic_type: str) -> str:
    return LABELS[TopicType(topic_type)] if topic_type else "各类型"


def _labels() -> Mapping[str, str]:
    found = dict(FIELD_LABELS)
    for key in ADVICE:
        model, _, name = key.partition(".")
        if model == "enterprise":
            found[key] = f"单位资料·{Enterprise._meta.get_field(name).verbose_name}"  # type: ignore[union-attr]
        elif key.startswith("report.summary_"):
            found[key] = f"附件 2·{AnnualReport._meta.get_field(name).verbose_name}"  # type: ignore[union-attr]
    return found


_LABELS = _labels()
