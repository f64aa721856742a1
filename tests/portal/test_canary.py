"""A canary: partner B's world is full of a token, and nothing that partner A can open sings it.

What is filled comes from the models, and what is opened from the resolver and the pages: a new
field, table or address takes part by itself, or fails here until it is said how.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from candidates import exporting, keys, sharing
from candidates.models import (
    Broadcast,
    Candidate,
    Consent,
    LeadExport,
    MailGround,
    MailPause,
    Sequence,
    Touch,
)
from partners import exports, tenancy
from partners import keys as partner_keys
from partners.models import (
    Credit,
    Drive,
    Endpoint,
    Invitation,
    LinkCode,
    Member,
    MinuteTally,
    NumbersExport,
    Partner,
    ReferralLink,
    Rehearsal,
    StaffLook,
    StateTally,
    Tally,
    User,
    VisitLoss,
)
from partners.models.attempts import Attempt, Outcome

OURS = ("candidates", "partners")
OWN, FOREIGN = "wvkwv", "qxzqx"  # short enough for a ZIP code
MOST_PAGES = 500
TEXT = {"CharField", "TextField", "EmailField", "URLField", "SlugField", "JSONField"}
TEXT |= {"BinaryField"}  # what files hold is text as well
OTHERWISE = {
    "DateTimeField": timezone.now,
    "DateField": timezone.localdate,
    "DurationField": lambda: timedelta(days=1),
    "ArrayField": list,
}
OF_EVERYONE = {
    Drive: "one drive for all partners: its name stands on the public pages",
    VisitLoss: "hours and numbers of all partners together",
    MailGround: "the one row of a database",
    MailPause: "one row a lane, for all mail",
    MinuteTally: "minutes and numbers of all partners together",
    StateTally: "states and numbers of all partners together",
}
# No room for a text of ours, and why not.
NO_ROOM = {
    "Candidate.state": "NY",  # two letters are found in any page
    "Credit.state": "NY",
    # words that are known beforehand, and numbers
    "Delivery.history": [Attempt(at=timezone.now(), outcome=Outcome.ACCEPTED).kept()],
}
# Whoever has such a key is the person it was mailed to: A has its own, and B's are B's.
KEYS = {
    "candidates:confirm": "confirm",
    "candidates:unsubscribe": "unsubscribe",
    "candidates:sharing": "sharing",
}
# The list of partners and their counts on the day, for everybody: their names, and no more.
NAMES_EVERY_PARTNER = {
    "candidates:home": (),
    "partners:live": (),
    "machines:totals": (),
    "machines:drive-totals": ("run-for-office-day",),
}
# What a form of ours may hold: enough for each POST to do something where it is let in.
POSTED = {
    "do": "off",
    "kind": "leads",
    "role": "viewer",
    "email": "somebody@example.org",
    "origins": "https://example.net",
    "label": "Another",
    "code": "another-code",
    "channel": "email",
    "destination": "form",
}


# One world: a row of every table, each belonging to the others


@dataclass
class World:
    """A partner with one row of everything, in which every text holds the token."""

    token: str
    rows: dict[type[models.Model], Any] = field(default_factory=dict)

    def __getitem__(self, model: type[models.Model]) -> Any:
        if model not in self.rows:
            # A row that leads to one of its own table leads nowhere: it would be the first one.
            columns = [it for it in _columns(model) if it.related_model is not model]
            facts = {it.name: self._value(it) for it in columns}
            self.rows[model] = model._default_manager.create(**facts | self._facts(model))
        return self.rows[model]

    def _facts(self, model: type[models.Model]) -> dict[str, Any]:
        """What must be so for A to have anything to see: said for both, as the twins they are."""
        now = timezone.now()
        made = {"finished_at": now, "expires_at": now + timedelta(days=2)}
        return {
            Broadcast: {"released_at": None, "released_by": None},  # by no one person alone
            Candidate: {"confirmed_at": now},
            Consent: {"purpose": Consent.Purpose.SHARE},
            Member: {"role": Member.Role.MANAGER},
            Partner: {"joined_ranking_at": now},
            LeadExport: made,
            NumbersExport: made,
            Rehearsal: {"purged_at": now},  # there is one at a time
            Sequence: {"trigger": Sequence.Trigger.STAGE_REACHED},
            Tally: {"value": 7},  # of nobody it is not told through whom they came
        }.get(model, {})

    def _value(self, it: models.Field) -> Any:
        kind = it.get_internal_type()
        if it.is_relation:
            return self[it.related_model]
        if it.choices:
            return it.get_default() or it.choices[0][0]
        if kind in TEXT:
            return self._text(it, kind)
        if it.has_default() or it.null:
            return it.get_default()
        if kind == "UUIDField":
            return self[Candidate].pk
        if kind in OTHERWISE:
            return OTHERWISE[kind]()
        if kind.endswith(("IntegerField", "FloatField")):
            return 7
        pytest.fail(f"Say here how {it} is filled")

    def _text(self, it: models.Field, kind: str) -> Any:
        name = str(it).partition(".")[2]
        text = f"{self.token}-{name}".lower().replace(".", "-").replace("_", "-")
        if name in NO_ROOM:
            return NO_ROOM[name]
        if kind == "JSONField":
            return {text: text}
        if kind == "BinaryField":
            sheet = exports.Sheet()
            sheet.add([exporting.NOBODY, text])
            return sheet.close()
        if kind == "EmailField" or it.name == "email_canonical":
            return f"{text}@example.org"
        if kind == "URLField" or it.name == "embed_origins":
            return f"https://{text}.example.org"
        return text[: it.max_length]

    def arguments(self) -> dict[str, list[Any]]:
        """Everything of this world that an address can name."""
        return {
            "slug": [self[Partner].slug],
            "code": [self[ReferralLink].code, self[LinkCode].code],
            "member_id": [self[Member].pk],
            "hook_id": [self[Endpoint].pk],
            "invitation_id": [self[Invitation].pk],
            "export_id": [self[LeadExport].pk, self[NumbersExport].pk],
            "kind": ["leads", "numbers"],
            "name": [self[Drive].slug],
        }


NOWHERE: dict[str, list[Any]] = {
    "slug": ["nowhere"],
    "code": ["nothing", "nothing"],
    "hook_id": [UUID(int=1)],
    "member_id": [0],
    "invitation_id": [UUID(int=1)],
    "export_id": [UUID(int=1), UUID(int=1)],
    "kind": ["leads", "numbers"],
}


def _tables() -> list[type[models.Model]]:
    return [it for it in apps.get_models() if it._meta.app_label in OURS]


def _columns(model: type[models.Model]) -> list[models.Field]:
    return [
        it
        for it in model._meta.concrete_fields
        if not it.primary_key or it.get_internal_type() in TEXT
    ]


def world(token: str, drive: Drive) -> World:
    made = World(token, {Drive: drive})
    for model in _tables():
        if model not in OF_EVERYONE:
            made[model]
    return made


@pytest.fixture
def own(drive: Drive) -> World:
    """A's world, on the day of the drive: then most is shown, partners' counts in public too."""
    drive.day_on = timezone.now().astimezone(drive.zone).date()
    drive.save()
    drive.milestones.create(scope="day", target=100)  # or it has no page in the archive
    return world(OWN, drive)


@pytest.fixture
def foreign(drive: Drive, own: World) -> World:
    """B's world; its candidate came through a link of A, and agreed to B alone.

    A and B are compared with each other, which takes a third.
    """
    made = world(FOREIGN, drive)
    Partner.objects.create(name="Third", slug="third", joined_ranking_at=timezone.now())
    Touch.objects.create(
        candidate=made[Candidate], link=own[ReferralLink], raw_code="x", at=timezone.now()
    )
    Credit.objects.create(
        candidate_uuid=made[Candidate].pk,
        drive=drive,
        link=own[ReferralLink],
        partner=own[Partner],
        kind=Credit.Kind.CONFIRMED,
        counts_as=Credit.Kind.CONFIRMED,
        at=timezone.now(),
        recorded_at=timezone.now(),
    )
    return made


@pytest.fixture
def as_own(own: World) -> Client:
    client = Client()
    client.force_login(own[User], backend="partners.backends.ThrottledBackend")
    return client


# The addresses


def addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every address of ours by name, with the names of its arguments."""
    yield from _below(get_resolver().url_patterns, "", ())


