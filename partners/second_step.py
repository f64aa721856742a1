"""The second step of a log-in: six digits from an app, or one of ten recovery codes.

`User.second_step_at` says since when there is one. Nobody is logged in before it was taken, and
turning it on or off ends every other session: so who has a session has taken it.
"""

from base64 import b32encode
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from partners import letters
from partners.models import Letter, User

RECOVERY_CODES = 10


class Deed(StrEnum):
    """What is written to the person, and nothing more."""

    ON = "on"
    OFF = "off"
    NEW_CODES = "new_codes"
    CODE_USED = "code_used"
    RESET = "reset"


class WrongCode(Exception):
    """It is not right, not right any more, or was used."""


class WrongPassword(Exception):
    """It is not that person's."""


class NotBegun(Exception):
    """No new secret waits for its first code."""


def is_missing(*, user: User | AnonymousUser) -> bool:
    """Whether this user may not work at the desk before there is a second step."""
    is_asked: bool = settings.REQUIRE_STAFF_TOTP and user.is_staff
    return is_asked and isinstance(user, User) and user.second_step_at is None


@transaction.atomic
def begin(*, user: User) -> None:
    """Make a new secret, which opens nothing until its first code has come back."""
    _lock(user)
    _begun(user).delete()
    TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def begun(*, user: User) -> TOTPDevice | None:
    return _begun(user).first()


def secret(*, device: TOTPDevice) -> str:
    """Return what can be typed into an app, in fours."""
    key = b32encode(device.bin_key).decode()
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


@transaction.atomic
def confirm(*, user: User, code: str, language: str, now: datetime) -> list[str]:
    """Turn it on with the first code; return the recovery codes. Raises NotBegun and WrongCode."""
    is_on = _lock(user).second_step_at
    device = begun(user=user)
    if is_on or device is None:
        raise NotBegun
    if not device.verify_token(_plain(code)):
        raise WrongCode
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    _stamp(user, now)
    _tell(user, Deed.ON, language, now)
    return _make_codes(user)


def take(*, user: User, code: str, language: str, now: datetime) -> None:
    """Accept a code, once, however many try it at once. Raises WrongCode.

    Six digits are judged by the clock of this machine, not by `now`.
    """
    typed = _plain(code)
    is_of_app = len(typed) == 6 and typed.isdigit()
    with transaction.atomic():
        kind = TOTPDevice if is_of_app else StaticDevice
        own = kind.objects.select_for_update().filter(user=user, confirmed=True)
        device = own.order_by("id").first()
        if device is None or not device.verify_token(typed):
            raise WrongCode
        if not is_of_app:
            _tell(user, Deed.CODE_USED, language, now)


def prove(*, user: User, password: str, code: str, language: str, now: datetime) -> None:
    """Ask for all that a log-in asks for. Raises WrongPassword (it costs no code) and WrongCode."""
    if not user.check_password(password):
        raise WrongPassword
    take(user=user, code=code, language=language, now=now)


@transaction.atomic
def renew_codes(*, user: User, language: str, now: datetime) -> list[str]:
    """Return new recovery codes; the old ones open nothing any more."""
    _lock(user)
    _tell(user, Deed.NEW_CODES, language, now)
    return _make_codes(user)


def codes_left(*, user: User) -> int:
    left: int = StaticToken.objects.filter(device__user=user).count()
    return left


def turn_off(*, user: User, language: str, now: datetime) -> None:
    _end(user, Deed.OFF, language, now)


def reset(*, user: User, now: datetime) -> None:
    """Turn it off for somebody who lost the device; the letter is in the language of their last."""
    own = Letter.objects.filter(kind=Letter.Kind.SECOND_STEP, recipient=user.email)
    language = own.order_by("-owed_at").values_list("language", flat=True).first()
    _end(user, Deed.RESET, language or settings.LANGUAGE_CODE, now)


@transaction.atomic
def _end(user: User, deed: Deed, language: str, now: datetime) -> None:
    _lock(user)
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.filter(user=user).delete()
    _stamp(user, None)
    _tell(user, deed, language, now)


def _lock(user: User) -> User:
    """Changes of one person's second step happen one after the other."""
    return User.objects.select_for_update().get(pk=user.pk)


def _begun(user: User) -> QuerySet[Any]:
    begun: QuerySet[Any] = TOTPDevice.objects.filter(user=user, confirmed=False)
    return begun


def _stamp(user: User, at: datetime | None) -> None:
    user.second_step_at = at
    user.save(update_fields=["second_step_at"])


def _make_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _code in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=it) for it in codes)
    return [f"{it[:4]} {it[4:]}" for it in codes]


def _plain(code: str) -> str:
    return "".join(code.replace("-", " ").split()).lower()


def _tell(user: User, deed: Deed, language: str, now: datetime) -> None:
    facts = {"user": user.pk, "deed": deed}
    if deed == Deed.CODE_USED:
        facts |= {"left": codes_left(user=user)}
    letters.owe(
        kind=Letter.Kind.SECOND_STEP,
        recipient=user.email,
        language=language,
        facts=facts,
        key=f"second_step:{user.pk}:{deed}:{now.timestamp()}",
        now=now,
    )
