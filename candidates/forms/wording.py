"""The sentences that people agree to: shown with the tick box, kept with the consent."""

from django.utils.translation import gettext


def contact_wording(organisation: str) -> str:
    """Return what is agreed to by being contacted, in the active language."""
    return gettext(
        "Yes, %(organisation)s may write to me about running for office, and call or text me if "
        "I gave a number. I can stop this at any time."
    ) % {"organisation": organisation}


def share_wording(organisation: str, partner_name: str) -> str:
    """Return what is agreed to by being shared with one partner, in the active language."""
    return gettext(
        "%(organisation)s may also give my name, my contact details and these answers to "
        "%(partner)s, who told me about this. My sign-up counts either way."
    ) % {"organisation": organisation, "partner": partner_name}