def _below(
    patterns: list[URLPattern | URLResolver], space: str, above: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for it in patterns:
        names = (*above, *it.pattern.converters)
        if isinstance(it, URLPattern):
            yield f"{space}{it.name}", names
        elif it.namespace != "admin":
            yield from _below(
                it.url_patterns, space + (f"{it.namespace}:" if it.namespace else ""), names
            )


def each(name: str, names: tuple[str, ...], values: dict[str, list[Any]]) -> list[str]:
    """Return the address in every combination of these values, in the order of the values."""
    chosen = product(*(values[it] for it in names))
    return [reverse(name, kwargs=dict(zip(names, row, strict=True))) for row in chosen]


def own_values(name: str, own: World) -> dict[str, list[Any]]:
    """A's arguments, with the keys that were mailed to A's people."""
    values = {it: found[:1] for it, found in own.arguments().items()}
    if name in KEYS:
        values["token"] = [keys.make(purpose=KEYS[name], candidate_id=own[Candidate].pk)]
    if name == "partners:password-reset-confirm":
        values["uidb64"] = [urlsafe_base64_encode(force_bytes(own[User].pk))]
        values["token"] = [default_token_generator.make_token(own[User])]
    if name == "partners:join":
        values["key"] = [partner_keys.make(purpose="join", name=own[Invitation].pk)]
    if name == "partners:stop-letters":
        values["switch"] = ["wants_digest"]
        values["key"] = [partner_keys.make(purpose="wants_digest", name=own[Member].pk)]
    return values


def starts(own: World) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for name, names in addresses():
                yield from each(name, names, own_values(name, own))
            yield reverse("admin:index")


def everything_of(response: Any) -> str:
    """Return what was answered, headers and cookies too: a redirect tells names as well."""
    body = response.getvalue().decode(errors="replace")
    return "\n".join([body, *response.headers.values(), response.cookies.output()])


def links_in(text: str, address: str, response: Any) -> Iterator[str]:
    found = re.findall(r'\s(?:href|src|data-url|data-[a-z-]+)="(/[^"]*|\?[^"]*)"', text)
    for it in [*found, response.headers.get("Location", "")]:
        parts = urlsplit(urljoin(address, it.replace("&amp;", "&")))
        is_ours = parts.netloc in ("", "testserver", urlsplit(settings.BASE_URL).netloc)
        if it and is_ours and not parts.path.startswith(settings.STATIC_URL):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def crawl(client: Client, waiting: list[str]) -> Iterator[tuple[str, Any, str]]:
    """Open these addresses and whatever their pages lead to, each once."""
    known = set(waiting)
    while waiting:
        assert len(known) < MOST_PAGES
        address = waiting.pop()
        response = client.get(address)
        text = everything_of(response)
        yield address, response, text
        new = set(links_in(text, address, response)) - known
        known |= new
        waiting += sorted(new)


def view_of(response: Any) -> str:
    return response.resolver_match.view_name if response.resolver_match else ""


# What is told of B


def told_in_own_pages(client: Client, own: World, foreign: World) -> tuple[set[str], str]:
    """Return which views told A of B, and all that A could read."""
    told, read = set(), []
    for address, response, text in crawl(client, list(starts(own))):
        assert response.status_code in (200, 302, 405), address
        public = foreign[Partner].name if view_of(response) in NAMES_EVERY_PARTNER else ""
        if FOREIGN in (text.replace(public, "") if public else text):
            told.add(view_of(response) or address)
        read.append(text)
    return told, "\n".join(read)


def same(one: Any, other: Any) -> bool:
    """To the byte; save for the second at which a page that is never kept ran out."""
    for it in (one, other):
        it.headers.pop("Expires", None)
    return (one.status_code, one.getvalue(), dict(one.headers), one.cookies) == (
        other.status_code,
        other.getvalue(),
        dict(other.headers),
        other.cookies,
    )


def told_by_answers(client: Client, own: World, foreign: World) -> set[str]:
    """Return which views answer otherwise to B's names than to names of nothing."""
    told = set()
    mine = {"slug": [own[Partner].slug]}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for name, names in addresses():
                if "slug" not in names:
                    continue
                pairs = _pairs(name, names, foreign.arguments(), NOWHERE)
                if len(names) > 1:
                    pairs += _pairs(name, names, foreign.arguments() | mine, NOWHERE | mine)
                if not all(_is_silent(client, there, nowhere) for there, nowhere in pairs):
                    told.add(name)
    return told


def _pairs(
    name: str, names: tuple[str, ...], there: dict[str, list[Any]], nowhere: dict[str, list[Any]]
) -> list[tuple[str, str]]:
    return list(zip(each(name, names, there), each(name, names, nowhere), strict=True))


def _is_silent(client: Client, there: str, nowhere: str) -> bool:
    statuses = set()
    for ask in (client.get, client.head, client.post, client.put, client.delete):
        facts = {"data": POSTED} if ask == client.post else {}
        answer, other = ask(there, **facts), ask(nowhere, **facts)
        statuses.add(answer.status_code)
        if not same(answer, other):
            return False
    return 404 in statuses and statuses <= {404, 405}


def everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in _tables()
        if model is not StaffLook
    }


