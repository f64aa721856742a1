"""A Spanish speaker's way through the site: no English sentence, numbers and dates as at home."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format

from candidates import keys
from candidates.models import Candidate, FollowUp
from candidates.signup import Answers
from partners import second_step
from partners.letters import writing
from partners.models import Drive, Letter, Milestone, User
from tests import authenticator, catalogue, mails
from tests.conftest import NOON, SignUp

GAP = re.compile(r"%\(\w+\)[sd]|<[^>]+>")
# A mail that is looked at, as HTML and as text, speaks the language of its reader.
LOOKED_AT = re.compile(r' srcdoc="[^"]*"|<pre class="plain".*?</pre>', re.DOTALL)
CANDIDATE_PAGES = ["confirm", "unsubscribe"]


def sentences() -> Iterator[str]:
    """Yield what can only be English: stretches of three words and more of what is translated."""
    for entry in catalogue.entries():
        for english in entry.english:
            for stretch in GAP.split(english):
                if len(stretch.split()) >= 3 and not any(stretch in text for text in entry.spanish):
                    yield " ".join(stretch.split())


ENGLISH = sorted(set(sentences()))


def english_in(text: str) -> list[str]:
    """Find our English sentences in a page or a mail, markup, scripts and all."""
    plain = " ".join(html.unescape(LOOKED_AT.sub("", text)).split())
    return [sentence for sentence in ENGLISH if sentence in plain]


@pytest.fixture
def ines(sign_up: SignUp, ada: Answers, link: object, drive: Drive) -> Candidate:
    """Someone who signed up in Spanish, through a partner's link."""
    candidate = sign_up(ada, "teach-ig")
    Candidate.objects.filter(pk=candidate.pk).update(language="es")
    for scope, target in (("day", 2_000), ("cumulative", 15_000)):
        Milestone.objects.create(drive=drive, scope=scope, target=target)
    candidate.refresh_from_db()
    return candidate


