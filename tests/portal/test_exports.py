"""Files for a spreadsheet: made behind the page, taken by those who may, gone after a week."""

import csv
import io
import random
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates import exporting, sharing
from candidates.models import LeadExport, LeadFetch
from partners import exports
from partners.exports import cells
from partners.models import Member, NumbersExport, ReferralLink, Tally, User, VisitTally
from tests.sharing import NOON, people, share, sharing_with

PAGE = "/partners/river-valley/exports/"
ASK = f"{PAGE}ask/"


@pytest.fixture(autouse=True)
def _the_drive(drive):
    """There is always one."""


def make() -> None:
    """What the worker does, once."""
    exports.work(model=LeadExport, make=exporting.make, clock=timezone.now)
    exports.work(model=NumbersExport, make=exports.numbers.make, clock=timezone.now)


def address(export) -> str:
    kind = "leads" if isinstance(export, LeadExport) else "numbers"
    return f"{PAGE}{kind}/{export.pk}/"


def ask(client: Client, kind: str = "leads") -> Any:
    client.post(ASK, {"kind": kind})
    model = LeadExport if kind == "leads" else NumbersExport
    return model.objects.order_by("-requested_at").first()


def take(client: Client, export) -> list[list[str]]:
    response = client.post(address(export))
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_file_of_leads_has_what_they_agreed_to(as_olga, river):
    (ada,) = sharing_with(river, "José", phone="+13125550100", motivation="Buses,\nthat come.")
    export = ask(as_olga)
    make()

    header, row = take(as_olga, export)

    assert header[:6] == [
        "Reference",
        "Sharing",
        "First name",
        "Last name",
        "E-mail",
        "Mobile phone",
    ]
    assert row == [
        sharing.reference(candidate_id=ada.pk, partner_id=river.pk),
        "shared",
        "José",
        "Example",
        "josé@example.org",
        "(312) 555-0100",
        "NY",
        "10001",
        "City or town council",
        "Next year",
        "Buses, that come.",
        "English",
        "Raised hand",
        "2026-11-14 17:00",
        "2026-11-14 17:00",
        "",
    ]
    assert ada.pk.hex not in str(row)


def test_only_those_who_agreed_are_in_it(as_olga, river, harbor):
    sharing_with(river, "Ada")
    share(harbor, *people("Bea"))
    people("Cy")
    sharing_with(river, "Dee", is_confirmed=False)
    export = ask(as_olga)
    make()

    _header, *rows = take(as_olga, export)

    assert [row[2] for row in rows] == ["Ada"]


def test_whoever_withdraws_after_the_file_was_made_is_not_in_the_download(as_olga, river):
    ada, _bea = sharing_with(river, "Ada", "Bea")
    export = ask(as_olga)
    make()

    sharing.withdraw(candidate_id=ada.pk, partner_id=river.pk, now=NOON + timedelta(days=1))
    _header, *rows = take(as_olga, export)

    reference = sharing.reference(candidate_id=ada.pk, partner_id=river.pk)
    assert rows[0][2] == "Bea"
    assert rows[1] == [reference, "withdrawn", *[""] * 13, "2026-11-15 17:00"]


def test_whoever_is_erased_after_the_file_was_made_is_not_in_it_either(as_olga, river):
    (ada,) = sharing_with(river, "Ada")
    export = ask(as_olga)
    make()

    ada.delete()
    _header, row = take(as_olga, export)

    assert row[1] == "withdrawn"
    assert "Ada" not in str(row)
    assert "ada@" not in str(row)


def test_the_next_file_names_them_as_withdrawn_and_says_no_more(as_olga, river):
    (ada,) = sharing_with(river, "Ada")
    reference = sharing.reference(candidate_id=ada.pk, partner_id=river.pk)
    sharing.withdraw(candidate_id=ada.pk, partner_id=river.pk, now=NOON)
    erased = sharing_with(river, "Bea")[0]
    sharing.bury(candidate_id=erased.pk, now=NOON)
    erased.delete()
    export = ask(as_olga)
    make()

    _header, first, second = take(as_olga, export)

    assert first == [reference, "withdrawn", *[""] * 13, "2026-11-14 17:00"]
    assert second[1:15] == first[1:15]


def test_who_withdrew_from_others_is_not_among_the_withdrawn(as_olga, river, harbor):
    (bea,) = sharing_with(harbor, "Bea")
    sharing.withdraw(candidate_id=bea.pk, partner_id=harbor.pk, now=NOON)
    export = ask(as_olga)
    make()

    assert len(take(as_olga, export)) == 1


