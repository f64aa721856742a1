"""Anybody reads what was corrected: what, why, how many; and nobody reads who."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners import archive, corrections, credits, milestones
from partners.dashboard import corrected
from partners.models import Correction, Credit, Drive, Partner, ReferralLink
from tests.conftest import NOON

LATER = NOON + timedelta(hours=3)
PAGE = "/corrections/"


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    """Nor is anything read again because a test took its time."""
    corrections.forget()
    monkeypatch.setattr(corrections._kept, "seconds", 3_600)


@pytest.fixture
def nurses(db) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse", label="E-mail")


@pytest.fixture
def words(staffer):
    return {"reason": "Ada Example wrote to us", "author": staffer, "now": LATER}


@pytest.fixture
def candidate(sign_up, ada, link):
    candidate = sign_up(ada, "teach-ig")
    credits.give(candidate_uuids=[candidate.id], kind=Credit.Kind.CONFIRMED, at=NOON)
    return candidate


def acts():
    rows = Correction.objects.order_by("id")
    return list(rows.values_list("deed", "cause", "people", "change"))


def test_each_act_is_written_down_once_with_what_it_did_to_the_count(candidate, nurses, words):
    ids = [candidate.id]
    for _ in range(2):
        credits.void(candidate_uuids=ids, cause=Correction.Cause.DUPLICATE, **words)
    credits.restore(candidate_uuids=ids, cause=Correction.Cause.MISTAKE, **words)
    credits.reassign(candidate_uuids=ids, link=nurses, cause=Correction.Cause.WRONG_LINK, **words)

    assert acts() == [
        ("voided", "duplicate", 1, -1),
        ("restored", "mistake", 1, 1),
        ("moved", "wrong_link", 1, 0),
    ]


def test_the_changes_are_what_the_total_moved_by(candidate, drive, words):
    milestones.fold(now=NOON)
    credits.void(candidate_uuids=[candidate.id], **words)
    milestones.fold(now=LATER)

    counted = Credit.objects.filter(counts_as=drive.counts, kind__in=Credit.CORRECTIONS)
    assert sum(it.amount for it in counted) == sum(change for *_rest, change in acts()) == -1


def test_the_page_says_it_in_words_and_numbers_without_anybody(client, candidate, words):
    credits.void(candidate_uuids=[candidate.id], cause=Correction.Cause.TEST, **words)

    page = client.get(PAGE).text

    assert "1 person counts no longer" in page
    assert "a test of ours" in page
    assert "The count fell by 1." in page
    for name in ("Ada", "wrote to us", str(candidate.id), words["author"].full_name, "Teachers"):
        assert name not in page


def test_without_corrections_it_says_so(client, drive):
    assert "Nothing had to be corrected so far." in client.get(PAGE).text


def recorded(drive, number, **fields):
    return Correction(
        drive=drive,
        recorded_at=LATER + timedelta(minutes=number),
        **{"deed": "moved", "cause": "repaired", "people": 2, "change": 0} | fields,
    )


def test_what_was_recomputed_in_parts_is_one_act(client, drive):
    parts = [recorded(drive, 0, cause="recomputed", people=1_000) for _ in range(3)]
    Correction.objects.bulk_create(parts)

    (act,) = corrections.read(before=None).acts

    assert act.people == 3_000


def test_the_log_goes_on_over_pages_and_no_act_is_lost_or_told_twice(client, drive):
    Correction.objects.bulk_create(
        recorded(drive, number // 2) for number in range(2 * corrections.SHOWN + 60)
    )
    seen, before = [], None
    while True:
        log = corrections.read(before=before)
        seen += [act.at for act in log.acts]
        if not (before := log.older_than):
            break

    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == corrections.SHOWN + 30
    assert client.get(PAGE, {"before": "0"}).text.count("There are no older corrections.") == 1


def walked(client):
    """The pages of the log, by their addresses, as somebody who reads on and on gets them."""
    pages, address = {}, PAGE
    while address:
        pages[address] = client.get(address)
        older = re.search(r'rel="next" href="([^"]+)"', pages[address].text)
        address = PAGE + older[1] if older else ""
    return pages


def test_who_reads_the_whole_log_again_costs_no_query(client, drive, django_assert_num_queries):
    rows = Correction.objects.bulk_create(recorded(drive, number) for number in range(370))
    # An id that no row has: of what was not committed.
    Correction.objects.filter(id__in=[it.id for it in rows if it.id % 100 in range(5)]).delete()
    told = Correction.objects.count()
    pages = walked(client)

    with django_assert_num_queries(0):
        again = walked(client)

    assert [it.content for it in again.values()] == [it.content for it in pages.values()]
    assert sum(it.text.count("<li>") for it in pages.values()) == told
    assert {it["Cache-Control"][:17] for it in pages.values()} == {"public, max-age=1"}


def test_wherever_somebody_asks_to_begin_there_are_no_more_pages_than_the_log_fills(
    client, drive, django_assert_num_queries
):
    rows = Correction.objects.bulk_create(recorded(drive, number) for number in range(350))
    first, last = rows[0].id, rows[-1].id
    client.get(PAGE)

    with CaptureQueriesContext(connection) as made:
        answers = [client.get(PAGE, {"before": n}) for n in range(first, last + 250)]

    shown = [it for it in answers if it.status_code == 200]
    assert len(shown) in (3, 4)  # of four or five hundreds, the last has none
    assert len(made) <= 2 * len(shown) + 1  # one finds the end
    with django_assert_num_queries(0):
        ends = {client.get(it.url).content for it in answers if it.status_code == 302}
    assert len(ends) <= len(shown) + 1


def test_nothing_that_came_before_a_place_is_missing_where_it_leads(client, drive):
    rows = Correction.objects.bulk_create(
        recorded(drive, number, people=number + 1_000) for number in range(350)
    )
    asked = rows[117]

    page = client.get(PAGE, {"before": asked.id}, follow=True).text

    assert "for 1,116 people" in page


def test_a_new_correction_moves_no_older_page(client, drive):
    Correction.objects.bulk_create(recorded(drive, number) for number in range(350))
    *_newer, oldest = before = walked(client)
    Correction.objects.bulk_create(recorded(drive, 900 + number) for number in range(250))
    corrections.forget()

    after = walked(client)

    assert after[oldest].content == before[oldest].content
    assert set(before) <= set(after)
    assert sum(it.text.count("<li>") for it in after.values()) == 600


def test_an_older_page_is_read_again_after_a_while(client, drive, monkeypatch):
    Correction.objects.bulk_create(recorded(drive, number) for number in range(350))
    *_newer, oldest = walked(client)
    Drive.objects.update(name="Renamed Day")

    for name in ("_kept", "_kept_longer"):
        assert "Renamed Day" not in client.get(oldest).text
        getattr(corrections, name).expire()

    assert "Renamed Day" in client.get(oldest).text


def test_in_spanish_a_place_between_pages_leads_to_a_spanish_page(client, drive):
    (only,) = Correction.objects.bulk_create([recorded(drive, 0)])

    answer = client.get("/es/corrections/", {"before": only.id + 1_000})

    assert answer["Location"] == "/es/corrections/"


def test_what_was_done_while_a_drive_was_recomputed_is_in_the_log(drive):
    slow = {"cause": "recomputed", "people": 1_000}
    rows = [recorded(drive, number) for number in range(1, 2 * corrections.SHOWN)]
    rows = [recorded(drive, 0, **slow), recorded(drive, 500, people=7), *rows]
    Correction.objects.bulk_create([recorded(drive, 600), *rows, recorded(drive, 0, **slow)])

    first = corrections.read(before=None)
    second = corrections.read(before=first.older_than)

    told = [it.people for it in (*first.acts, *second.acts)]
    assert told == [2_000, *[2] * (2 * corrections.SHOWN - 1), 7, 2]
    assert 7 in [it.people for it in second.acts]
    assert second.older_than is None


def test_twenty_thousand_corrections_make_the_log_no_slower(drive):
    rows = (recorded(drive, number // 2) for number in range(20_000))
    Correction.objects.bulk_create(rows, batch_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_correction")
        with CaptureQueriesContext(connection) as made:
            corrections.read(before=None)
        read = []
        for it in made.captured_queries:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {it['sql']}")
            read += touched(cursor.fetchone()[0][0]["Plan"])

    assert len(made) == 2
    assert max(read) <= 100 * corrections.SHOWN


def touched(plan):
    """The rows that each step of a plan gave on."""
    yield plan["Actual Rows"] * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from touched(part)


@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, "½", "\0"])
def test_a_place_that_cannot_be_read_is_refused(client, drive, place):
    assert client.get(PAGE, {"before": place}).status_code == 400


def test_any_audience_costs_one_query(client, drive):
    client.get(PAGE)
    with CaptureQueriesContext(connection) as made:
        client.get(PAGE)

    assert len(made) == 0


class TestWhoConfirmsAfterBeingVoided:
    """Never counted as confirmed: so nothing is taken back, and no page says that it was."""

    @pytest.fixture
    def voided(self, sign_up, ada, drive, link, words):
        Drive.objects.update(counts="confirmed")
        drive.milestones.create(scope="cumulative", target=drive.baseline + 1)
        candidate = sign_up(ada, link.code)
        credits.void(candidate_uuids=[candidate.id], **words)
        return candidate

    def test_a_drives_page_and_the_log_say_the_same(self, voided, link):
        confirm = {"candidate_uuids": [voided.id], "kind": Credit.Kind.CONFIRMED}
        credits.give(at=LATER + timedelta(hours=1), **confirm)
        milestones.fold(now=LATER + timedelta(hours=2))

        record = archive.records(now=LATER + timedelta(days=9))["day-2026"]
        assert (record.corrections, record.settled) == (archive.Corrections(), 0)
        assert [(deed, change) for deed, _, _, change in acts()] == [("voided", 0)]
        assert not corrected.read(partner=link.partner, drive=record.drive)

    def test_what_is_given_back_with_them_is_told(self, voided, link, words):
        confirm = {"candidate_uuids": [voided.id], "kind": Credit.Kind.CONFIRMED}
        credits.give(at=LATER + timedelta(hours=1), **confirm)
        later = words | {"now": LATER + timedelta(hours=2)}
        credits.restore(candidate_uuids=[voided.id], **later)
        milestones.fold(now=later["now"])

        record = archive.records(now=LATER + timedelta(days=9))["day-2026"]
        assert record.corrections.given_back == 1
        assert acts()[-1][-1] == 1
        assert [it.change for it in corrected.read(partner=link.partner, drive=record.drive)] == [1]

    def test_they_reach_no_milestone_for_a_moment(self, voided, drive):
        credits.give(candidate_uuids=[voided.id], kind=Credit.Kind.CONFIRMED, at=LATER)

        milestones.fold(now=LATER)

        assert drive.milestones.get().reached_at is None