# The sentences


def test_every_text_of_every_table_holds_the_token(foreign):
    without = set()
    for model in set(_tables()) - set(OF_EVERYONE):
        row = model._default_manager.get(pk=foreign[model].pk)
        for it in _columns(model):
            if it.get_internal_type() in TEXT and not it.choices:
                value = getattr(row, it.attname)
                if isinstance(value, bytes | memoryview):
                    value = b"".join(exports.lines(bytes(value)))
                if FOREIGN not in str(value):
                    without.add(str(it).partition(".")[2])

    assert without == set(NO_ROOM)


def test_no_page_that_a_partner_can_reach_tells_of_another(as_own, own, foreign):
    told, read = told_in_own_pages(as_own, own, foreign)

    assert told == set()
    for model, name in (
        (Candidate, "last_name"),
        (Candidate, "email"),
        (Invitation, "email"),
        (User, "full_name"),
        (ReferralLink, "label"),
        (LinkCode, "code"),
        (Partner, "embed_origins"),
    ):
        assert getattr(own[model], name) in read  # the crawl came to where B's would be
    assert "1st of 3 partners who take part." in read


def test_no_file_tells_of_another(as_own, own, foreign):
    page = reverse("candidates:exports", args=[own[Partner].slug])
    LeadExport.objects.filter(partner=own[Partner]).delete()
    for kind in ("leads", "numbers"):
        as_own.post(f"{page}ask/", {"kind": kind})
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)
    exports.work(model=NumbersExport, make=exports.numbers.make, clock=timezone.now)

    for model, kind in ((LeadExport, "leads"), (NumbersExport, "numbers")):
        newest = model.objects.filter(partner=own[Partner]).latest("requested_at")
        text = everything_of(as_own.post(f"{page}{kind}/{newest.pk}/"))

        assert OWN in text
        assert FOREIGN not in text


