"""The enterprise confirms what the secretariat entered for it; before that nothing of it can be submitted."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from applications import confirmations
from applications.actions.rights import require_manager
from applications.models import Application, Consent, StaffEntry
from applications.sections import SECTIONS
from applications.states import State
from qcportal import audit, clock
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.request_context import current_request


class Part(NamedTuple):
    code: str
    title: str


def parts_of(application: Application, entries: Collection[StaffEntry]) -> list[Part]:
    """What has to be looked at, one box each: the sections of attachment 1, attachments 2 and 3."""
    own = [Part(section.code, section.title) for section in SECTIONS] if any(
        entry.application_id for entry in entries
    ) else []  # fmt: skip
    report = [Part("report", "附件 2 活动总结、附件 3 统计表")] if any(entry.report_id for entry in entries) else []
    return [*own, *report]


def confirm(application: Application, *, actor: User, looked_at: Collection[str], agreed: Mapping[str, str]) -> int:
    """Everything that was entered for this filing counts as the enterprise's own text from now on.

    Refused: everybody but owner and 质量主管; a part that was not ticked; a statement missing or in an older
    version. Recorded: who, when, the statements, which files. Returns how many entries were confirmed.
    """
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update(of=("self",)).select_related("round").get(pk=application.pk)
        now = clock.now_in_transaction()
        require_manager(application, actor)
        entries = list(StaffEntry.objects.of(application).waiting())
        if not entries:
            return 0
        left = [part.title for part in parts_of(application, entries) if part.code not in looked_at]
        if left:
            raise Refusal(f"还有 {len(left)} 部分没有核对：{'、'.join(left)}。请逐项查看后勾选。", "not_looked_at")
        wanted = {one.kind: one.version for one in confirmations.statements(now)}
        if any(agreed.get(kind) != version for kind, version in wanted.items()):
            raise Refusal("请阅读并勾选各项承诺。", "unconfirmed")
        StaffEntry.objects.filter(pk__in=[one.pk for one in entries]).update(confirmed_by=actor, confirmed_at=now)
        Consent.objects.bulk_create(
            Consent(
                kind=kind, version=version, user=actor, enterprise_id=application.enterprise_id,
                application=application, at=now, ip=current_request.get().ip,
            )
            for kind, version in wanted.items()
        )  # fmt: skip
        audit.record(
            "application.entry_confirmed", application, actor=actor,
            files=[one.source_sha256 for one in entries],
        )  # fmt: skip
    return len(entries)


def refusal_for(application: Application) -> Refusal | None:
    """Why it cannot be submitted yet."""
    if StaffEntry.objects.of(application).waiting().exists():
        return Refusal("本申报由秘书处代为录入，请先逐项核对并确认，再提交。", "entry_unconfirmed")
    return None


def frozen_mark(application: Application) -> tuple[dict[str, object], dict[str, str]] | None:
    """For the frozen version: the public part (when, from which file, confirmed when) and the names apart."""
    entries = list(
        StaffEntry.objects.filter(application=application).select_related("entered_by", "confirmed_by").order_by("id")
    )
    if not entries:
        return None
    last = entries[-1]
    public: dict[str, object] = {
        "entered_at": last.entered_at.isoformat(timespec="seconds"),
        "confirmed_at": last.confirmed_at.isoformat(timespec="seconds") if last.confirmed_at else "",
        "sources": [entry.source_sha256 for entry in entries],
    }
    names = {"entered_by": str(last.entered_by), "confirmed_by": str(last.confirmed_by or "")}
    return public, names


def waiting_of(applications: Collection[Application]) -> list[Application]:
    """Those of one enterprise that wait for its confirmation; one query for all."""
    if not applications:
        return []
    enterprises = {one.enterprise_id for one in applications}
    rows = StaffEntry.objects.waiting().filter(
        Q(application__enterprise__in=enterprises) | Q(report__enterprise__in=enterprises)
    )
    found = list(rows.values_list("application_id", "report__programme_id"))
    own, programmes = {pk for pk, _programme in found}, {programme for _pk, programme in found if programme}
    drafts = (State.DRAFT, State.SUBMITTED, State.RETURNED)
    return [
        one for one in applications
        if one.state in drafts and (one.pk in own or one.round.programme_id in programmes)
    ]  # fmt: skip
