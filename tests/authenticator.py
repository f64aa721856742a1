"""An app for one-time codes, as people have one on their phones; it knows RFC 6238 by itself."""

import hmac
import time
from base64 import b32decode

from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from partners import second_step
from partners.models import User

STEP = 30


def digits_of(secret: str, *, ahead: int = 0) -> str:
    """Return what the app shows; or will show, so many times thirty seconds from now."""
    counter = int(time.time()) // STEP + ahead
    mac = hmac.digest(b32decode(secret.replace(" ", "")), counter.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def digits(user: User, *, ahead: int = 0) -> str:
    device = TOTPDevice.objects.get(user=user)
    return digits_of(second_step.secret(device=device), ahead=ahead)


def wrong_digits(user: User) -> str:
    """Return six digits that are none of those which the app shows about now."""
    right = {digits(user, ahead=ahead) for ahead in range(-2, 3)}
    return next(it for n in range(9) if (it := f"{n:06}") not in right)


def turn_on(user: User) -> list[str]:
    """Turn the second step on, as if a while ago; return the recovery codes."""
    second_step.begin(user=user)
    codes = second_step.confirm(user=user, code=digits(user), language="en", now=timezone.now())
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    return codes
