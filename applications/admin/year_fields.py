"""填报项目 of one year: what each field is called, whether it is asked for, with the form beside it."""

from typing import NamedTuple

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from applications import field_list, field_parts
from applications.actions import field_rules
from applications.admin.years import page, programme_of, require_edit
from applications.field_list import DEFAULTS, FIXED, NEEDS, FieldList
from applications.models import Application, Programme
from applications.topics import CHOICES, TopicType
from qcportal.adminsite import PROGRAMME
from qcportal.errors import Refusal, StaleState


class Line(NamedTuple):
    """One field in the editor: what the portal has, what this year says, what may be chosen."""

    key: str
    name: str  # of its inputs
    default: str
    label: str
    help: str
    need: str
    default_need: str
    fixed: str
    checked_by: str
    error: str
    own_types: int  # rules for single topic types

    @property
    def is_changed(self) -> bool:
        return bool(self.label or self.help or self.need)


class Group(NamedTuple):
    """Folded away unless something in it differs or is wrong: there are a hundred fields."""

    title: str
    lines: list[Line]

    @property
    def changed(self) -> int:
        return sum(line.is_changed for line in self.lines)

    @property
    def is_open(self) -> bool:
        return any(line.is_changed or line.error for line in self.lines)


@require_http_methods(["GET", "HEAD", "POST"])
def fields(request: HttpRequest, year: int) -> HttpResponse:
    """``?type=`` edits what holds for one topic type; POST with ``preview`` stores nothing."""
    programme = programme_of(year)
    kind = request.GET.get("type", "")
    kind = kind if kind in set(TopicType) else ""
    rules: dict[str, dict[str, str]] = dict(programme.field_rules)
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_edit(request)
        rules = _typed(request.POST, programme, kind)
        if "preview" in request.POST:
            errors = field_rules.problems(programme, rules)
        else:
            answer, errors = _save(request, programme, rules, kind)
            if answer is not None:
                return answer
    wanted = FieldList(field_list.cleaned(rules)[0])
    shown = kind or TopicType.SELF_SET
    waiting = Application.objects.filter(round__programme=programme)
    return page(
        request, "fields", programme, f"{year} 年度 填报项目",
        groups=_groups(rules, kind, errors), kind=kind, kinds=[("", "各类型"), *CHOICES],
        errors=[(_label(key), message, key.partition("@")[0]) for key, message in errors.items()],
        seen=request.POST.get("seen") if errors and request.method == "POST" else field_rules.mark(programme),
        needs=list(NEEDS.items()), preview=_preview(wanted, shown), preview_type=field_list.kind_label(shown),
        drafts=waiting.filter(file_number=None).count(), submitted=waiting.exclude(file_number=None).count(),
        unsaved="preview" in request.POST,
    )  # fmt: skip


def _typed(posted: QueryDict, programme: Programme, kind: str) -> dict[str, dict[str, str]]:
    """The stored rules with those of this page as typed."""
    rules = {key: dict(rule) for key, rule in programme.field_rules.items()}
    for key in _keys(kind):
        stored = f"{key}@{kind}" if kind else key
        if f"label-{key}" in posted:
            rules[stored] = {what: posted.get(f"{what}-{key}", "").strip() for what in ("label", "help", "need")}
    return rules


def _save(
    request: HttpRequest, programme: Programme, rules: dict[str, dict[str, str]], kind: str
) -> tuple[HttpResponse | None, dict[str, str]]:
    seen = request.POST.get("seen", "")
    try:
        field_rules.set_rules(programme, actor=request.user, rules=rules, seen=seen)  # type: ignore[arg-type]
    except field_rules.WrongRules as wrong:
        return None, wrong.errors
    except StaleState as stale:
        messages.error(request, stale.message)
        return redirect("admin:programme_fields", programme.year), {}
    except Refusal as refusal:
        return None, {"": refusal.message}
    messages.success(request, "填报项目已保存，网上的空白表格随后更新。")
    address = redirect("admin:programme_fields", programme.year)
    if kind:
        address["Location"] += f"?type={kind}"
    return address, {}


def _keys(kind: str) -> list[str]:
    """For one topic type the fields of attachment 1 and its own steps; attachments 2 and 3 know no type."""
    if not kind:
        return list(DEFAULTS)
    own = {f"steps.{step.code}" for step in field_list.steps_of(kind)}
    return [
        key
        for key in DEFAULTS
        if not key.startswith("report.")
        and not field_parts.is_part(key)
        and (not key.startswith("steps.") or key in own)
    ]


def _groups(rules: dict[str, dict[str, str]], kind: str, errors: dict[str, str]) -> list[Group]:
    groups: dict[str, list[Line]] = {}
    for key in _keys(kind):
        stored = f"{key}@{kind}" if kind else key
        rule, default = rules.get(stored, {}), DEFAULTS[key]
        groups.setdefault(default.group, []).append(
            Line(
                key, key, default.title, rule.get("label", ""), rule.get("help", ""), rule.get("need", ""),
                NEEDS[default.need], FIXED.get(key, ""), field_list.CHECKED_BY.get(key, ""), errors.get(stored, ""),
                sum(other.startswith(f"{key}@") for other in rules) if not kind else 0,
            )
        )  # fmt: skip
    return [Group(title, lines) for title, lines in groups.items()]


def _label(key: str) -> str:
    base, _, kind = key.partition("@")
    name = DEFAULTS[base].title if base in DEFAULTS else key
    return f"{name}（{field_list.kind_label(kind)}）" if kind else name


class Shown(NamedTuple):
    label: str
    need: str
    help: str


def _preview(wanted: FieldList, kind: str) -> list[tuple[str, list[Shown]]]:
    """The forms as they would ask: section by section, the fields that are left."""
    groups: dict[str, list[Shown]] = {}
    steps = {f"steps.{step.code}" for step in wanted.steps_of(kind)}
    for key, default in DEFAULTS.items():
        skipped = key.startswith("steps.") and key not in steps
        if skipped or wanted.hidden(key, kind):
            continue
        shown = Shown(wanted.title(key, kind), NEEDS[wanted.need(key, kind)], wanted.help(key, kind))
        groups.setdefault(default.group, []).append(shown)
    return list(groups.items())


admin.site.add_page(
    "years/<int:year>/fields/", fields, name="programme_fields", title="", group=PROGRAMME, order=30, icon="list"
)