@pytest.fixture
def spanish(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "es-US,es;q=0.9,en;q=0.8"
    return client


def open_all(client: Client, names: list[str], *arguments: object) -> dict[str, list[str]]:
    """Open each page under /es/ and return the English found there."""
    found = {}
    with translation.override("es"):
        paths = [reverse(name, args=arguments) for name in names]
    for path in paths:
        page = client.get(path, follow=True)
        assert (path[:4], page["Content-Language"]) == ("/es/", "es")
        assert '<html lang="es"' in page.text
        if words := english_in(page.text):
            found[path] = words
    return found


def test_english_would_be_noticed(client: Client, ines: Candidate):
    assert "Takes three minutes. It isn’t a promise to run." in english_in(client.get("/").text)


def test_every_public_page_is_spanish(spanish: Client, ines: Candidate):
    names = ["home", "thanks", "privacy"]
    doors = ["log-in", "password-reset", "password-reset-sent", "password-reset-complete", "live"]

    found = open_all(spanish, [f"candidates:{name}" for name in names])
    found |= open_all(spanish, [f"partners:{name}" for name in doors])
    found |= open_all(spanish, ["partners:password-reset-confirm"], "MQ", "too-old")

    assert found == {}


@pytest.mark.parametrize("days", [-3, 0, 3])
def test_before_on_and_after_the_day(spanish: Client, ines: Candidate, drive: Drive, days: int):
    now = timezone.now()
    drive.day_on = now.astimezone(drive.zone).date() - timedelta(days=days)
    drive.opens_at = now - timedelta(days=30)
    drive.save()

    found = open_all(spanish, ["candidates:home", "candidates:thanks", "partners:live"])

    assert found == {}


@pytest.mark.parametrize("purpose", CANDIDATE_PAGES)
def test_the_pages_behind_a_mail_are_spanish(spanish: Client, ines: Candidate, purpose: str):
    path = f"/es/{purpose}/{keys.make(purpose=purpose, candidate_id=ines.pk)}/"
    pages = [spanish.get(path), spanish.post(path), spanish.get(f"/es/{purpose}/broken/")]

    assert [english_in(page.text) for page in pages] == [[], [], []]


def test_what_to_mend_is_said_in_spanish(spanish: Client, ines: Candidate):
    spanish.get("/r/teach-ig")
    wrong = {"email": "no", "zip_code": "x", "phone": "1", "website": "x", "office": "king"}
    pages = [
        spanish.post("/es/", {}),
        spanish.post("/es/", wrong),
        spanish.post("/es/log-in/", {"username": "a@example.org", "password": "no"}),
        spanish.post("/es/new-password/", {"email": "no"}),
        spanish.get("/es/nothing/"),
    ]

    assert [page.status_code for page in pages] == [422, 422, 200, 200, 404]
    assert [english_in(page.text) for page in pages] == [[], [], [], [], []]


@pytest.mark.parametrize("place", mails.SHIPPED)
def test_every_mail_is_spanish(ines: Candidate, place: tuple[str, int]):
    letter = mails.written(FollowUp(candidate=ines, step=mails.step(place)))
    parts = [letter.subject, letter.body, letter.alternatives[0][0]]

    assert [english_in(part) for part in parts] == [[], [], []]
    assert all("/es/" in part for part in parts[1:])


def test_the_portal_is_spanish(spanish: Client, organiser: User, ines: Candidate):
    spanish.force_login(organiser)

    pages = [f"partners:{name}" for name in ("dashboard", "account", "second-step")]
    found = open_all(spanish, pages)
    spanish.post("/es/account/second-step/", {"do": "begin"})
    found |= open_all(spanish, ["partners:second-step"])
    digits = {"do": "confirm", "code": authenticator.digits(organiser)}
    codes = spanish.post("/es/account/second-step/", digits)
    found |= open_all(spanish, ["partners:account", "partners:second-step"])

    assert found == {}
    assert "Tus códigos de recuperación" in codes.text
    assert english_in(codes.text) == []


def test_the_second_step_of_a_log_in_is_spanish(spanish: Client, organiser: User, drive: Drive):
    authenticator.turn_on(organiser)
    right = {"username": "organiser@example.org", "password": "a-long-password"}

    asked = spanish.post("/es/log-in/", right)
    pages = [
        spanish.get("/es/log-in/code/"),
        spanish.post("/es/log-in/code/", {"code": "1"}),
        spanish.post("/es/log-in/code/", {"recovery_code": "1"}),
        spanish.post("/es/log-in/code/", {"code": ""}),
    ]

    assert asked["Location"] == "/es/log-in/code/"
    assert [english_in(page.text) for page in pages] == [[], [], [], []]


@pytest.mark.parametrize("deed", list(second_step.Deed))
def test_every_letter_about_the_second_step_is_spanish(organiser: User, deed: str):
    facts = {"user": organiser.pk, "deed": deed, "left": 9}
    kind = Letter.Kind.SECOND_STEP
    mail = writing.write(letter=Letter(kind=kind, language="es", facts=facts), now=NOON)
    parts = [mail.subject, mail.body, mail.alternatives[0][0]]

    assert [english_in(part) for part in parts] == [[], [], []]


def test_the_letter_for_a_new_password_is_spanish(organiser: User):
    letter = Letter(
        kind=Letter.Kind.PASSWORD,
        recipient=organiser.email,
        language="es",
        facts={"user": organiser.pk},
        owed_at=NOON,
    )
    mail = writing.write(letter=letter, now=NOON)
    parts = [mail.subject, mail.body, mail.alternatives[0][0]]

    assert [english_in(part) for part in parts] == [[], [], []]


@pytest.mark.parametrize("kind", [Letter.Kind.MILESTONE, Letter.Kind.DRIVE_GOAL])
@pytest.mark.parametrize("scope", Milestone.Scope)
def test_the_letters_about_a_milestone_are_spanish(
    drive: Drive, organiser: User, scope: str, kind: str
):
    drive.name = "El día"
    drive.save()
    reached = drive.milestones.create(scope=scope, target=2, reached_at=NOON, reached_value=2)
    facts = {"milestone": reached.pk, "user": organiser.pk}
    letter = Letter(kind=kind, language="es", facts=facts)
    mail = writing.write(letter=letter, now=NOON)
    parts = [mail.subject, mail.body, mail.alternatives[0][0]]

    assert [english_in(part) for part in parts] == [[], [], []]


def test_the_desk_is_spanish(spanish: Client, staffer: User, ines: Candidate):
    spanish.force_login(staffer)
    tables = ["candidate", "followup", "phoneconflict", "resubmission", "suppression"]
    numbers = ["partner", "drive", "milestone", "user", "credit", "tally", "referrallink"]

    found = open_all(spanish, ["admin:index", "partners:dashboard"])
    found |= open_all(spanish, [f"admin:candidates_{name}_changelist" for name in tables])
    found |= open_all(spanish, [f"admin:partners_{name}_changelist" for name in numbers])
    found |= open_all(spanish, ["admin:candidates_candidate_change"], ines.pk)

    assert found == {}


def test_numbers_and_dates_are_written_as_in_the_united_states(spanish: Client, ines: Candidate):
    assert "de 15,000" in spanish.get("/es/").text
    with translation.override("es"):
        assert number_format(12_985, force_grouping=True) == "12,985"
        assert date_format(NOON, "DATETIME_FORMAT") == "14 de noviembre de 2026, 5 p.m."


def test_who_signs_up_in_spanish_is_written_to_in_spanish(
    spanish: Client, drive: Drive, form_of_ada: dict[str, str]
):
    answer = spanish.post("/es/", form_of_ada)
    candidate = Candidate.objects.get()
    letter = mails.written(candidate.followups.get())

    assert (answer["Location"], candidate.language) == ("/es/thanks/", "es")
    assert letter.subject == "Levantaste la mano. Confirma que eres tú"
    assert candidate.consents.get().wording.startswith("Sí, ")


@pytest.mark.parametrize(
    ("wanted", "home"), [("es-MX,es;q=0.9", "/es/"), ("ES", "/es/"), ("en-US,es;q=0.5", "/")]
)
def test_a_shared_link_leads_to_the_reader_s_language(
    client: Client, link: object, drive: Drive, wanted: str, home: str
):
    answer = client.get("/r/teach-ig", HTTP_ACCEPT_LANGUAGE=wanted)

    assert answer["Location"] == home


@pytest.mark.parametrize("path", ["", "privacy/", "live/", "thanks/", "log-in/"])
def test_changing_the_language_stays_on_the_page(spanish: Client, drive: Drive, path: str):
    there, back = spanish.get(f"/es/{path}").text, spanish.get(f"/{path}").text

    assert f'<a href="/{path}" lang="en" hreflang="en">English</a>' in there
    assert f'<a href="/es/{path}" lang="es" hreflang="es">Español</a>' in back
