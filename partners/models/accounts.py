"""Who may log in: RFS staff, and the members of partners. The e-mail address is the log-in."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.links import Partner


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can log in until one is set by mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works here: never a candidate."""

    email = models.EmailField(_("e-mail"))
    full_name = models.CharField(_("full name"), max_length=120)
    is_staff = models.BooleanField(_("RFS staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    second_step_at = models.DateTimeField(_("second step since"), null=True, editable=False)
    # Of the person and not of a membership: who belongs to two partners hears of it once.
    wants_milestone_mail = models.BooleanField(
        _("hears of milestones of drives"), default=True, db_default=Value(value=True)
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="user_unique_by_email",
                violation_error_message=_("Someone with this e-mail address is here already."),
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.partition(" ")[0]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends when the second step is turned on or off, as it does with a password."""
        own: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return f"{own}:{self.second_step_at.timestamp()}" if self.second_step_at else own

    def clean(self) -> None:
        self.email = self.email.strip().lower()


class Member(models.Model):
    """A user who belongs to a partner."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("viewer")
        MANAGER = "manager", _("manager")

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships"
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="members"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)
    wants_digest = models.BooleanField(_("gets the weekly digest"), default=True)
    wants_goal_mail = models.BooleanField(_("hears of goals reached"), default=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["user", "partner"], name="member_once_per_partner"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.partner})"
