"""A drive under another model: what is shown beforehand is what is written, to the last line."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from candidates import crediting, signup
from candidates.consent import Agreement
from candidates.models import Consent
from partners import credits, milestones
from partners.models import Credit, Drive, Hold, Partner, ReferralLink
from partners.touches import Touch
from tests.conftest import NOON

LATER = NOON + timedelta(days=1)
CODES = ("teach-ig", "nurse", "poster", "teech-ig")


@pytest.fixture
def many(drive, ada, link, staffer):
    """A hundred people who came by several ways; some confirmed, some held, some corrected."""
    other = Partner.objects.create(name="Example Nurses", slug="nurses")
    for code in CODES[1:3]:
        ReferralLink.objects.create(partner=other, code=code, label=code)
    chance = Random(3)
    for number in range(100):
        domain = "mailinator.com" if number % 17 == 0 else "example.org"
        came = [
            Touch(chance.choice(CODES), "", NOON - timedelta(days=chance.choice((0, 1, 10, 60))))
            for _ in range(chance.randint(0, 4))
        ]
        signup.sign_up(
            answers=replace(ada, email=f"{number}@{domain}"),
            agreements=[Agreement(Consent.Purpose.CONTACT, "Yes.")],
            touches=sorted(came, key=lambda it: it.at),
            now=NOON,
        )
    people = list(Credit.objects.order_by("id").values_list("candidate_uuid", flat=True))
    credits.give(candidate_uuids=people[::3], kind=Credit.Kind.CONFIRMED, at=NOON)
    words = {"reason": "said so", "author": staffer, "now": NOON}
    credits.reassign(candidate_uuids=people[::11], link=link, **words)
    credits.void(candidate_uuids=people[::13], **words)
    return people


def net() -> Counter[tuple[int | None, str]]:
    sums: Counter[tuple[int | None, str]] = Counter()
    for partner_id, kind, amount in Credit.objects.values_list("partner", "counts_as", "amount"):
        sums[partner_id, kind] += amount
    return sums


def ask(drive: Drive, model: str, window: int) -> crediting.Question:
    return crediting.Question(drive, model, window, LATER)


@pytest.mark.parametrize("batch", [7, 2_000])
@pytest.mark.parametrize(("model", "window"), [("first", 90), ("first", 5), ("last", 1)])
def test_the_dry_run_is_what_is_applied(
    many, drive, staffer, model, window, batch, monkeypatch
) -> None:
    monkeypatch.setattr("candidates.crediting.recomputing.BATCH", batch)
    before, lines = net(), Credit.objects.count()
    question = ask(drive, model, window)

    told = crediting.dry_run(question=question)
    assert Credit.objects.count() == lines
    done = crediting.apply(question=question, author=staffer, now=LATER)

    changed = net()
    changed.subtract(before)
    assert told.moves > 0
    assert told == done
    assert {place: it for place, it in changed.items() if it} == told.deltas
    assert crediting.dry_run(question=question).moves == 0
    assert crediting.apply(question=question, author=staffer, now=LATER).moves == 0


def test_the_totals_stay_and_the_tallies_follow(many, drive, staffer) -> None:
    milestones.fold(now=NOON)
    total = sum(Credit.objects.values_list("amount", flat=True))

    crediting.apply(question=ask(drive, "first", 90), author=staffer, now=LATER)
    milestones.fold(now=LATER)

    assert sum(Credit.objects.values_list("amount", flat=True)) == total
    assert milestones.drift() == []


def test_what_a_colleague_decided_and_what_is_held_stay_where_they_are(
    many, drive, staffer
) -> None:
    decided = Credit.objects.filter(reason="said so")
    left_alone = {
        *decided.values_list("candidate_uuid", flat=True),
        *Hold.objects.values_list("candidate_uuid", flat=True),
    }

    crediting.apply(question=ask(drive, "first", 90), author=staffer, now=LATER)

    moved = Credit.objects.filter(reason__startswith="recomputed (first, 90 days): first visit")
    assert moved.exists()
    assert not moved.filter(candidate_uuid__in=left_alone).exists()


def test_who_signed_up_after_the_look_is_left_out(many, drive) -> None:
    early = crediting.Question(drive, "first", 90, NOON - timedelta(hours=1))

    assert crediting.dry_run(question=early).people == 0


def test_the_digest_tells_that_the_numbers_moved(many, drive, staffer) -> None:
    question = ask(drive, "first", 90)
    seen = crediting.dry_run(question=question)
    again = crediting.dry_run(question=question)
    mover = Credit.objects.exclude(candidate_uuid__in=[*many[::11], *many[::13]]).exclude(link=None)
    for uuid in mover.values_list("candidate_uuid", flat=True):
        credits.void(candidate_uuids=[uuid], reason="gone", author=staffer, now=LATER)
        if crediting.dry_run(question=question).moves != seen.moves:
            break

    assert again == seen
    assert crediting.dry_run(question=question).digest != seen.digest


def test_adopting_changes_what_new_sign_ups_are_decided_by(many, drive, staffer) -> None:
    crediting.apply(question=ask(drive, "first", 30), author=staffer, now=LATER, adopt=True)

    drive.refresh_from_db()
    assert (drive.attribution, drive.window_days) == ("first", 30)


def test_the_command_shows_and_then_writes_the_same(many, drive, staffer) -> None:
    lines = Credit.objects.count()
    words = ["recompute_credit", "--drive", drive.slug, "--model", "first", "--window", "90"]

    told, done = StringIO(), StringIO()
    call_command(*words, stdout=told)
    assert Credit.objects.count() == lines
    call_command(*words, "--apply", "--author", staffer.email, stdout=done)

    written = told.getvalue().replace("would move", "moved").replace("would be held", "held")
    assert written == done.getvalue()
    assert "Example Nurses" in told.getvalue()
    assert Credit.objects.filter(author=staffer, reason__startswith="recomputed").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"drive": "no-such"},
        {"window": 0},
        {"window": 100_000},
        {"author": "nobody@example.org"},
        {"adopt": True, "apply": False},
    ],
)
def test_the_command_refuses_in_words(drive, wrong) -> None:
    words = {"drive": drive.slug, "model": "first", "window": 90, "apply": True}

    with pytest.raises(CommandError, match=r"There is no|days|--author|--apply"):
        call_command("recompute_credit", **(words | wrong))
