"""The staff site x every kind of person x every method, against the tables of staff.py."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from applications.actions import bulk, calls, notes, paper, paper_desk, saved_filters
from applications.actions.acting import look_as
from applications.models import (
    Application,
    Association,
    Consent,
    Extension,
    FieldGuidance,
    Packet,
    PaperReceipt,
    ReplyTemplate,
    SubmitAttempt,
    TextBlock,
    WarningConfirmation,
    WorkdayException,
)
from qcportal import clock
from qcportal.exports import actions as export_actions
from qcportal.exports.scope import Scope
from qcportal.models import Export, Heartbeat, LetterText, MailBatch, MailMessage
from reviews.actions import rankings
from tests import factories
from tests.access import staff, world
from tests.access.test_addresses import COLUMNS, answer, ask, leaks, signed_in

MODELS = {line.split()[0]: line.split()[1:] for line in staff.MODELS.strip().splitlines()[1:]}
PAGES = {line.split()[0]: line.split()[1:] for line in staff.PAGES.strip().splitlines()[2:]}
OTHERS = [column for column in COLUMNS if column not in {"secr", "audi"}]
VIEWS = ("changelist", "add", "change", "delete", "history")


@pytest.fixture
def there(db, settings) -> world.World:
    settings.STAFF_SECOND_FACTOR = False
    found = world.build()
    one_of_each(found)
    return found


def one_of_each(found: world.World) -> None:
    """A row of every kind that the staff site lists."""
    now, secretary, owner = clock.now(), found.people["secr"], found.people["own"]
    filing, pdf = found.rows["filing"], found.rows["template"].file
    submission = filing.latest_submission
    Association.objects.create(
        name="青海省质量协会", office="秘书处", phone="0971-0000000", email="a@b.example", address="西宁"
    )
    Consent.objects.create(kind="privacy", version="2026-1", user=owner, at=now)
    Extension.objects.create(
        round=found.rows["draft"].round, new_deadline=now + timedelta(days=20), reason="停电", created_by=secretary,
        created_at=now,
    )  # fmt: skip
    Packet.objects.create(submission=submission, kind="full", template_version="1", file=pdf, pages=1, built_at=now)
    FieldGuidance.objects.create(key="topic_name")
    TextBlock.objects.create(category="form", shortcut="own", text="请核对。")
    factories.explain(found.rows["draft"], owner)
    WarningConfirmation.objects.get_or_create(
        application=filing, code="topic_twice",
        defaults={"message": "课题相近", "reason": "各自独立", "confirmed_by": owner, "confirmed_at": now},
    )  # fmt: skip
    WorkdayException.objects.create(day=date(2026, 10, 10), is_workday=True)
    SubmitAttempt.objects.create(
        application=filing, user=owner, arrived_at=now, decided_at=now, outcome="submitted", message="已提交"
    )
    Heartbeat.objects.create(name="worker", at=now)
    found.rows["queue_filter"] = saved_filters.save(actor=secretary, name="西宁", query="city=6301")
    everything = Application.objects.all()
    found.rows["batch"] = bulk.preview(everything, kind="paper", actor=secretary, query="queue=all")
    LetterText.objects.create(code="receipt", subject="回执", body="已收到。")
    words = {"kind": 3, "to": "a@b.example", "subject": "请补正", "body": "请核对。", "created_at": now}
    found.rows["held"] = MailMessage.objects.create(state="held", **words)
    found.rows["mail"] = MailMessage.objects.create(state="held", **words)
    found.rows["mail_batch"] = MailBatch.objects.create(occasion="paper", created_by=secretary, created_at=now)
    paper.receive_paper(submission, actor=secretary, shelf="A1", note="", accept_stale=False)
    found.rows["dealing"] = dealing(found)
    whole = Scope(programme=filing.round.programme, unmasked=True)  # whole numbers: the secretariat's alone
    export_actions.ask("contacts", whole, actor=secretary, file_format="csv", reason="通知")
    rankings.decide_tie(filing, actor=secretary, position=1, reason="合议")


def dealing(found: world.World) -> dict[str, Any]:
    """A note, a call, a scan and a viewing, which pages of the counter are about."""
    secretary, enterprise = found.people["secr"], found.rows["filing"].enterprise
    ReplyTemplate.objects.create(title="补寄", text="请补寄纸质件。")
    note = notes.add_note(enterprise, actor=secretary, text="联系人下午在")
    call = calls.log_call(
        actor=secretary, subject="问截止时间", outcome="call_back", enterprise=enterprise,
        follow_up_on=timezone.localdate(clock.now()),
    )  # fmt: skip
    batch = paper_desk.open_batch(actor=secretary)
    scan = paper_desk.scan(batch, "ABCD", actor=secretary)
    viewing = look_as(found.people["own"], actor=secretary, reason="核对页面", now=clock.now())
    return {"note": note, "call": call, "batch": batch, "scan": scan, "viewing": viewing}


def counter(found: world.World) -> dict[str, dict[str, Any]]:
    """The arguments of the counter's pages."""
    filing, made = found.rows["filing"], found.rows["dealing"]
    enterprise, receipt = filing.enterprise, PaperReceipt.objects.get(application=filing)
    return {
        "dealings": {"uuid": enterprise.uuid},
        "note_add": {"uuid": enterprise.uuid},
        "note_change": {"uuid": made["note"].uuid, "what": "pin"},
        "call_close": {"uuid": made["call"].uuid},
        "attempts_enterprise": {"uuid": enterprise.uuid},
        "attempts_statement": {"uuid": enterprise.uuid},
        "claim": {"pk": enterprise.pk},
        "applications_enterprise_verify": {"pk": enterprise.pk},
        "applications_enterprise_revoke": {"pk": enterprise.pk},
        "applications_enterprise_proof": {"pk": enterprise.pk},
        "message_new": {"pk": found.rows["draft"].pk},
        "act_as_start": {"uuid": found.people["own"].uuid},
        "act_as_trace": {"uuid": made["viewing"].uuid},
        "paper_series_undo": {"uuid": made["scan"].uuid},
        "paper_undo": {"kind": "form", "pk": receipt.pk},
        "paper_batch": {"uuid": made["batch"].uuid},
        "paper_slip": {"enterprise": enterprise.uuid, "round_id": filing.round_id},
    }


