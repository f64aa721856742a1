"""The demo's first leads: forty invented people, from a week ago to a moment ago."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction

from candidates import followups, signup, triage
from candidates.consent import Agreement
from candidates.models import Candidate, Consent, Lane
from candidates.models.candidates import Office, Stage, Timeline
from partners import demo, milestones
from partners.models import Drive, Partner, ReferralLink, User
from partners.touches import Touch

PEOPLE = """
Ada Bo Cy Dee Eli Fay Gus Hana Ivo June Kai Luz Mo Nia Oz Pia Quin Rae Sol Tess Uma Vic Wren
Xio Yara Zed Alma Beto Cruz Dora Enzo Flor Gael Hope Inez Jo Kit Lena Max Noor
"""
FIRST_NAMES = PEOPLE.split()
LAST_NAMES = ("Example", "Sample", "Placeholder", "Invented", "Madeup")
ZIP_CODES = (
    "10001",
    "60601",
    "77002",
    "90012",
    "30303",
    "19104",
    "98101",
    "48226",
    "85004",
    "27601",
)
MOTIVATIONS = (
    "Buses that come.",
    "A library that is open on Sundays.",
    "Water bills that people can read.",
    "",
    "Meetings at hours when parents can come.",
    "",
)
NOTES = (
    "Called: knows the school board well, wants to talk about money first.",
    "Asked for a call after 6 pm.",
    "Met her at the town hall. Serious.",
)
# How far somebody got who signed up this many days ago or more.
PATHS: dict[int, tuple[Stage, ...]] = {
    5: (Stage.INTRO_CALL, Stage.ONE_TO_ONE, Stage.RESOURCES),
    3: (Stage.INTRO_CALL, Stage.ONE_TO_ONE),
    1: (Stage.INTRO_CALL,),
}
TODAY = 7
HOUR = timedelta(hours=1)
SLUG = "national-run-for-office-day"
WORDING = "Yes, you may write to me about running for office. (demo)"


@dataclass(frozen=True, slots=True)
class Lead:
    """An invented person, when they came, and how far they got."""

    answers: signup.Answers
    code: str
    partner: Partner | None
    at: datetime
    is_confirmed: bool
    stages: tuple[Stage, ...]
    note: str


def load(*, now: datetime) -> Drive:
    """Load what the demo shows before anybody used it; idempotent, and loses nothing typed since.

    Everyone comes through the calls that everyone comes through, at a time that has passed, and
    each is one transaction: a load that was ended goes on where it stopped.
    """
    partners, staff = demo.load_partners(), demo.load_staff()
    opened_at = now - timedelta(days=demo.DAYS_BEFORE + 1)
    before = demo.BASELINE - len(FIRST_NAMES)
    drive = demo.open_drive(slug=SLUG, opens_at=opened_at, baseline=before, now=now)
    demo.load_visits(until=now)
    leads = {lead.answers.email: lead for lead in _leads(partners, now)}
    rows = Candidate.objects.filter(email_canonical__in=leads)
    known = set(rows.values_list("email_canonical", flat=True))
    for email, lead in leads.items():
        if email not in known:
            _live(lead, staff)
    _send_the_rest(opened_at, now)
    milestones.fold(now=now)
    return drive


def _leads(partners: Sequence[Partner], now: datetime) -> Iterator[Lead]:
    chance = random.Random(1114)  # noqa: S311 - invents a demo
    links = list(ReferralLink.objects.filter(partner__in=partners).select_related("partner"))
    links.sort(key=lambda link: link.code)
    first = [link for link in links if link.partner_id == partners[0].id]
    for number, name in enumerate(FIRST_NAMES):
        at = _moment(number, now)
        link = chance.choice(first) if number % 3 == 0 else chance.choice([*links, None, None])
        days = (now - at).days
        stages = next((path for least, path in PATHS.items() if days >= least), ())
        is_confirmed = number % 5 != 4
        yield Lead(
            answers=_answers(number, name, chance),
            code=link.code if link else "",
            partner=link.partner if link and number % 2 == 0 else None,
            at=at,
            is_confirmed=is_confirmed,
            stages=stages if is_confirmed and number % 3 != 2 else (),
            note=NOTES[number % len(NOTES)] if days and number % 4 == 0 else "",
        )


def _moment(number: int, now: datetime) -> datetime:
    """The last few came within the half hour: that is always today (see demo.zone_of)."""
    left = len(FIRST_NAMES) - number
    if left <= TODAY:
        return now - timedelta(minutes=3 * left + 2)
    return now - timedelta(hours=(left - TODAY) * 24 * demo.DAYS_BEFORE / len(FIRST_NAMES) + 25)


def _answers(number: int, name: str, chance: random.Random) -> signup.Answers:
    last_name = LAST_NAMES[number % len(LAST_NAMES)]
    return signup.Answers(
        first_name=name,
        last_name=last_name,
        email=f"{name}.{last_name}@example.org".lower(),
        zip_code=chance.choice(ZIP_CODES),
        phone=f"+1312555{100 + number:04}" if number % 3 else "",
        office=chance.choice(Office.values),
        timeline=chance.choice(Timeline.values),
        motivation=chance.choice(MOTIVATIONS),
        language="es" if name in ("Luz", "Xio", "Alma", "Beto", "Inez") else "en",
    )


@transaction.atomic
def _live(lead: Lead, staff: Sequence[User]) -> None:
    """Sign up, get the mail, confirm, get the next one, be called: each at its time."""
    agreements = [Agreement(Consent.Purpose.CONTACT, WORDING)]
    if lead.partner:
        wording = f"You may also give my answers to {lead.partner.name}. (demo)"
        agreements.append(Agreement(Consent.Purpose.SHARE, wording, lead.partner.id))
    touches = [Touch(lead.code, "", lead.at - timedelta(minutes=4))] if lead.code else []
    signup.sign_up(answers=lead.answers, agreements=agreements, touches=touches, now=lead.at)
    _send(lead.at + timedelta(seconds=2))
    person = Candidate.objects.get(email_canonical=lead.answers.email)
    if lead.is_confirmed:
        confirmed_at = lead.at + timedelta(minutes=1)
        signup.confirm(candidate_id=person.id, now=confirmed_at)
        _send(confirmed_at + timedelta(seconds=2))
    _triage(person, lead, staff)


def _send(at: datetime) -> None:
    """Mail what was owed then, as of then: the worker finds nothing of it left to send."""
    for lane in Lane:
        followups.sweep(lane=lane, clock=lambda: at)


def _send_the_rest(since: datetime, now: datetime) -> None:
    """Mail reminders and the days of welcome as they came due, so that none is overdue today."""
    for hours in range(0, ceil((now - since) / HOUR), 6):
        _send(since + hours * HOUR)
    _send(now)


def _triage(person: Candidate, lead: Lead, staff: Sequence[User]) -> None:
    author = staff[len(lead.answers.first_name) % len(staff)]
    at = lead.at
    if lead.stages:
        at += timedelta(hours=2)
        triage.assign(candidate_ids=[person.id], assignee=author, author=staff[0], now=at)
    for stage in lead.stages:
        at += timedelta(hours=5)
        triage.move(candidate_ids=[person.id], to_stage=stage, author=author, now=at)
    if lead.note:
        triage.note(
            candidate_ids=[person.id],
            text=lead.note,
            author=author,
            now=at + timedelta(minutes=9),
        )
