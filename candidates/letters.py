"""Letters: the e-mails we owe, in the language of the person who gets them."""

import re
import unicodedata
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from candidates import keys, wording
from candidates.models import Candidate, FollowUp, Lane
from candidates.models.candidates import Office
from partners.models import Partner
from recruit.wire import Letter

# What `write` reads of a follow-up beyond its own row, for those who fetch many at once. A hundred
# mails are of a handful of steps: these are read and made once, not a hundred times.
SELECT: Final = ("candidate",)
PREFETCH: Final = ("step__sequence", "step__broadcast", "candidate__touches__link")

PURPOSES: Final = ("confirm", "sharing", "unsubscribe")
NO_KEYS: Final = {f"{purpose}_key": "preview" for purpose in PURPOSES}
NAME_LENGTH = 80
# What nobody sees: controls, directions, fillers and tags; joiners stay, for those who need them.
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ue000-\uf8ff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
JOINERS = re.compile(r"[\u200c\u200d]")
LOOKS_LIKE_AN_ADDRESS = re.compile(r"[/@<>]|www\.|\w[.。]\w\w|\d(\W*\d){6}", re.IGNORECASE)


class NoWords(LookupError):
    """The step says nothing in any language that its reader could be written to."""


def write(
    *, followup: FollowUp, partner: Partner | None = None, is_preview: bool = False
) -> Letter:
    """Write the letter of this follow-up in the words chosen for it (`followup.text`).

    Writing it again gives the same Message-ID. `partner`: whom the sign-up is credited to.
    `is_preview`: a colleague reads it, so none of its links has a key. Raises NoWords.
    """
    candidate, text = followup.candidate, followup.text
    if text is None:
        raise NoWords(followup.step)
    blank = wording.compiled(
        subject=text.subject,
        body=text.body,
        language=text.language,
        base_url=settings.BASE_URL,
        organisation=settings.ORGANISATION,
        postal_address=settings.POSTAL_ADDRESS,
    )
    with translation.override(text.language):
        words = _words(candidate, partner) | (NO_KEYS if is_preview else {})
        written = wording.filled(blank=blank, words=words)
    letter = Letter(
        subject=written.subject,
        body=written.text,
        from_email=_sender(followup, partner, text.language),
        to=[_mailbox(candidate)],
        reply_to=_reply_to(followup),
        headers={
            "Message-ID": f"<{followup.id}@{settings.MAIL_DOMAIN}>",
            # RFC 8058: one click in the mail program, with no cookie and no page between.
            "List-Unsubscribe": f"<{written.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-No-Tracking": "yes",
            "Content-Language": text.language,
        },
    )
    letter.boundary = f"letter-{followup.id}"
    letter.metadata = {"followup": str(followup.id)}
    letter.attach_alternative(written.html, "text/html")
    return letter


def _sender(followup: FollowUp, partner: Partner | None, language: str) -> str:
    """In its turn a mail may come in a partner's name, if it lends it; what is awaited is ours.

    The address stays ours: mailbox providers hold it against our DKIM key and SPF.
    """
    lent = partner and partner.lends_name_at and followup.lane == Lane.BULK
    if not partner or not lent or not spoken_name(partner.name):
        return settings.DEFAULT_FROM_EMAIL
    with translation.override(language):
        name = _("%(partner)s via %(organisation)s") % {
            "partner": spoken_name(partner.name),
            "organisation": settings.ORGANISATION,
        }
    return _named(name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def _reply_to(followup: FollowUp) -> list[str]:
    address = followup.step.sequence.reply_to or settings.REPLY_TO
    return [address] if address else []


def seen(text: str) -> str:
    """Return what somebody sees of a line: nothing hidden, nothing that turns it around."""
    return " ".join(UNSEEN.sub(" ", text).split())


def spoken_name(name: str) -> str:
    """Return the name as we say it, or nothing where it would smuggle a link or a header.

    Anybody can type anybody's address into the form, and the name comes with it into the mail.
    Mail programs make links of what looks like one, wide dots and phone numbers included.
    """
    plain = seen(name)
    read = unicodedata.normalize("NFKC", JOINERS.sub("", plain))
    is_name = any(it.isalnum() for it in read) and not LOOKS_LIKE_AN_ADDRESS.search(read)
    return plain[:NAME_LENGTH].rstrip() if is_name else ""


def _mailbox(candidate: Candidate) -> str:
    """Name and address as RFC 5322 wants them; Django encodes what is not ASCII."""
    name = spoken_name(f"{candidate.first_name} {candidate.last_name}")
    return _named(name, candidate.email) if name else candidate.email


def _named(name: str, address: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def _words(candidate: Candidate, partner: Partner | None) -> dict[str, str]:
    """Return what the slots of wording.FIELDS are for this person; empty where it is not known."""
    office = candidate.get_office_display() if candidate.office != Office.NOT_SURE else ""
    return {
        "first_name": spoken_name(candidate.first_name),
        "last_name": spoken_name(candidate.last_name),
        "state": candidate.state,
        "office": office,
        "partner": spoken_name(partner.name) if partner else "",
        "share_link": settings.BASE_URL + _share_path(candidate),
        **{
            f"{purpose}_key": keys.make(purpose=purpose, candidate_id=candidate.id)
            for purpose in PURPOSES
        },
    }


def _share_path(candidate: Candidate) -> str:
    """The link that brought this person here brings their friends too, if it still works."""
    links = [
        touch.link
        for touch in sorted(candidate.touches.all(), key=lambda touch: touch.at, reverse=True)
        if touch.link and not touch.link.switched_off_at
    ]
    if links:
        return reverse("machines:redirect", args=[links[0].code])
    return reverse("candidates:home")