def pages(found: world.World) -> Iterator[tuple[str, str]]:
    """Name and address of every page of the staff site that is not one of a model's five."""
    filing, submission = found.rows["filing"], found.rows["filing"].latest_submission
    sha256 = submission.data["evidence"][0]["sha256"]
    year, notice = filing.round.programme.year, found.rows["notice"]
    keys: dict[str, dict[str, Any]] = {
        "auth_user_password_change": {"id": found.people["own"].pk},
        "applications_enterprise_owner": {"pk": filing.enterprise_id},
        "app_list": {"app_label": "applications"},
        "folder": {"uuid": found.rows["folder"].uuid},
        "folder_file": {"uuid": found.rows["folder"].uuid},
        "past_results_import": {"uuid": found.rows["past_source"].uuid},
        "past_result": {"pk": found.rows["past"].pk},
        "personnel_person": {"pk": found.people["own"].pk},
        "paper_scan": {"uuid": found.rows["scan"].uuid},
        "reminder_batch": {"uuid": found.rows["mail_batch"].uuid},
        "qcportal_lettertext_built_in": {"code": "receipt"},
        "qcportal_mailmessage_edit": {"pk": found.rows["held"].pk},
        **{
            f"qcportal_mailmessage_{name}": {"pk": found.rows["mail"].pk}
            for name in ("send", "cancel", "resend", "settle")
        },
        "message_thread": {"uuid": found.rows["thread"].uuid},
        "applications_check_file": {"pk": filing.pk, "submission": submission.pk, "sha256": sha256},
        "applications_check_view": {"pk": filing.pk, "submission": submission.pk, "sha256": sha256},
        "applications_check_page_image": {
            "pk": filing.pk,
            "submission": submission.pk,
            "sha256": sha256,
            "number": 1,
            "size": "page",
        },
        "reviews_assign": {"pk": found.rows["stage"].pk},
        "reviews_proposals": {"pk": found.rows["stage"].pk},
        "reviews_proposal": {"uuid": found.rows["proposal"].uuid},
        "reviews_proposal_filing": {
            "uuid": found.rows["proposal"].uuid,
            "pk": found.rows["proposal"].lines.first().application_id,
        },
        "reviews_ranking": {"pk": found.rows["round"].pk},
        "reviews_ranking_export": {"pk": found.rows["round"].pk},
        "reviews_scoring_rules": {"pk": found.rows["round"].pk},
        "reviews_calibration": {"pk": found.rows["round"].pk},
        **{
            f"reviews_results{name}": {"slug": f"round-{found.rows['round'].pk}"}
            for name in ("", "_export", "_check", "_levels")
        },
        **{
            f"reviews_results_entry{name}": {
                "slug": f"round-{found.rows['sheet'].assignment.application.round_id}",
                "uuid": found.rows["sheet"].assignment.application.uuid,
            }
            for name in ("", "_pdf")
        },
        "reviews_frozen": {"uuid": found.rows["frozen"].uuid},
        "reviews_frozen_check": {"uuid": found.rows["frozen"].uuid},
        "events_event_shortlist": {"pk": found.rows["event"].pk},
        "reviews_scoresheet_reopen": {"pk": found.rows["sheet"].pk},
        "events_event_order": {"pk": found.rows["event"].pk},
        "applications_unit_people": {"pk": found.rows["unit"].pk},
        "applications_unit_deactivate": {
            "pk": found.rows["unit"].pk,
            "member": found.people["rec"].recommends_for.get().pk,
        },
        "applications_unit_resend": {
            "pk": found.rows["unit"].pk,
            "invitation": found.rows["unit_invitation"].pk,
        },
        "applications_unit_revoke": {
            "pk": found.rows["unit"].pk,
            "invitation": found.rows["unit_invitation"].pk,
        },
        "applications_queue_filter": {"pk": found.rows["queue_filter"].pk},
        **{f"applications_bulk{name}": {"uuid": found.rows["batch"].uuid} for name in ("", "_confirm", "_undo")},
        **{
            f"applications_queue_{name}": {"pk": found.rows["draft"].pk}
            for name in ("claim", "release", "renew", "take_over")
        },
        **counter(found),
        "export_file": {"uuid": Export.objects.get().uuid, "number": 1},
        "view_on_site": {"content_type_id": 1, "object_id": 1},
        "programme_year": {"year": year},
        "programme_round": {"year": year, "number": filing.round.number},
        "programme_round_add": {"year": year, "number": filing.round.number},  # there already: back to the year
        "programme_extend": {"year": year},
        "programme_fields": {"year": year},
        "applications_notice_preview": {"pk": notice.pk},
        "applications_notice_file_add": {"pk": notice.pk},
        "applications_notice_file_remove": {"pk": notice.pk, "uuid": found.rows["notice_file"].uuid},
        "applications_notice_file_move": {"pk": notice.pk, "uuid": found.rows["notice_file"].uuid},
        "applications_notice_restore": {"pk": notice.pk, "number": 1},
    }
    for name in sorted(custom_names()):
        arguments = keys.get(name, {"pk": filing.pk} if name.startswith("applications_check") else {})
        yield name, reverse(f"admin:{name}", kwargs=arguments)


