"""The platform's own rows on the staff site: people, audit trail, background work, mail, process life signs."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.text import Truncator

from qcportal import (
    audit,
    audit_labels,
    mail_admin,  # noqa: F401 -- registers 发件箱
    outbox,
)
from qcportal.adminsite import SYSTEM, ReadOnlyAdmin, StaffAdmin
from qcportal.models import AuditEvent, Heartbeat, OutboxMessage, OutboxState, User
from qcportal.roles import Role, has_role, is_last_active

# Roles are given on the user's page; authenticators hold secrets; addresses follow User.email.
for _model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

STAFF_ROLES = frozenset({Role.SECRETARIAT, Role.AUDITOR})


TOPICS = {
    "mail.send": "发送邮件",
    "reminder.batch": "生成催办提醒",
    "letter.message": "信函转为留言",
    "packet.build": "生成材料包",
    "paperset.build": "生成打印套件",
    "bundle.build": "打包电子文件夹",
    "scan.read": "识别盖章扫描件",
    "opinion.build": "生成推荐意见",
    "preview.build": "生成材料预览",
    "export.build": "生成导出文件",
    "agenda.build": "生成活动议程",
    "staff.submissions": "提醒秘书处",
}


class RoleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Group) -> str:  # type: ignore[override]
        return str(Role(obj.name).label) if obj.name in Role.values else obj.name


class NewUserForm(AdminUserCreationForm):
    """Everybody here logs in with a password: no choice to be without one."""

    usable_password = None


class PasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    """A person's page. The last secretary keeps the role: nobody could check, decide or invite any more."""

    def clean_groups(self) -> Any:
        groups = self.cleaned_data["groups"]
        kept = {group.name for group in groups}
        if Role.SECRETARIAT not in kept and is_last_active(self.instance, Role.SECRETARIAT):
            raise forms.ValidationError(
                "这是最后一位可以登录的秘书处人员，不能去掉“秘书处”角色。请先把该角色给另一位人员。"
            )
        return groups


class RoleFilter(admin.SimpleListFilter):
    title = "角色"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*Role.choices, ("none", "申报单位人员")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[User]) -> models.QuerySet[User]:
        if self.value() == "none":
            return queryset.filter(groups=None, is_superuser=False)
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class PortalUserAdmin(StaffAdmin, UserAdmin):
    """People are deactivated, never deleted: their names stand in the audit trail and on submissions."""

    nav_group, nav_order, nav_icon = SYSTEM, 10, "users"
    form = PersonForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    list_display = ("username", "name", "role_names", "email", "mobile", "is_active", "last_login")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("username", "name", "email", "mobile")
    ordering = ("username",)
    filter_horizontal = ()
    # Whoever is deactivated holds work that goes over to others: "人员与角色" shows it first and asks for the reason.
    readonly_fields = ("last_login", "date_joined", "email_verified_at", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("基本信息", {"fields": ("name", "email", "email_verified_at", "mobile")}),
        (
            "权限",
            {
                "fields": ("groups", "is_active"),
                "description": "秘书处和审计员可进入管理后台。停用与恢复在“人员与角色”中办理。",
            },
        ),
        ("时间", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "name",
                    "email",
                    "mobile",
                    "groups",
                    "password1",
                    "password2",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")  # type: ignore[no-any-return]

    @admin.display(description="角色")
    def role_names(self, user: User) -> str:
        names = [str(Role(group.name).label) for group in user.groups.all() if group.name in Role.values]
        return "、".join(["系统管理员"] * user.is_superuser + names) or "—"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            return RoleField(Group.objects.filter(name__in=Role.values).order_by("id"), required=False, label="角色")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody locks themselves out or changes their own rights."""
        return (*self.readonly_fields, "role_names") if self._own(request, obj) else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Where roles are only read, they are shown in words."""
        if obj is None or not (self._own(request, obj) or not self.has_change_permission(request, obj)):
            return super().get_fieldsets(request, obj)
        return [
            (title, {**options, "fields": tuple("role_names" if f == "groups" else f for f in options["fields"])})
            for title, options in self.fieldsets
        ]

    @staticmethod
    def _own(request: HttpRequest, obj: User | None) -> bool:
        return obj is not None and obj.pk == request.user.pk

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if change and "email" in form.changed_data:
            obj.email_verified_at = None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Roles decide who may enter the staff site; a change of roles is recorded with both sets."""
        user = form.instance
        before = sorted(user.groups.values_list("name", flat=True)) if change else []
        super().save_related(request, form, formsets, change)
        after = sorted(user.groups.values_list("name", flat=True))
        is_staff = bool(STAFF_ROLES.intersection(after)) or user.is_superuser
        if user.is_staff != is_staff:
            User.objects.filter(pk=user.pk).update(is_staff=is_staff)
        if before != after:
            audit.record(
                "user.roles_changed", user, actor=request.user, before={"roles": before}, after={"roles": after}
            )


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = SYSTEM, 20, "lock"
    list_display = ("at", "verb_label", "actor_label", "target_label", "ip", "request_id")
    list_filter = (("at", admin.DateFieldListFilter),)
    search_fields = ("target_label", "actor_label", "verb", "request_id")

    @admin.display(description="操作", ordering="verb")
    def verb_label(self, event: AuditEvent) -> str:
        return audit_labels.label(event.verb)


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = SYSTEM, 30, "clock"
    list_display = ("topic_label", "state", "attempts", "available_at", "done_at", "error")
    list_filter = ("state", "queue")
    search_fields = ("key", "topic")
    actions = ("retry",)

    @admin.display(description="事项", ordering="topic")
    def topic_label(self, message: OutboxMessage) -> str:
        return TOPICS.get(message.topic, message.topic)

    @admin.display(description="最近错误")
    def error(self, message: OutboxMessage) -> str:
        return Truncator(message.last_error).chars(80) or "—"

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.SECRETARIAT)

    @admin.action(description="重新处理所选的失败事项", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: models.QuerySet[OutboxMessage]) -> None:
        dead = list(queryset.filter(state=OutboxState.DEAD))
        for message in dead:
            with transaction.atomic():
                audit.record("outbox.revived", message, actor=request.user)  # type: ignore[arg-type]
            outbox.revive(message)
        if dead:
            messages.success(request, f"已重新排队 {len(dead)} 项。")
        else:
            messages.warning(request, "所选事项中没有失败的，无需重新处理。")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    nav_group, nav_order, nav_icon = SYSTEM, 50, "check"
    list_display = ("name", "at")
