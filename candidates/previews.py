"""A mail before it is one: as it would look for somebody, and a copy to oneself."""

import smtplib
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext

from candidates import identity, letters, texts
from candidates.models import Candidate, FollowUp, StepText
from candidates.models.candidates import Office, Timeline
from partners import credits
from partners.models import Partner, User


class NotSent(Exception):
    """The mail server took no copy; `answer` is what it said, empty where it could not be asked."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a mail is looked at."""

    candidate: Candidate
    partner: Partner | None


def invented(*, place: texts.Place, now: datetime) -> Reader:
    """Return somebody who does not exist, and about whom everything is known."""
    candidate = Candidate(
        id=uuid4(),
        first_name="Alma",
        last_name="Example",
        email="alma@example.org",
        zip_code="10001",
        state="NY",
        office=Office.COUNCIL,
        timeline=Timeline.NEXT_YEAR,
        language=place.language,
        signed_up_at=now,
    )
    partner = place.partner or Partner(name=gettext("Example Partner"))
    return Reader(candidate, partner)


def find(*, email: str, language: str) -> Reader | None:
    """Return the lead of this address; without one, the newest that reads this language."""
    leads = Candidate.objects.order_by("-signed_up_at", "-id")
    if email:
        lead = leads.filter(email_canonical=identity.canonical_email(email)).first()
    else:
        lead = leads.filter(language=language).first()
    if not lead:
        return None
    return Reader(lead, credits.partners_of(candidate_uuids=[lead.pk]).get(lead.pk))


def write(*, place: texts.Place, subject: str, body: str, reader: Reader) -> EmailMultiAlternatives:
    """Write the mail that these words would be; nothing is kept, and no link in it has a key.

    Raises wording.Refused.
    """
    texts.check(place=place, subject=subject, body=texts.tidy(body))
    text = StepText(
        step=place.step, language=place.language, subject=subject.strip(), body=texts.tidy(body)
    )
    followup = FollowUp(candidate=reader.candidate, step=place.step, text=text)
    return letters.write(followup=followup, partner=reader.partner, is_preview=True)


def send_to_oneself(
    *, place: texts.Place, subject: str, body: str, user: User, now: datetime
) -> None:
    """Send a copy, as an invented person would get it, to the colleague who asks for it.

    Raises wording.Refused, NotSent.
    """
    letter = write(place=place, subject=subject, body=body, reader=invented(place=place, now=now))
    letter.to = [user.email]
    letter.subject = gettext("[Test] %(subject)s") % {"subject": letter.subject}
    try:
        with closing(get_connection()) as mail_server:
            mail_server.open()
            mail_server.send_messages([letter])
    except OSError as failure:
        raise NotSent(_said(failure)) from failure


def _said(failure: OSError) -> str:
    answer: tuple[int, bytes | str] = (0, "")
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        answer = next(iter(failure.recipients.values()))
    elif isinstance(failure, smtplib.SMTPResponseException):
        answer = failure.smtp_code, failure.smtp_error
    code, words = answer
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {said}" if code else ""
