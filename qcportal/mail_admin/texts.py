"""信函文本: the association's own words for a letter, with a check of the placeholders and an example beside."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from qcportal import letter_codes, letter_texts
from qcportal.adminsite import PROGRAMME, StaffAdmin
from qcportal.models import LetterText
from qcportal.roles import Role, has_role

CODES = [
    (group, [(code, each.title) for code, each in letter_codes.CODES.items() if each.group == group])
    for group in dict.fromkeys(each.group for each in letter_codes.CODES.values())
]


class TextForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = LetterText
        fields = ("code", "year", "subject", "body", "is_active")
        widgets = {
            "body": forms.Textarea(attrs={"rows": 18, "class": "letter-body"}),
            "subject": forms.TextInput(attrs={"class": "letter-subject"}),
        }

    code = forms.ChoiceField(label="信函", choices=CODES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["code"].disabled = True


@admin.register(LetterText)
class LetterTextAdmin(StaffAdmin):
    """Deleting a row, or switching it off, brings the built-in words back."""

    nav_group, nav_order, nav_icon = PROGRAMME, 60, "mail"
    form = TextForm
    may_delete = True
    list_display = ("letter_title", "year_label", "subject", "is_active", "review")
    list_filter = ("is_active",)
    change_form_template = "admin/outbox/text_form.html"
    change_list_template = "admin/outbox/text_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(built_in)
        return [path("built-in/<slug:code>/", view, name="qcportal_lettertext_built_in"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        own = set(LetterText.objects.filter(is_active=True).values_list("code", flat=True))
        letters = [
            (group, [(code, title, code in own) for code, title in rows]) for group, rows in CODES
        ]  # fmt: skip
        fixed = list(letter_codes.OTHER_TITLES.values())
        return super().changelist_view(request, {"letters": letters, "fixed": fixed, **(extra_context or {})})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new text begins with the built-in words."""
        known = letter_codes.CODES.get(request.GET.get("code", "")) or letter_codes.CODES["check_returned"]
        words = letter_texts.proposal(known)
        return {"code": known.code, "subject": words.subject, "body": words.body}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """The example beside shows what was typed last, also where it was refused; "预览" saves nothing."""
        typed = request.POST if request.method == "POST" else None
        row = self.get_object(request, object_id) if object_id else None
        code = (row.code if row else "") or (typed or request.GET).get("code", "")
        known = letter_codes.CODES.get(code) or letter_codes.CODES["check_returned"]
        context = {**(extra_context or {}), **_beside(known, typed, row)}
        if typed is not None and "_preview" in typed and has_role(request.user, Role.SECRETARIAT):
            return self._preview(request, row, typed, context)
        return super().changeform_view(request, object_id, form_url, context)

    def _preview(
        self, request: HttpRequest, row: LetterText | None, typed: Any, context: dict[str, Any]
    ) -> HttpResponse:
        form = self.get_form(request, row, change=row is not None)(typed, instance=row)
        page = {
            **admin.site.each_context(request), "title": "预览", "form": form, "opts": self.opts,
            "back": reverse("admin:qcportal_lettertext_changelist"), **context,
        }  # fmt: skip
        return render(request, "admin/outbox/text_preview.html", page, status=200 if form.is_valid() else 400)

    @admin.display(description="信函", ordering="code")
    def letter_title(self, row: LetterText) -> str:
        return letter_codes.title(row.code)

    def save_model(self, request: HttpRequest, obj: LetterText, form: Any, change: bool) -> None:
        """Whoever saves the text has looked at it."""
        obj.to_review = False
        super().save_model(request, obj, form, change)

    @admin.display(description="核对", ordering="to_review")
    def review(self, row: LetterText) -> str:
        return "请核对" if row.to_review else "—"

    @admin.display(description="年度", ordering="year")
    def year_label(self, row: LetterText) -> str:
        return f"{row.year} 年度" if row.year else "各年度通用"


def _beside(known: letter_codes.Code, typed: Any, row: LetterText | None) -> dict[str, Any]:
    subject = typed.get("subject", "") if typed is not None else row.subject if row else ""
    body = typed.get("body", "") if typed is not None else row.body if row else ""
    problem = ""
    try:
        letter_texts.check(known.code, subject, body)
    except ValidationError as error:
        problem = " ".join(error.messages)
    example = letter_codes.CODES[known.code].example()
    return {
        "letter": known,
        "placeholders": [
            (f"{{{name}}}", field.label, letter_codes.value(field, {**example, "site_url": settings.SITE_URL}))
            for name, field in known.fields.items()
        ],
        "example": letter_texts.example(known, subject, body),
        "problem": problem if typed is not None else "",
    }


@require_safe
def built_in(request: HttpRequest, code: str) -> HttpResponse:
    """The built-in words of a letter with its example, and a button to write own ones."""
    known = letter_codes.CODES.get(code)
    if known is None:
        return render(request, "404.html", status=404)
    context = {
        **admin.site.each_context(request),
        "title": f"自带文本：{known.title}",
        "words": letter_texts.proposal(known),
        "add": format_html("{}?code={}", reverse("admin:qcportal_lettertext_add"), code),
        "may_act": has_role(request.user, Role.SECRETARIAT),
        **_beside(known, None, None),
    }
    return render(request, "admin/outbox/text_built_in.html", context)