def test_numbers_are_the_hours_of_every_link_in_the_zone_of_the_drive(as_olga, river, link, drive):
    other = ReferralLink.objects.create(partner=river, code="river-sms", label="SMS", channel="sms")
    for kind, value in (("signed_up", 7), ("confirmed", 3), ("filed", -1)):
        Tally.objects.create(
            drive=drive, partner=river, link=link, kind=kind, hour_at=NOON, value=value
        )
    VisitTally.objects.create(link=link, hour_at=NOON, raw=99, bots=5, unique=40)
    VisitTally.objects.create(link=other, hour_at=NOON + timedelta(days=9), unique=2)
    export = ask(as_olga, "numbers")
    make()

    header, first, second = take(as_olga, export)

    assert header[:7] == [
        "Hour in New York",
        "Hour in UTC",
        "Link",
        "Code",
        "Channel",
        "Visits",
        "Bots and previews",
    ]
    counts = ["40", "5", "7", "3", "0", "0", "-1", "0"]
    assert first == [
        "2026-11-14 12:00",
        "2026-11-14 17:00",
        "E-mail 2",
        "river-mail",
        "E-mail",
        *counts,
    ]
    assert second[:6] == [
        "2026-11-23 12:00",
        "2026-11-23 17:00",
        "SMS",
        "river-sms",
        "Text message",
        "2",
    ]


def test_numbers_of_others_are_not_in_it(as_olga, harbor_link, harbor, drive):
    Tally.objects.create(
        drive=drive, partner=harbor, link=harbor_link, kind="signed_up", hour_at=NOON, value=9
    )
    VisitTally.objects.create(link=harbor_link, hour_at=NOON, unique=9)
    export = ask(as_olga, "numbers")
    make()

    assert len(take(as_olga, export)) == 1


def test_the_download_says_what_it_is_and_is_kept_by_nobody(as_olga, river):
    export = ask(as_olga)
    make()

    response = as_olga.post(address(export))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="river-valley-leads-')
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbf")


def test_a_file_speaks_the_language_of_whoever_asked(as_olga, river):
    sharing_with(river, "Ada")
    as_olga.post(f"/es{ASK}", {"kind": "leads"})
    make()

    assert LeadExport.objects.get().language == "es"
    assert "inglés" in take(as_olga, LeadExport.objects.get())[1][11].lower()


def test_asking_twice_before_it_is_made_is_asking_once(as_olga):
    ask(as_olga)
    ask(as_olga)

    assert LeadExport.objects.count() == 1


def test_whoever_asks_without_end_is_told_to_use_what_is_there(as_olga, river):
    for _time in range(exports.MOST_A_DAY + 1):
        ask(as_olga)
        make()

    assert LeadExport.objects.count() == exports.MOST_A_DAY
    assert "use one of them" in as_olga.get(PAGE).content.decode()


def test_the_page_says_how_far_it_is(as_olga, river):
    assert "No files yet" in as_olga.get(PAGE).content.decode()
    export = ask(as_olga)
    assert "Waiting for its turn" in as_olga.get(PAGE).content.decode()

    now = timezone.now()
    claimed = exports.claim(model=LeadExport, now=now)
    exports.advance(export=claimed, done=40, total=200, now=now)
    page = as_olga.get(PAGE).content.decode()
    assert "Being made: 20 percent" in page
    assert '<progress max="100" value="20"' in page
    assert "data-unfinished" in page

    exports.finish(export=claimed, content=b"", now=now)
    page = as_olga.get(PAGE).content.decode()
    assert address(export) in page
    assert "asked for by Olga Organizer" in page
    assert "data-unfinished" not in page


def test_a_file_is_gone_after_a_week_and_its_line_remains(as_olga, river):
    export = ask(as_olga)
    make()
    LeadExport.objects.update(expires_at=timezone.now())

    late = as_olga.post(address(export), follow=True)
    assert "This file has expired: it was here for 7 days." in late.content.decode()
    assert not LeadFetch.objects.exists()
    assert exports.expire(model=LeadExport, now=timezone.now()) == 1
    assert LeadExport.objects.get().content is None
    assert exports.expire(model=LeadExport, now=timezone.now()) == 0
    assert as_olga.post(address(export)).status_code == 302
    assert "Expired." in as_olga.get(PAGE).content.decode()


def test_a_download_is_logged_with_who_and_when(as_olga, olga, river):
    export = ask(as_olga)
    make()

    take(as_olga, export)

    fetch = LeadFetch.objects.get()
    assert (fetch.export_id, fetch.user) == (export.pk, olga)
    assert LeadExport.objects.get().author == olga
    assert LeadExport.objects.get().fetched_at == fetch.at