def custom_names() -> set[str]:
    models = {f"{label.replace('.', '_')}_{view}" for label in MODELS for view in VIEWS}
    names = {entry.name for entry in patterns(get_resolver().namespace_dict["admin"][1].url_patterns) if entry.name}
    return names - models


def patterns(entries: Any) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLPattern):
            yield entry
        else:
            yield from patterns(entry.url_patterns)


def address(label: str, view: str) -> str:
    name = f"admin:{label.replace('.', '_')}_{view}"
    if view in {"changelist", "add"}:
        return reverse(name)
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    found = model._default_manager.order_by("pk").last()
    assert found is not None, f"no row of {label} to ask for"
    return reverse(name, args=[found.pk])


def test_the_tables_name_every_kind_of_row_and_every_page_of_the_staff_site():
    assert set(MODELS) == {model._meta.label_lower for model in admin.site._registry}
    assert set(PAGES) == custom_names() - staff.DJANGOS


@pytest.mark.parametrize("column", OTHERS)
def test_the_staff_site_is_closed_to_everybody_else(there, column):
    client, wanted = signed_in(there, column), "in" if column == "anon" else "403"
    asked = [found for _name, found in pages(there)]
    asked += [address(label, view) for label in MODELS for view in VIEWS]
    asked += ["/admin/no/such/page/", "/admin/applications/application/999999/change/"]
    wrong = []
    for found in asked:
        for method in ("GET", "POST"):
            response = ask(client, method, found)
            got = answer(response) + leaks(response)
            if got != wanted:
                wrong.append(f"{method} {found}: {got}, not {wanted}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("column", ["secr", "audi"])
def test_rows_answer_staff_as_the_table_says(there, column):
    client, wrong = signed_in(there, column), []
    for label, cells in MODELS.items():
        add, change, delete = (cell == "yes" and column == "secr" for cell in cells)
        wanted = {
            ("GET", "changelist"): ["ok"], ("GET", "history"): ["ok"], ("GET", "change"): ["ok"],
            ("GET", "add"): ["ok" if add else "403"], ("GET", "delete"): ["ok" if delete else "403"],
            # Without entries a form comes back with its errors, or, where nothing is required, is saved as it was.
            ("POST", "add"): ["ok"] if add else ["403"], ("POST", "change"): ["ok", "go"] if change else ["403"],
            ("POST", "delete"): ["go", "ok"] if delete else ["403"],
        }  # fmt: skip
        if cells[1] == "leads":
            wanted["GET", "change"] = wanted["POST", "change"] = ["go"]
        for (method, view), expected in wanted.items():
            response = ask(client, method, address(label, view))
            got = answer(response) + leaks(response)
            if got not in expected:
                wrong.append(f"{method} {label} {view}: {got}, the table says {' or '.join(expected)}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("column", ["secr", "audi"])
def test_pages_answer_staff_as_the_table_says(there, column):
    client, wrong = signed_in(there, column), []
    for name, found in pages(there):
        if name in staff.DJANGOS:
            continue
        get, post = (PAGES[name][at + (column == "audi")] for at in (0, 2))
        for method, wanted in (("GET", get), ("POST", post)):
            response = ask(client, method, found)
            got = answer(response) + leaks(response)
            if got != wanted:
                wrong.append(f"{method} {name}: {got}, the table says {wanted}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_auditor_is_offered_no_action_on_any_list(there):
    request = RequestFactory().get("/admin/")
    request.user = there.people["audi"]
    offered = {model._meta.label_lower: list(one.get_actions(request)) for model, one in admin.site._registry.items()}
    assert {label: names for label, names in offered.items() if names} == {}
