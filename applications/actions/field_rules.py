"""The fields of the attachments for one year: renamed, demanded, optional, hidden (applications.field_list)."""

from django.db import transaction
from django.db.models import Count

from applications import codes, field_list, field_parts
from applications.actions.rights import require_secretariat
from applications.field_list import Rules
from applications.models import Evidence, Programme
from qcportal import audit, clock, outbox
from qcportal.errors import Refusal, StaleState
from qcportal.models import User


class WrongRules(Refusal):
    """Refused because of single fields: ``errors`` by key."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("请改正标出的项目。", "wrong_rules")
        self.errors = errors


def mark(programme: Programme) -> str:
    """What a page carries so that a newer change of somebody else is not written over."""
    return codes.digest(dict(programme.field_rules))


def problems(programme: Programme, rules: Rules) -> dict[str, str]:
    """What is wrong by key, with what only the filings can say: a kind of evidence that has files is not hidden."""
    kept, wrong = field_list.cleaned(rules)
    before, after = programme.fields, field_list.FieldList(kept)
    hidden = [
        kind for kind in field_parts.EVIDENCE_KINDS
        if after.hidden(f"evidence.{kind}") and not before.hidden(f"evidence.{kind}")
    ]  # fmt: skip
    if hidden:
        files = Evidence.objects.filter(application__round__programme=programme, kind__in=hidden)
        for row in files.values("kind").annotate(files=Count("pk")).order_by("kind"):
            wrong[f"evidence.{row['kind']}"] = f"已有 {row['files']} 个文件归在这一类，不能改为不显示，可以改为选填。"
    return wrong


def set_rules(programme: Programme, *, actor: User, rules: Rules, seen: str) -> dict[str, dict[str, str]]:
    """What differs from the portal's own list holds from now on, for everything that is filed from now on.

    Texts of hidden fields stay stored and are neither shown, demanded nor frozen; submitted versions keep the names
    of their time. The blank forms are made again. Refused: fields the portal itself needs made optional or hidden, two
    fields of one name (field_list.cleaned), a kind of evidence hidden that has files; a page older than the last
    change.
    """
    require_secretariat(actor)
    kept, wrong = field_list.cleaned(rules)
    if wrong:
        raise WrongRules(wrong)
    with transaction.atomic(durable=True):
        row = Programme.objects.select_for_update().get(pk=programme.pk)
        if mark(row) != seen:
            raise StaleState("他人刚刚改过填报项目，请核对下面的最新内容后再改。")
        wrong = problems(row, kept)
        if wrong:
            raise WrongRules(wrong)
        before = row.field_rules
        if kept == before:
            return kept
        row.field_rules = kept
        row.save(update_fields=["field_rules"])
        changed = sorted({key for key in (*before, *kept) if before.get(key) != kept.get(key)})
        audit.record(
            "programme.fields_changed", row, actor=actor,
            before={key: before[key] for key in changed if key in before},
            after={key: kept[key] for key in changed if key in kept},
        )  # fmt: skip
        make_blanks_again()
    return kept


def make_blanks_again() -> None:
    """The forms offered on the home page follow; a worker makes them. In the caller's transaction."""
    outbox.add("blanks.install", f"blanks:{clock.now().isoformat()}", {}, queue="documents")
