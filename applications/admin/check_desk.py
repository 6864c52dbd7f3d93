"""The forms of an open check as the page first shows them: hints, text blocks, what a link asked for."""

from typing import Any

from django.http import HttpRequest

from applications import check_hints
from applications.admin import check_forms
from applications.models import FormalCheck, TextBlock
from qcportal.models import User


def blocks_of(user: User) -> list[TextBlock]:
    """Own ones after those of everybody, so that an own one wins its shortcut."""
    return sorted(TextBlock.objects.usable_by(user), key=lambda block: block.owner_id is not None)


def by_shortcut(blocks: list[TextBlock]) -> dict[str, str]:
    return {block.shortcut: block.text for block in blocks}


def forms(request: HttpRequest, check: FormalCheck, hints: dict[str, list[check_hints.Hint]]) -> dict[str, Any]:
    blocks = blocks_of(request.user)  # type: ignore[arg-type]
    texts = by_shortcut(blocks)
    checklist = check_forms.ChecklistForm(check)
    return {
        "checklist_form": checklist,
        "lines": lines(checklist, hints, texts),
        "decision_form": check_forms.DecisionForm(check),
        "remark_forms": check_forms.remark_formset(check, preset=_preset(request, check, blocks), blocks=texts),
        **block_list(blocks),
        "answered": sum(bool(line["answer"]) for line in check.checklist),
    }


def block_list(blocks: list[TextBlock]) -> dict[str, Any]:
    """By category, in the order of the forms."""
    groups = [(kind.label, [block for block in blocks if block.category == kind]) for kind in TextBlock.Category]
    return {"block_groups": [(title, group) for title, group in groups if group]}


def lines(
    form: check_forms.ChecklistForm, hints: dict[str, list[check_hints.Hint]], texts: dict[str, str]
) -> list[dict[str, Any]]:
    """Each line with its hints and with the remark that 不符 would usually need."""
    found = []
    for field, line in form.items():
        target, text = proposal(line, texts)
        found.append(
            {
                "field": field, "line": line, "hints": hints.get(line.get("helper", ""), []), "target": target,
                "text": text, "answers": answers(field.value() or ""), "is_no": field.value() == "no",
            }
        )  # fmt: skip
    return found


def answers(chosen: str) -> list[tuple[str, str, bool]]:
    """For the template to draw: a widget for each of thirty radio buttons cost a twelfth of the page's time."""
    return [(value, label, value == chosen) for value, label in check_forms.ANSWERS]


def proposal(line: dict[str, Any], texts: dict[str, str]) -> tuple[str, str]:
    target, shortcut = check_hints.PROPOSALS.get(line.get("helper", ""), ("", ""))
    return target, texts.get(shortcut) or f"{line['text']}：不符，请核对后改正。"


def _preset(request: HttpRequest, check: FormalCheck, blocks: list[TextBlock]) -> check_forms.Preset:
    """From the links that work without script: ?remark=, ?page=, ?line=, ?block=."""
    asked = request.GET
    target, text = asked.get("remark", ""), ""
    page = asked.get("page", "")
    for line in check.checklist:
        if str(line["item"]) == asked.get("line"):
            target, text = proposal(line, by_shortcut(blocks))
    for block in blocks:
        if str(block.pk) == asked.get("block"):
            text = block.text
    return check_forms.Preset(target, int(page) if page.isdigit() and len(page) < 5 else None, text)
