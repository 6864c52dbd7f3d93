"""The staff site: who may enter, and the base class that turns roles into admin permissions."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

from qcportal.roles import Role, has_role


class PortalAdminConfig(AdminConfig):
    default_site = "qcportal.adminsite.PortalAdminSite"


class PortalAdminSite(admin.AdminSite):
    site_header = "青海省质量管理小组申报与评审平台"
    site_title = "管理后台"
    index_title = "秘书处工作台"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Secretariat and auditors; the system administrator."""
        return bool(
            request.user.is_active and request.user.is_staff and has_role(request.user, Role.SECRETARIAT, Role.AUDITOR)
        )


class StaffAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rights by role instead of permission rows: ``edit_roles`` may change, ``view_roles`` may look."""

    view_roles: ClassVar[tuple[str, ...]] = (Role.SECRETARIAT, Role.AUDITOR)
    edit_roles: ClassVar[tuple[str, ...]] = (Role.SECRETARIAT,)
    may_add = True
    may_delete = False
    list_per_page = 50
    show_full_result_count = False

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


class ReadOnlyAdmin(StaffAdmin):
    """Rows that only the portal itself writes."""

    may_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
