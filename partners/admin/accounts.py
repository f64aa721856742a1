"""People who log in, by their e-mail address: RFS staff and members of partners.

Whoever may change accounts could else give themselves every right, or take a colleague's account by
its password: what staff may do, and their accounts, are changed by superusers alone.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as AuthGroupAdmin
from django.contrib.auth.admin import UserAdmin as AuthUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from partners.admin.searching import SearchingMixin
from partners.admin.second_step import SecondStepMixin
from partners.models import User

RIGHTS = ("is_staff", "is_superuser", "groups")
admin.site.unregister(Group)


class UserCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "full_name")


class UserEditForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(SearchingMixin, SecondStepMixin, AuthUserAdmin):  # type: ignore[type-arg]
    form = UserEditForm
    add_form = UserCreationForm
    list_display = ("email", "full_name", "is_staff", "is_active", "second_step_at", "last_login")
    list_filter = ("is_staff", "is_active", ("second_step_at", admin.EmptyFieldListFilter))
    search_fields = ("email", "full_name")
    ordering = ("email", "id")
    # A plain list: the picker with two boxes names its help where readers can't hear it.
    filter_horizontal = ()
    readonly_fields = ("last_login", "joined_at", "second_step_at")
    fieldsets = (
        (None, {"fields": ("email", "password", "full_name")}),
        (
            _("What they may do"),
            {"fields": ("is_active", *RIGHTS)},
        ),
        (_("When"), {"fields": ("last_login", "joined_at", "second_step_at")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("email", "full_name", "usable_password", "password1", "password2")},
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...] | list[str]:
        told = super().get_readonly_fields(request, obj)
        return told if _is_superuser(request) else (*told, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


@admin.register(Group)
class GroupAdmin(SearchingMixin, AuthGroupAdmin):
    """What its members may do: a colleague among them could write themselves more into it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def _may_touch(request: HttpRequest, account: User | None) -> bool:
    return account is None or not account.is_staff or _is_superuser(request)
