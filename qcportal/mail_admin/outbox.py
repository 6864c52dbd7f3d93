"""发件箱: every letter with its state, found by kind, state, address and filing; what waits is sent from here."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from qcportal import letter_codes
from qcportal.adminsite import FILING, ReadOnlyAdmin
from qcportal.mail_admin import messages as pages
from qcportal.models import Channel, MailKind, MailMessage, MailState
from qcportal.roles import Role, has_role
from qcportal.templatetags.mailing import state_chip

SUBJECTS = 500  # filings and enterprises that one search may mean


class StateFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("person", "需要处理"), *MailState.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MailMessage]) -> QuerySet[MailMessage]:
        if self.value() == "person":
            return queryset.filter(state__in=[MailState.HELD, MailState.UNSURE, MailState.FAILED])
        return queryset.filter(state=self.value()) if self.value() in MailState.values else queryset


class LetterFilter(admin.SimpleListFilter):
    title = "信函"
    parameter_name = "letter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, known.title) for code, known in letter_codes.CODES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MailMessage]) -> QuerySet[MailMessage]:
        return queryset.filter(letter=self.value()) if self.value() else queryset


@admin.register(MailMessage)
class MailAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon, nav_title = FILING, 27, "mail", "发件箱"
    list_display = ("opened", "to", "letter_title", "chip", "created", "sent", "problem")
    list_display_links = None
    list_filter = (StateFilter, "kind", LetterFilter, "channel")
    search_fields = ("to", "subject")
    search_help_text = "收件人、主题、文件编号、单位"
    actions = ("send_held",)

    def get_urls(self) -> list[URLPattern]:
        def own(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"qcportal_mailmessage_{name}")

        return [
            own("send-held/", pages.send_held, "send_held"),
            own("<int:pk>/edit/", pages.edit, "edit"),
            own("<int:pk>/send/", pages.send, "send"),
            own("<int:pk>/cancel/", pages.cancel, "cancel"),
            own("<int:pk>/resend/", pages.resend, "resend"),
            own("<int:pk>/settle/", pages.settle, "settle"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailMessage]:
        return super().get_queryset(request).defer("body")  # type: ignore[no-any-return]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[MailMessage], search_term: str
    ) -> tuple[QuerySet[MailMessage], bool]:
        """What a letter is about counts as well: a filing by its number or group, an enterprise by name or code."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        subjects = _subjects(search_term.strip())
        return (found | queryset.filter(about__in=subjects) if subjects else found), duplicates

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        if found is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        return pages.show(request, found)

    @admin.display(description="主题", ordering="subject")
    def opened(self, message: MailMessage) -> str:
        address = reverse("admin:qcportal_mailmessage_change", args=[message.pk])
        return format_html('<a href="{}">{}</a>', address, message.subject)

    @admin.display(description="信函", ordering="letter")
    def letter_title(self, message: MailMessage) -> str:
        title = letter_codes.title(message.letter) or MailKind(message.kind).label
        return str(title) if message.channel == Channel.MAIL else f"{title}（{Channel(message.channel).label}）"

    @admin.display(description="状态", ordering="state")
    def chip(self, message: MailMessage) -> str:
        return state_chip(message)

    @admin.display(description="产生", ordering="created_at")
    def created(self, message: MailMessage) -> str:
        return _short(message.created_at)

    @admin.display(description="发出", ordering="sent_at")
    def sent(self, message: MailMessage) -> str:
        return _short(message.sent_at)

    @admin.display(description="说明")
    def problem(self, message: MailMessage) -> str:
        return message.error or "—"

    def has_send_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    @admin.action(description="发送所选的暂缓信函……", permissions=["send"])
    def send_held(self, request: HttpRequest, queryset: QuerySet[MailMessage]) -> HttpResponse:
        """Shows who would get what; nothing goes before that is confirmed."""
        rows = list(queryset.filter(state=MailState.HELD).order_by("pk")[: pages.BULK_AT_MOST])
        if not rows:
            self.message_user(request, "所选的信里没有暂缓的，无需发送。", "warning")
            return redirect(reverse("admin:qcportal_mailmessage_changelist"))
        return render(request, "admin/outbox/send_held.html", pages.bulk_context(request, rows))


def _short(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}" if moment else "—"


def _subjects(term: str) -> list[str]:
    """``about`` of the filings and enterprises that are meant. Asked by name: the platform imports no app."""
    if len(term) < 2:
        return []
    filings = apps.get_model("applications", "Application")
    enterprises = apps.get_model("applications", "Enterprise")
    asked = [
        filings.objects.filter(Q(file_number__iexact=term) | Q(group_name__icontains=term)
                               | Q(enterprise__name__icontains=term)),
        enterprises.objects.filter(Q(name__icontains=term) | Q(credit_code__iexact=term)),
    ]  # fmt: skip
    return [
        f"{rows.model._meta.label_lower}:{uuid}"
        for rows in asked
        for uuid in rows.values_list("uuid", flat=True)[:SUBJECTS]
    ]
