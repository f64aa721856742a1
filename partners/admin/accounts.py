"""People who log in, by their e-mail address: RFS staff and members of partners."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as AuthUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from partners.admin.second_step import SecondStepMixin
from partners.models import User


class UserCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "full_name")


class UserEditForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(SecondStepMixin, AuthUserAdmin):  # type: ignore[type-arg]
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
            {"fields": ("is_active", "is_staff", "is_superuser", "groups")},
        ),
        (_("When"), {"fields": ("last_login", "joined_at", "second_step_at")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("email", "full_name", "usable_password", "password1", "password2")},
        ),
    )
