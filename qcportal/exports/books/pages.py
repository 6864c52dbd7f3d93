"""The books as pages: filters, counts, a page of rows, a button that exports what is shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications import check_keys
from applications.models import FormalCheck
from applications.models.checking import Outcome
from qcportal import audit, clock
from qcportal.adminsite import RECORDS
from qcportal.exports.books import corrections, duplicates, numbers
from qcportal.exports.forms import ScopeForm, chosen, newest_programme
from qcportal.exports.scope import Scope
from qcportal.models import User

PER_PAGE = 100
FEW = 50


class BookForm(ScopeForm):
    """``own`` names the conditions beside year and round."""

    own: tuple[str, ...] = ()
    page = forms.IntegerField(required=False, min_value=1)

    def filters(self) -> dict[str, str]:
        return {name: str(self.cleaned_data[name]) for name in self.own if self.cleaned_data.get(name)}

    def scope(self, **more: Any) -> Scope:
        return super().scope(**{"filters": self.filters(), **more})


class NumbersForm(BookForm):
    own = ("everything",)
    everything = forms.BooleanField(label="全部显示，供打印", required=False)


class DuplicatesForm(BookForm):
    own = ("kind", "q")
    kind = forms.ChoiceField(label="类别", choices=list(duplicates.WHAT.items()), required=False)
    q = forms.CharField(label="查找", required=False, max_length=60)


class CorrectionsForm(BookForm):
    own = ("state", "checker", "q")
    state = forms.ChoiceField(label="情况", choices=[("", "全部"), *corrections.STATES.items()], required=False)
    checker = forms.ChoiceField(label="审查人", required=False)
    q = forms.CharField(label="查找", required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        returned = FormalCheck.objects.filter(outcome=Outcome.RETURN).values("checker")
        people = User.objects.filter(pk__in=returned).order_by("name", "pk")
        self.fields["checker"].choices = [("", "全部"), *((str(one.pk), str(one)) for one in people)]  # type: ignore[attr-defined]


FORMS: dict[str, type[BookForm]] = {
    "numbers": NumbersForm, "duplicates": DuplicatesForm, "corrections": CorrectionsForm,
}  # fmt: skip


def _context(request: HttpRequest, kind: str, title: str) -> dict[str, Any]:
    """Common to the three books. An address that the form refuses shows the newest year."""
    form = FORMS[kind](chosen(request.GET, newest_programme()))
    valid = form.is_valid()
    scope = form.scope() if valid else Scope(programme=newest_programme())
    return {
        **admin.site.each_context(request), "title": title, "form": form, "scope": scope, "kind": kind,
        "query": request.GET.urlencode(), "number": form.cleaned_data.get("page") or 1 if valid else 1,
    }  # fmt: skip


@require_safe
def number_book(request: HttpRequest) -> HttpResponse:
    """Every number in order. 全部显示 puts the whole year on one sheet for the printer."""
    context = _context(request, "numbers", "文件编号簿")
    scope = context["scope"]
    rows = numbers.filed(scope)
    size = max(1, rows.count()) if scope.filters.get("everything") else PER_PAGE
    page = Paginator(rows, size).get_page(context["number"])
    gaps = numbers.gaps(scope)
    context.update(
        page=page, entries=[numbers.entry_of(row) for row in page], gaps=gaps,
        given=[(round_, round_.file_number_counter) for round_ in numbers.rounds(scope)],
        at=clock.now(),
    )  # fmt: skip
    return render(request, "admin/exports/numbers.html", context)


@require_safe
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """Names of people are looked at only under their own heading, and that is recorded."""
    context = _context(request, "duplicates", "重复清单")
    scope = context["scope"]
    kind = scope.filters.get("kind") or duplicates.FILE
    found = duplicates.matches(scope, kind, scope.filters.get("q", ""))
    if kind == duplicates.MEMBER and scope.programme is not None and request.method == "GET":
        with transaction.atomic():
            audit.record("application.members_compared", scope.programme, actor=request.user, rows=len(found))  # type: ignore[arg-type]
    tabs = [{"key": key, "label": label, "current": key == kind} for key, label in duplicates.WHAT.items()]
    context.update(page=Paginator(found, FEW).get_page(context["number"]), chosen_kind=kind, tabs=tabs)
    return render(request, "admin/exports/duplicates.html", context)


@require_safe
def correction_history(request: HttpRequest) -> HttpResponse:
    """Each return with what was said, opened and answered; sums by checker and enterprise above."""
    context = _context(request, "corrections", "补正史")
    scope, now = context["scope"], clock.now()
    page = Paginator(corrections.for_page(corrections.returns(scope)), FEW).get_page(context["number"])
    lines = [
        {
            "check": check, "days": corrections.days(check), "opened": corrections.opened(check),
            "said": [(check_keys.label(remark.field), remark) for remark in check.remarks.all()],
            "state": corrections.state_of(check, now),
            "word": corrections.STATES[corrections.state_of(check, now)],
        }
        for check in page
    ]  # fmt: skip
    context.update(
        page=page, lines=lines, checkers=corrections.sums(scope, "checker"),
        enterprises=corrections.sums(scope, "enterprise")[:10],
    )  # fmt: skip
    return render(request, "admin/exports/corrections.html", context)


admin.site.add_page(  # type: ignore[attr-defined]
    "books/numbers/", number_book, name="book_numbers", title="文件编号簿", group=RECORDS, order=1, icon="list"
)
admin.site.add_page(  # type: ignore[attr-defined]
    "books/duplicates/", duplicate_list, name="book_duplicates", title="重复清单", group=RECORDS, order=2, icon="copy"
)
admin.site.add_page(  # type: ignore[attr-defined]
    "books/corrections/", correction_history, name="book_corrections", title="补正史", group=RECORDS, order=3,
    icon="return",
)  # fmt: skip
