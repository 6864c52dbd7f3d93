"""The staff site: who may enter, how its side list is grouped, and the base class that turns roles into rights."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import CheckboxInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse

from qcportal.roles import Role, has_role

View = Callable[..., HttpResponse]

FILING, PROGRAMME, JUDGING, EVENTS = "申报与审查", "年度活动", "评审", "活动与公布"
RECORDS, SYSTEM = "存档记录", "系统"
NAV_GROUPS = (FILING, PROGRAMME, JUDGING, EVENTS, RECORDS, SYSTEM)
FOLDED = {RECORDS, SYSTEM}  # seldom needed: folded in the side list until one of their pages is open
# Where a model stands in the side list unless its admin class says so itself (StaffAdmin.nav_group).
GROUP_OF_APP = {"applications": FILING, "reviews": JUDGING, "events": EVENTS}


class Page(NamedTuple):
    """A page of the staff site that is not a model's: address, view, and its line in the side list."""

    address: str
    view: View
    name: str
    title: str
    group: str
    order: int
    icon: str


class PortalAdminConfig(AdminConfig):
    default_site = "qcportal.adminsite.PortalAdminSite"


class PortalAdminSite(admin.AdminSite):
    site_header = "青海省质量管理小组申报与评审平台"
    site_title = "管理后台"
    index_title = "秘书处工作台"
    index_template = "admin/desk.html"
    enable_nav_sidebar = False  # templates/admin/base.html draws its own, without script

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[Page] = []
        self._desk: Callable[[HttpRequest], dict[str, Any]] | None = None

    def has_permission(self, request: HttpRequest) -> bool:
        """Secretariat and auditors; the system administrator."""
        return bool(
            request.user.is_active and request.user.is_staff and has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)
        )

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Anonymous people go to the portal's own login; people without the right get 403, not a second login."""
        checked = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            return checked(request, *args, **kwargs)

        return update_wrapper(guarded, checked)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one login for everybody, with its lockout and second factor."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied
            return redirect("admin:index")
        return _to_login(request.GET.get("next") or reverse("admin:index"))

    # --- pages of other apps ----------------------------------------------------------------------

    def add_page(
        self,
        address: str,
        view: View,
        *,
        name: str,
        title: str,
        group: str = FILING,
        order: int = 50,
        icon: str = "file",
    ) -> None:
        """Called by an app's admin package: ``view`` gets an address below /admin/ and a line in the side list."""
        self._pages.append(Page(address, view, name, title, group, order, icon))

    def set_desk(self, context: Callable[[HttpRequest], dict[str, Any]]) -> None:
        """What the first page shows. The platform cannot know it: it imports no app."""
        self._desk = context

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [path(page.address, self.admin_view(page.view), name=page.name) for page in self._pages]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        desk = self._desk(request) if self._desk else {}
        return super().index(request, {**desk, **(extra_context or {})})

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Apps are our division of the code, not the secretariat's of its work."""
        return redirect("admin:index")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Grouped by work, not by app; an app's own page (``app_label``) keeps Django's list."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        groups: dict[str, list[dict[str, Any]]] = {name: [] for name in NAV_GROUPS}
        for app in self._build_app_dict(request).values():
            for entry in app["models"]:
                model_admin = self._registry[entry["model"]]
                group = getattr(model_admin, "nav_group", "") or GROUP_OF_APP.get(app["app_label"], SYSTEM)
                entry["name"] = getattr(model_admin, "nav_title", "") or entry["name"]
                entry["icon"] = getattr(model_admin, "nav_icon", "list")
                entry["order"] = getattr(model_admin, "nav_order", 50)
                groups[group].append(entry)
        for page in self._pages:
            if page.title:
                groups[page.group].append(_page_entry(page))
        return [
            {
                "name": name,
                "app_label": f"group-{number}",
                "app_url": "",
                "has_module_perms": True,
                "folded": name in FOLDED,
                "models": sorted(entries, key=lambda entry: (entry["order"], entry["name"])),
            }
            for number, (name, entries) in enumerate(groups.items())
            if entries
        ]


def _to_login(address: str) -> HttpResponse:
    from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 -- this module loads before the models

    return redirect_to_login(address)


def _page_entry(page: Page) -> dict[str, Any]:
    return {
        "name": page.title,
        "object_name": page.name,
        "admin_url": reverse(f"admin:{page.name}"),
        "add_url": None,
        "view_only": True,
        "perms": {},
        "model": None,
        "icon": page.icon,
        "order": page.order,
    }


class RelationFilter(admin.RelatedFieldListFilter):
    """A filter whose choices are named with the help of ``named_by``, asked for at once and not choice by choice."""

    named_by: ClassVar[tuple[str, ...]] = ()

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = field.remote_field.model._default_manager.select_related(*self.named_by)
        return [(row.pk, str(row)) for row in rows]


class NamedFields:
    """Django's date and time pairs, and every field of an inline table, have no label: their names go on the fields."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is None:
            return None
        widget = getattr(field.widget, "widget", field.widget)  # inside the box with the links "add" and "change"
        if isinstance(widget, AdminSplitDateTime):
            for part, word in zip(widget.widgets, ("日期", "时间"), strict=True):
                part.attrs["aria-label"] = f"{field.label}：{word}"
        elif isinstance(self, admin.TabularInline):
            widget.attrs.setdefault("aria-label", field.label)
        return field

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Called for inline tables only."""
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.deletion_widget = CheckboxInput({"aria-label": "删除这一行"})
        return formset


class StaffAdmin(NamedFields, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rights by role instead of permission rows: ``edit_roles`` may change, ``view_roles`` may look.

    Whatever is added, changed or deleted here leaves an audit row that names the fields, not their values.
    """

    view_roles: ClassVar[tuple[str, ...]] = (Role.SECRETARIAT, Role.AUDITOR)
    edit_roles: ClassVar[tuple[str, ...]] = (Role.SECRETARIAT,)
    may_add = True
    may_delete = False
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    nav_group = ""
    nav_title = ""
    nav_order = 50
    nav_icon = "list"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, *self.view_roles)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.view_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.edit_roles)

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return self.may_add and has_role(request.user, *self.edit_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and has_role(request.user, *self.edit_roles)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = self.nav_title or self.opts.verbose_name_plural
        return super().changelist_view(request, {"title": title, **(extra_context or {})})  # type: ignore[arg-type]

    # Called by Django after the object and its inlines are saved, so the message names inline changes too.
    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._audit(request, "added", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        if message:
            self._audit(request, "changed", obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._audit(request, "deleted", obj, "")
        return super().log_deletions(request, queryset)

    def _audit(self, request: HttpRequest, what: str, obj: models.Model, message: Any) -> None:
        from qcportal import audit  # noqa: PLC0415 -- this module loads before the models

        with transaction.atomic():  # a savepoint where Django has opened one; some of its views have not
            audit.record(
                f"{obj._meta.model_name}.{what}", obj, actor=request.user, after={"changes": _changes(message)}
            )


def _changes(message: Any) -> list[str]:
    """Django's change message as plain words: field labels, and kinds of inline rows, without their values."""
    if not isinstance(message, list):
        return [str(message)] if message else []
    words = []
    for part in message:
        for what, detail in part.items():
            kind = str(detail.get("name", ""))
            fields = "、".join(map(str, detail.get("fields", [])))
            words.append(" ".join(filter(None, [what, kind, fields])))
    return words


class ReadOnlyAdmin(StaffAdmin):
    """Rows that only the portal itself writes."""

    may_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
