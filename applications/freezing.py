"""Turning the working copy into frozen JSON: what a submission and a report version are made of.

The public part holds nothing about persons; contacts, members and signers stand in the personal part.
Everything printed in a packet comes from these two dictionaries alone.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from applications import codes, statistics
from applications.field_list import FieldList
from applications.models import AnnualReport, Application, Evidence, Member, Programme, Recommendation
from applications.topics import steps_of

SCHEMA = 1


def plain(value: Any) -> Any:
    """JSON-ready: decimals and dates become strings, None becomes ""."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


GROUP_FIELDS = (
    "group_name", "group_registration_number", "group_registered_on", "group_founded_on",
    "topic_registration_number", "member_count", "activity_starts_on", "activity_ends_on",
    "activity_count", "attendance_rate", "training_hours", "group_intro",
)  # fmt: skip
RESULT_FIELDS = (
    "target_value", "actual_value", "economic_benefit", "activity_cost", "benefit_basis",
    "social_benefit", "main_results", "honours",
)  # fmt: skip


def freeze_application(application: Application) -> tuple[dict[str, Any], dict[str, Any]]:
    """The public and the personal part of attachment 1, without number, version and time (the submission adds them)."""
    prefetch_related_objects([application], "evidence__file", "special_awards")
    round_ = application.round
    fields, kind = application.fields, application.topic_type

    def shown(names: tuple[str, ...]) -> dict[str, Any]:
        return {name: "" if fields.hidden(name, kind) else plain(getattr(application, name)) for name in names}

    public = {
        "schema": SCHEMA,
        "programme": _programme(round_.programme)
        | {"title": round_.programme.title, "notice_number": round_.programme.notice_number},
        "round": {"number": round_.number, "label": round_.label},
        "enterprise": _enterprise(application),
        "completing_units": []
        if fields.hidden("completing_units", kind)
        else [unit.name for unit in application.completing_units.all()],
        "group": shown(GROUP_FIELDS),
        "topic": _topic(application),
        "results": shown(RESULT_FIELDS),
        "special_awards": _special_awards(application),
        "recommending_unit": _recommending_unit(application),
        "evidence": [_evidence(item, fields) for item in application.evidence.all()],
        **rules_of(round_.programme, report=False),
    }
    personal = _personal(application)
    opinion = pending_opinion(application)
    if opinion is not None:
        public["recommendation"] = _recommendation(opinion, fingerprint(application))
        personal["recommendation_signer"] = opinion.personal or {}
    return public, personal


def rules_of(programme: Programme, *, report: bool) -> dict[str, Any]:
    """An optional key: only where this year's fields differ from the portal's list (applications.field_list).

    Each part keeps its own, so that another name in attachment 1 makes no new version of attachments 2 and 3.
    """
    mine = {key: rule for key, rule in programme.field_rules.items() if key.startswith("report.") is report}
    return {"fields": mine} if mine else {}


def _recommending_unit(application: Application) -> str:
    hidden = application.fields.hidden("recommending_unit", application.topic_type)
    return application.recommending_unit.name if application.recommending_unit and not hidden else ""


def pending_opinion(application: Application) -> Recommendation | None:
    """What the chosen unit said about the working copy; the next submission freezes it."""
    if application.recommending_unit_id is None:
        return None
    return application.recommendations.pending().filter(unit=application.recommending_unit_id).first()


def _recommendation(opinion: Recommendation, now: str) -> dict[str, Any]:
    """An optional key: only where an opinion was given before. The signer stands in the personal part."""
    return {
        "unit": opinion.unit.name,
        "decision": opinion.decision,
        "decision_label": opinion.get_decision_display(),  # type: ignore[attr-defined]
        "text": opinion.text,
        "given_at": opinion.given_at.isoformat(timespec="seconds"),
        "code": opinion.code,
        "sha256": opinion.sha256,
        "unchanged": opinion.fingerprint == now,
    }


def fingerprint(application: Application) -> str:
    """A hash of what an opinion is about: group, topic, results, awards, units, evidence. Contacts do not count.

    Asks nothing of the database when the relations below are prefetched.
    """
    return codes.digest(
        {
            "enterprise": application.enterprise.credit_code,
            "round": application.round_id,
            "units": [unit.name for unit in application.completing_units.all()],
            "group": {name: plain(getattr(application, name)) for name in GROUP_FIELDS},
            "topic": [application.topic_name, application.topic_type],
            "steps": {
                step.code: application.steps.get(step.code, "")
                for step in (steps_of(application.topic_type) if application.topic_type else ())
            },
            "results": {name: plain(getattr(application, name)) for name in RESULT_FIELDS},
            "awards": sorted(award.code for award in application.special_awards.all()),
            "evidence": sorted([item.kind, item.file_id] for item in application.evidence.all()),
        }
    )


