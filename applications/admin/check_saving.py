"""What was typed into the check page: read, kept, or shown again. Nothing that a person wrote gets lost."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from applications import check_keys
from applications.actions import checking
from applications.admin import check_desk, check_forms, check_page
from applications.models import Application, FormalCheck
from applications.models.checking import Outcome
from qcportal.models import User

TEMPLATE = "admin/applications/application/check.html"
ANSWERS = {"yes": "符合", "no": "不符", "": "未核"}


def page(
    request: HttpRequest, application: Application, bound: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"形式审查 {application}",
        "opts": Application._meta,
        **check_page.context(request, application, bound),
    }
    return render(request, TEMPLATE, context, status=status)


def kept_page(request: HttpRequest, application: Application, message: str) -> HttpResponse:
    """It is too late for what was typed: said so, with the words to copy. Without any, just back to the page."""
    messages.error(request, message)
    kept = _typed_words(request)
    if not kept:
        return redirect("admin:applications_check", pk=application.pk)
    return page(request, check_page.load(application.pk) or application, {"kept": kept}, status=409)


def _typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    data = request.POST
    found = []
    for name, value in data.items():
        if name.startswith("remarks-") and name.endswith("-text") and value.strip():
            target = data.get(name.removesuffix("text") + "target", "")
            found.append((f"意见 {check_keys.label(target) if not target.startswith('file:') else '（文件）'}", value))
    found += [(label, data[name]) for name, label in (("note", "内部备注"), ("reason", "理由")) if data.get(name)]
    return found


class Typed:
    """The forms of one POST. ``decision`` is None while only the draft is saved."""

    def __init__(self, request: HttpRequest, check: FormalCheck) -> None:
        self.request, self.check = request, check
        self.action = request.POST.get("action", "save")
        user: User = request.user  # type: ignore[assignment]
        self._blocks = check_desk.blocks_of(user)
        self.texts = check_desk.by_shortcut(self._blocks)
        data = request.POST.copy()
        if self.action == "accept_all":
            data["outcome"] = Outcome.ACCEPT.value
        self._fill(data)
        self.deciding = self.action in {"propose", "accept_all"}
        self.decision = check_forms.DecisionForm(check, data) if self.deciding else None

    def _fill(self, data: Any) -> None:
        self.data = data
        self.checklist = check_forms.ChecklistForm(self.check, data)
        self.remarks = check_forms.remark_formset(self.check, data, blocks=self.texts)

    def is_valid(self) -> bool:
        forms = [self.checklist, self.remarks, *([self.decision] if self.decision else [])]
        return all([form.is_valid() for form in forms])  # noqa: C419 -- every form says what it misses

    def save(self) -> None:
        """With ``accept_all`` the person says that the lines not yet answered agree."""
        seen = self.data.get("revision", "")
        checking.save_check(
            self.check,
            actor=self.request.user,  # type: ignore[arg-type]
            answers=self.checklist.answers(rest="yes" if self.action == "accept_all" else ""),
            note=self.checklist.cleaned_data["note"],
            remarks=self.remarks.remarks(),
            seen=int(seen) if seen.isdigit() else None,
        )

    def page(self, application: Application, *, refused: bool = False) -> HttpResponse:
        """The page again with what was typed and why it was not taken; after a refused decision the draft is kept."""
        again = check_page.open_check_of(application) if refused else self.check
        bound = {**self._bound(again or self.check), "has_errors": not refused}
        return page(self.request, check_page.load(application.pk) or application, bound, status=422)

    def stale_page(self, application: Application) -> HttpResponse:
        """Both texts: what was typed with every stored remark added to it, and beside it what is stored now."""
        stored = check_page.open_check_of(application)
        if stored is None:
            return kept_page(self.request, application, "这次审查已经作出决定，请查看审查记录。")
        typed_answers = self.checklist.answers()
        typed_note = self.checklist.cleaned_data["note"]
        differing = [
            (line["text"], ANSWERS[line["answer"]])
            for line in stored.checklist
            if typed_answers.get(line["item"]) != line["answer"]
        ]
        stale = {
            "answers": differing,
            "note": stored.note if stored.note != typed_note else "",
            "remarks": [(check_keys.place_of(one), one.text) for one in stored.remarks.all()],
        }
        self.check = stored
        self._fill(_with_stored(self.data, stored, self.remarks.remarks()))
        if self.decision:
            self.decision = check_forms.DecisionForm(stored, self.data)
        messages.error(self.request, "这次审查在别处保存过。两边的内容都在这一页，请核对后再次保存。")
        bound = {**self._bound(stored), "stale": stale}
        return page(self.request, check_page.load(application.pk) or application, bound, status=409)

    def _bound(self, check: FormalCheck) -> dict[str, Any]:
        return {
            "checklist_form": self.checklist,
            "remark_forms": self.remarks,
            "decision_form": self.decision or check_forms.DecisionForm(check),
            "texts": self.texts,
            "revision": check.revision,
        }


def _with_stored(data: Any, stored: FormalCheck, typed: list[checking.RemarkText]) -> Any:
    """The POST with one more row for every stored remark that was not typed, and both notes."""
    rows = int(data["remarks-TOTAL_FORMS"])
    for one in stored.remarks.all():
        evidence = one.file_uuid
        if checking.RemarkText(one.field, one.text, evidence, one.page) in typed:
            continue
        data[f"remarks-{rows}-target"] = check_forms.target_of(one.field, evidence)
        data[f"remarks-{rows}-page"] = str(one.page or "")
        data[f"remarks-{rows}-text"] = one.text
        rows += 1
    data["remarks-TOTAL_FORMS"] = str(rows)
    if stored.note and stored.note not in data.get("note", ""):
        data["note"] = f"{data.get('note', '')}\n{stored.note}".strip()
    return data