def test_a_file_that_is_not_ready_cannot_be_taken(as_olga):
    export = ask(as_olga)

    assert as_olga.post(address(export)).status_code == 404
    assert not LeadFetch.objects.exists()


def test_a_foreign_file_and_none_at_all_look_the_same(as_olga, harbor):
    bob = User.objects.create_user("bob@example.org")
    foreign = exports.ask(
        model=LeadExport, partner=harbor, author=bob, language="en", now=timezone.now()
    )
    make()
    over = exports.ask(
        model=LeadExport, partner=harbor, author=bob, language="en", now=NOON - timedelta(days=99)
    )
    nowhere = "0" * 8 + str(foreign.pk)[8:]

    for path in (
        f"/partners/harbor-city/exports/leads/{foreign.pk}/",
        address(foreign),
        f"{PAGE}numbers/{foreign.pk}/",
        f"{PAGE}things/{foreign.pk}/",
    ):
        here = as_olga.post(path)
        there = as_olga.post(path.replace(str(foreign.pk), nowhere))
        assert here.status_code == there.status_code == 404
        assert here.content.replace(str(foreign.pk).encode(), nowhere.encode()) == there.content
    for path in (f"/partners/harbor-city/exports/leads/{over.pk}/", address(over)):
        assert as_olga.post(path).status_code == 404
    assert not LeadFetch.objects.exists()
    assert as_olga.post("/partners/harbor-city/exports/ask/", {"kind": "leads"}).status_code == 404


def test_staff_look_and_take_nothing(client, staff, as_olga, river):
    export = ask(as_olga)
    make()
    client.force_login(staff)

    page = client.get(PAGE).content.decode()

    assert "Ready" in page
    assert "Make a file" not in page
    assert client.post(ASK, {"kind": "leads"}).status_code == 403
    assert client.post(address(export)).status_code == 403


def test_a_viewer_may_ask_and_take(client, river):
    viewer = User.objects.create_user("vera@example.org", full_name="Vera")
    Member.objects.create(user=viewer, partner=river)
    client.force_login(viewer)
    export = ask(client)
    make()

    assert len(take(client, export)) == 1


def test_asking_for_what_there_is_not_is_a_404(as_olga):
    assert as_olga.post(ASK, {"kind": "secrets"}).status_code == 404
    assert as_olga.post(ASK).status_code == 404


def test_nobody_downloads_without_the_forgery_token(olga, river):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(olga)

    assert strict.post(ASK, {"kind": "leads"}).status_code == 403


@pytest.mark.parametrize("how_many", [1, 3, 20])
def test_the_page_costs_the_same_with_one_file_and_with_many(as_olga, olga, river, how_many):
    for _number in range(how_many):
        ask(as_olga)
        make()

    with CaptureQueriesContext(connection) as queries:
        as_olga.get(PAGE)

    assert len(queries) == 6, [it["sql"] for it in queries]
    assert not any('"content"' in it["sql"] for it in queries)


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\u3000=1",
    "\u200b=1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "﹢1",
    "⁺1",
    '"=1',
    "\u202e=1",
]


@pytest.mark.parametrize("typed", FORMULAS)
def test_no_cell_is_a_formula(typed):
    assert cells.safe(typed).startswith("'")


@pytest.mark.parametrize(
    "typed", ["Ada", "O'Brien", "José", "a=b", "ada@example.org", "علی\u200cرضا", "", " ", "🙂+1"]
)
def test_what_is_none_stays_as_it_was_typed(typed):
    assert cells.safe(typed) == typed


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_typed_no_cell_begins_a_formula_or_leaves_its_line(seed):
    """Two thousand random texts of what programs skip, mistake, or take for the end of a line."""
    chance = random.Random(seed)
    odd = "=+-@＝＋－＠﹢⁺\t\r\n\v\f\x1c\x85\u2028\u2029\u00a0\u1680\u2003\u3000"
    odd += "\u200b\u200f\u202e\ufeff\0'\",;ab1é🙂"
    for _text in range(100):
        text = "".join(chance.choice(odd) for _letter in range(chance.randint(0, 8)))

        line = exports.row([text, 7, text]).decode()
        found = list(csv.reader(io.StringIO(line, newline="")))

        assert len(line.splitlines()) == 1
        assert len(found) == 1
        first, number, third = found[0]
        assert (number, first) == ("7", third)
        naked = "".join(
            it
            for it in unicodedata.normalize("NFKC", first)
            if not it.isspace() and unicodedata.category(it)[0] != "C"
        )
        assert not naked.startswith(("=", "+", "-", "@"))
