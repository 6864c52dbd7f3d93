"""What is stored, as the Word forms print it."""

from datetime import date
from decimal import Decimal
from typing import Any

from applications.actions import drafts
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.models import AnnualReport, Application, Enterprise, Member, Programme
from applications.sections import SECTIONS
from applications.statistics import to_wan
from applications.word.forms import FormContent, form_document
from applications.word.summaries import SummaryContent, summary_document

_MONEY = frozenset({"economic_benefit", "activity_cost"})
_LISTS = frozenset({"members", "special_awards", "steps", "evidence", "topic_type"})


def application_document(application: Application) -> bytes:
    """Attachment 1 with everything typed so far; personal data of the same people who may see the page."""
    enterprise = application.enterprise
    values = {
        "enterprise.name": enterprise.name,
        "enterprise.credit_code": enterprise.credit_code,
        "enterprise.industry": enterprise.get_industry_display(),  # type: ignore[attr-defined]
        "enterprise.scale": enterprise.get_scale_display(),  # type: ignore[attr-defined]
        "enterprise.address": enterprise.address,
        "enterprise.postcode": enterprise.postcode,
    }
    keys = [key for section in SECTIONS for key in section.fields if key not in _LISTS]
    fields, kind = application.fields, application.topic_type
    values |= {
        key: "" if fields.hidden(key, kind) else _shown(key, drafts.stored_value(application, key)) for key in keys
    }
    chosen = set(application.special_awards.values_list("pk", flat=True))
    content = FormContent(
        values=values,
        steps=application.steps,
        members=[_member(member) for member in application.members.all()],
        awards=[
            (award.code, award.name, award.pk in chosen) for award in application.round.programme.special_awards.all()
        ],
        topic_type=application.topic_type,
        uuid=str(application.uuid),
        year=str(application.round.programme.year),
        edit_version=application.edit_version,
        fields=fields,
    )
    return form_document(content)


def summary_of(enterprise: Enterprise, programme: Programme, report: AnnualReport | None) -> bytes:
    """Attachment 2 with the texts of ``report``, or empty."""
    parts = programme.fields.summary_sections()
    content = SummaryContent(
        parts,
        enterprise=enterprise.name,
        credit_code=enterprise.credit_code,
        data_year=str(programme.data_year),
        year=str(programme.year),
        texts={name: getattr(report, name) for name, _title, _help in parts} if report else {},
        edit_version=report.edit_version if report else 1,
    )
    return summary_document(content)


def blank_form(special_awards: tuple[str, ...] = (), fields: FieldList = NOTHING_CHANGED) -> bytes:
    """For nobody in particular: the awards are known by their names alone."""
    return form_document(FormContent(awards=[(name, name, False) for name in special_awards], fields=fields))


def blank_summary(data_year: str = "", fields: FieldList = NOTHING_CHANGED) -> bytes:
    return summary_document(SummaryContent(fields.summary_sections(), data_year=data_year))


def _shown(key: str, value: Any) -> str:
    if value is None:
        return ""
    if key in _MONEY:
        return f"{to_wan(value):f}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, list):
        return "、".join(value)
    return str(value.name if hasattr(value, "name") else value)


def _plain(value: Decimal) -> str:
    """96.50 as 96.5, 48.0 as 48."""
    return format(value.normalize(), "f") if value else "0"


def _member(member: Member) -> dict[str, str]:
    return {
        "name": member.name,
        "gender": member.get_gender_display(),  # type: ignore[attr-defined]
        "education": member.education,
        "job_title": member.job_title,
        "group_role": member.get_group_role_display(),  # type: ignore[attr-defined]
        "duty": member.duty,
        "training_hours": "" if member.training_hours is None else _plain(member.training_hours),
    }