def _programme(programme: Programme) -> dict[str, Any]:
    return {
        "year": programme.year,
        "edition": programme.edition,
        "data_year": programme.data_year,
        "is_demo": programme.is_demo,
    }


def _enterprise(application: Application) -> dict[str, Any]:
    enterprise = application.enterprise
    return {
        "credit_code": enterprise.credit_code,
        "name": enterprise.name,
        "certificate_unit_name": application.certificate_unit_name or enterprise.name_on_certificate,
        "city": enterprise.city,
        "city_label": enterprise.city_label,
        "address": enterprise.address,
        "postcode": enterprise.postcode,
        "industry": enterprise.industry,
        "industry_label": enterprise.get_industry_display(),  # type: ignore[attr-defined]
        "scale_label": enterprise.get_scale_display(),  # type: ignore[attr-defined]
    }


def _topic(application: Application) -> dict[str, Any]:
    return {
        "topic_name": application.topic_name,
        "topic_type": application.topic_type,
        "topic_type_label": application.topic_type_label,
        "steps": [
            {"code": step.code, "label": step.label, "text": application.steps.get(step.code, "")}
            for step in application.step_list
        ],
    }


def _evidence(item: Evidence, fields: FieldList) -> dict[str, Any]:
    return {
        "uuid": str(item.uuid),
        "kind": item.kind,
        "kind_label": fields.evidence_kind(item.kind),
        "name": item.name,
        "sha256": item.file_id,
        "size": item.file.size,
        "content_type": item.file.content_type,
        "pages": item.pages,
    }


def _special_awards(application: Application) -> list[dict[str, Any]]:
    chosen = {award.pk for award in application.special_awards.all()}
    return [
        {"code": award.code, "name": award.name, "chosen": award.pk in chosen}
        for award in application.round.programme.special_awards.all()
    ]


def _personal(application: Application) -> dict[str, Any]:
    return {
        "contact_name": application.contact_name,
        "contact_phone": application.contact_phone,
        "contact_email": application.contact_email,
        "leader_name": application.leader_name,
        "members": [_member(member, application.fields) for member in application.members.all()],
    }


def _member(member: Member, fields: FieldList) -> dict[str, Any]:
    """Columns that are not asked for are frozen empty: what was typed before stays in the working copy."""
    frozen = {
        "name": member.name,
        "gender_label": member.get_gender_display(),  # type: ignore[attr-defined]
        "education": member.education,
        "job_title": member.job_title,
        "group_role": member.group_role,
        "group_role_label": member.get_group_role_display(),  # type: ignore[attr-defined]
        "duty": member.duty,
        "training_hours": plain(member.training_hours),
    }
    hidden = {name for name in frozen if fields.hidden(f"members.{name.removesuffix('_label')}")}
    empty = {"training_hours": plain(None)}
    return {name: empty.get(name, "") if name in hidden else value for name, value in frozen.items()}


def freeze_report(report: AnnualReport) -> tuple[dict[str, Any], dict[str, Any]]:
    """The public and the personal part of attachments 2 and 3."""
    wanted = report.programme.fields
    values = wanted.masked({field: getattr(report, field) for field in statistics.FIELDS})
    computed = statistics.rates(values)
    public = {
        "schema": SCHEMA,
        "programme": _programme(report.programme),
        "enterprise": {"credit_code": report.enterprise.credit_code, "name": report.enterprise.name},
        "summary": [
            {"code": name, "title": title, "text": getattr(report, name)}
            for name, title, _help in wanted.summary_sections()
        ],
        "summary_file": {
            "sha256": report.summary_file_id,
            "name": report.summary_file_name,
            "pages": report.summary_file_pages,
            "content_type": report.summary_file.content_type,
        }
        if report.summary_file
        else None,
        "statistics": [
            {
                "number": row.number,
                "field": row.field,
                "label": row.label,
                "unit": row.unit,
                "value": _statistic(row.field, {**values, **computed}),
                "note": row.note,
            }
            for row in wanted.statistics_rows()
        ],
        **rules_of(report.programme, report=True),
    }
    signers = wanted.signers()
    return public, {
        name: getattr(report, name) if name in signers else "" for name in ("filled_by", "responsible_person")
    }


def _statistic(field: str, values: dict[str, Any]) -> str:
    """As printed: money in 万元, rates with two places, counts as they are, empty as ""."""
    value = values.get(field)
    if value is None:
        return ""
    return plain(statistics.to_wan(value)) if field in statistics.MONEY else str(value)
