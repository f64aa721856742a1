"""Makes the first person of staff, who can then make the others in the admin."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from partners.models import User


class Command(BaseCommand):
    help = (
        "Make the first staff user. Asks for e-mail, name and password, or takes them from "
        "STAFF_EMAIL, STAFF_NAME and STAFF_PASSWORD. Does nothing when there is one already."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if User.objects.filter(is_staff=True, is_active=True).exists():
            self.stdout.write("There is a staff user already: more are made in the admin.")
            return
        email = self._answer("STAFF_EMAIL", "E-mail address: ")
        name = self._answer("STAFF_NAME", "Full name: ", default=email.partition("@")[0])
        password = os.environ.get("STAFF_PASSWORD") or self._ask_password()
        user = self._checked(email, name, password)
        self.stdout.write(self.style.SUCCESS(f"{user.email} can log in at /admin/ now."))

    def _checked(self, email: str, name: str, password: str) -> User:
        """Create the user, or say in words what is wrong with the answers."""
        user = User(email=email, full_name=name, is_staff=True, is_superuser=True)
        user.set_password(password)
        try:
            user.full_clean()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages) + " Start create_staff again.") from error
        user.save()
        return user

    def _answer(self, variable: str, question: str, default: str = "") -> str:
        given = os.environ.get(variable, "")
        if given:
            return given
        if not sys.stdin.isatty():
            if default:
                return default
            raise CommandError(
                "Nobody is here to answer: set STAFF_EMAIL and STAFF_PASSWORD, "
                "or run this in a terminal."
            )
        return input(question).strip() or default

    def _ask_password(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Set STAFF_PASSWORD too, or run this in a terminal.")
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("The same password again: "):
            raise CommandError("The two passwords differ. Start create_staff again.")
        return first