def test_looking_for_anothers_people_finds_nobody(as_own, own, foreign):
    page = reverse("candidates:leads", args=[own[Partner].slug])

    for name in (FOREIGN[:-1], ""):
        after = f"{10**17}.{foreign[Consent].pk + 1}"
        for facts in ({"name": name}, {"name": name, "after": after}):
            assert FOREIGN not in everything_of(as_own.post(page, facts))


def test_what_is_anothers_answers_as_what_is_not_there_and_stays_as_it_is(as_own, own, foreign):
    before = everything()

    assert told_by_answers(as_own, own, foreign) == set()
    assert everything() == before


@pytest.mark.parametrize("name", sorted(NAMES_EVERY_PARTNER))
def test_what_names_every_partner_does_so_for_anybody(client, foreign, name):
    address = reverse(name, args=NAMES_EVERY_PARTNER[name])
    assert foreign[Partner].name in client.get(address).content.decode()


def test_a_shared_link_of_another_tells_its_name_and_code_only(own, foreign):
    """Whoever got the link sees who sent it: the name in the form, the sites in a header."""
    partner, code = foreign[Partner], foreign[ReferralLink].code
    for name, names in addresses():
        if names != ("code",):
            continue
        client = Client()
        client.force_login(own[User], backend="partners.backends.ThrottledBackend")
        response = client.get(reverse(name, args=[code]))
        assert response.status_code in (200, 302)
        text = everything_of(response)
        for public in (partner.name, code, partner.embed_origins):
            text = text.replace(public, "")

        assert FOREIGN not in text, name


# It can fail


def scoped() -> set[str]:
    return {name for name, names in addresses() if "slug" in names}


def test_a_door_that_asks_for_no_membership_is_noticed(as_own, own, foreign, monkeypatch):
    def broken(*, user: User, slug: str) -> tenancy.Access:
        found = Partner.objects.filter(slug=slug).first()
        if found is None:
            raise tenancy.NoSuchPartner
        return tenancy.Access(found, may_manage=True)

    monkeypatch.setattr(tenancy, "enter", broken)

    assert told_by_answers(as_own, own, foreign) == scoped()


def test_a_page_that_reads_anothers_leads_is_noticed(as_own, own, foreign, monkeypatch):
    honest = sharing.leads
    monkeypatch.setattr(sharing, "leads", lambda **_facts: honest(partner=foreign[Partner]))

    told, _read = told_in_own_pages(as_own, own, foreign)

    assert told == {"candidates:leads"}


def test_an_id_that_is_taken_for_ones_own_is_noticed(as_own, own, foreign, monkeypatch):
    honest = exporting.fetch
    monkeypatch.setattr(
        exporting, "fetch", lambda **facts: honest(**facts | {"partner": foreign[Partner]})
    )

    assert told_by_answers(as_own, own, foreign) == {"candidates:download-export"}
