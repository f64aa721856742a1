"""The way from the first visit to an endorsement, and how many go from each step to the next."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from partners.dashboard.numbers import Counts

# Each step, and how it compares with the one before.
STEPS: tuple[tuple[Promise, Promise | str], ...] = (
    (pgettext_lazy("step", "Visited"), ""),
    (pgettext_lazy("step", "Signed up"), _("%(share)s of those who visited")),
    (pgettext_lazy("step", "Confirmed their address"), _("%(share)s of those who signed up")),
    (pgettext_lazy("step", "Came to a call"), _("%(share)s of those who confirmed")),
    (pgettext_lazy("step", "Were screened"), _("%(share)s of those who came to a call")),
    (pgettext_lazy("step", "Filed to run"), _("%(share)s of those who were screened")),
    (pgettext_lazy("step", "Were endorsed"), _("%(share)s of those who filed")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """How many came this far, and in words how large a share of the step before that is."""

    name: Promise
    count: int
    rate: str


def read(*, counts: Counts) -> tuple[Step, ...]:
    """Return the steps in order; no rate where more came this far than to the step before.

    That is no error: the steps are counted each by itself, and staff may file somebody who was
    on no call.
    """
    before = (0, *counts.steps[:-1])
    return tuple(
        Step(name=name, count=count, rate=_rate(wording, count, of))
        for (name, wording), count, of in zip(STEPS, counts.steps, before, strict=True)
    )


def _rate(wording: Promise | str, count: int, of: int) -> str:
    if not 0 < of >= count >= 0:
        return ""
    # Somebody is never 0 %, and not quite everybody never 100 %.
    percent = round(count * 100 / of)
    if 0 < count < of:
        percent = min(max(percent, 1), 99)
    return str(wording) % {"share": pgettext("share", "%(percent)s%%") % {"percent": percent}}
