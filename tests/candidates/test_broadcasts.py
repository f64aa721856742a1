"""One e-mail to many: to whom it goes, who lets it go, and how it is held back and stopped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from candidates import broadcasts, followups, privacy, signup, wording
from candidates.broadcasts import Audience, Count, Standing
from candidates.followups import claiming, crowds
from candidates.models import Broadcast, Candidate, Consent, FollowUp, Lane, StepText, Suppression
from candidates.signup import Answers
from partners import credits
from partners.models import Drive, Partner, ReferralLink, User
from tests import mails
from tests.broadcasts import HELLO, drafted, owed, release, say, states, texts
from tests.conftest import NOON, SignUp
from tests.sink import Sink

HOUR = timedelta(hours=1)
NIGHT = datetime.fromisoformat("2026-11-14T23:30:00-05:00")


@pytest.fixture
def rita(db: None) -> User:
    """The second person."""
    return User.objects.create_superuser("rita@example.org", full_name="Rita Release")


Come = Callable[..., Candidate]


@pytest.fixture
def come(sign_up: SignUp, ada: Answers) -> Come:
    """Sign somebody up by the first name, and let them confirm: come("Bo", office="county")."""

    def come(name: str, *codes: str, at: datetime = NOON, **told: str) -> Candidate:
        answers = replace(ada, first_name=name, email=f"{name.lower()}@example.org", **told)
        candidate = sign_up(answers, *codes, at=at)
        signup.confirm(candidate_id=candidate.id, now=at)
        FollowUp.objects.filter(candidate=candidate).delete()
        return candidate

    return come


def send(at: datetime) -> int:
    return mails.send_due(clock=lambda: at)


def test_everybody_gets_it_once(come: Come, staffer: User, rita: User, sink: Sink):
    come("Ada"), come("Bo")

    assert release(drafted(staffer), rita) == 2
    send(NOON), send(NOON)

    assert sorted(str(it["To"]) for it in sink.messages) == [
        "Ada Example <ada@example.org>",
        "Bo Example <bo@example.org>",
    ]


def test_who_has_not_confirmed_said_stop_or_took_back_the_consent_is_left_out_and_counted(
    come: Come, sign_up: SignUp, ada: Answers, staffer: User, rita: User
):
    come("Ada"), sign_up(replace(ada, first_name="Una", email="una@example.org"))
    stop, bounced, withdrew = come("Stella"), come("Bounce"), come("Will")
    privacy.unsubscribe(candidate_id=stop.id, now=NOON)
    privacy.suppress(candidate=bounced, reason=Suppression.Reason.HARD_BOUNCE, now=NOON)
    withdrew.consents.update(withdrawn_at=NOON)
    broadcast = drafted(staffer)

    found = broadcasts.count(broadcast=broadcast, now=NOON)

    assert found == Count(people=1, unconfirmed=1, withdrawn=1, suppressed=2)
    assert release(broadcast, rita) == 1
    assert owed(broadcast) == {"Ada"}


def test_who_agreed_again_after_taking_it_back_gets_it(come: Come, staffer: User):
    ada = come("Ada")
    ada.consents.update(withdrawn_at=NOON)
    Consent.objects.create(candidate=ada, purpose="contact", wording="Yes.", given_at=NOON)

    assert drafted(staffer).counted == 1


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, {"Ada", "Bo", "Cy"}),
        ({"offices": ["county"]}, {"Bo"}),
        ({"offices": ["county", "council"], "states": ["NY"]}, {"Ada"}),
        ({"states": ["IL"]}, {"Bo", "Cy"}),
        ({"languages": ["es"]}, {"Cy"}),
        ({"timelines": ["later"]}, {"Cy"}),
        ({"stages": ["raised_hand"]}, {"Ada", "Bo"}),
        ({"stages": ["filed"], "languages": ["en"]}, set()),
        ({"signed_up_from": date(2026, 11, 14)}, {"Bo", "Cy"}),
        ({"signed_up_until": date(2026, 11, 14)}, {"Ada", "Bo"}),
        ({"signed_up_from": date(2026, 11, 14), "signed_up_until": date(2026, 11, 14)}, {"Bo"}),
    ],
)
def test_the_audience_is_those_who_are_named(
    come: Come, staffer: User, terms: dict[str, object], expected: set[str]
):
    """Ada came at 11 at night before the day in New York, when UTC had that day already."""
    come("Ada", at=NOON - 13 * HOUR)
    come("Bo", at=NOON, office="county", zip_code="60601")
    come("Cy", at=NOON + 12 * HOUR, zip_code="60601", language="es", timeline="later")
    Candidate.objects.filter(first_name="Cy").update(stage="filed")
    broadcast = drafted(staffer, **terms)

    found = broadcasts.audiences.willing(broadcast=broadcast, now=NOON)

    assert set(found.values_list("first_name", flat=True)) == expected
    assert broadcast.counted == len(expected)


@pytest.fixture
def nurses(db: None) -> ReferralLink:
    partner = Partner.objects.create(name="Example Nurses", slug="nurses")
    return ReferralLink.objects.create(partner=partner, code="nurse", label="E-mail")


def test_a_partners_people_are_those_credited_to_it_now(
    come: Come, link: ReferralLink, nurses: ReferralLink, staffer: User
):
    """Whose credit came, went, went and came back, was voided, was voided and given back."""
    people = {name: come(name, "teach-ig") for name in ("Ada", "Gone", "Back", "Void", "Again")}
    people |= {"Ned": come("Ned", "nurse"), "Moved": come("Moved", "nurse"), "Org": come("Org")}

    def move(name: str, to: ReferralLink | None) -> None:
        ids = [people[name].id]
        credits.reassign(candidate_uuids=ids, link=to, reason="x", author=staffer, now=NOON)

    move("Gone", None), move("Back", nurses), move("Back", link), move("Moved", link)
    for name in ("Void", "Again"):
        ids = [people[name].id]
        credits.void(candidate_uuids=ids, reason="x", author=staffer, now=NOON)
    credits.restore(candidate_uuids=ids, reason="x", author=staffer, now=NOON)

    found = {it: set(credits.credited_to(partner_ids=[it.partner_id])) for it in (link, nurses)}

    said = credits.partners_of(candidate_uuids=[it.id for it in people.values()])
    for it, uuids in found.items():
        assert uuids == {who for who, partner in said.items() if partner == it.partner}
    names = {"Ada", "Back", "Void", "Again", "Moved"}
    assert found[link] == {people[name].id for name in names}
    broadcast = drafted(staffer, partners=[link.partner_id])
    people_of = broadcasts.audiences.willing(broadcast=broadcast, now=NOON)
    assert set(people_of.values_list("first_name", flat=True)) == names


def test_nobody_releases_what_they_drafted(come: Come, staffer: User, rita: User):
    come("Ada")
    broadcast = drafted(staffer)

    with pytest.raises(broadcasts.NeedsSecondPerson):
        release(broadcast, staffer)

    assert owed(broadcast) == set()
    assert release(broadcast, rita) == 1


def test_whoever_changes_the_words_or_the_audience_is_the_one_who_may_not_release(
    come: Come, staffer: User, rita: User
):
    come("Ada")
    broadcast = drafted(staffer)
    for body in (HELLO, HELLO.replace("\n", "\r\n")):  # the second as a browser sends it
        say(broadcast, rita, body)
    assert Broadcast.objects.get().drafted_by == staffer  # the same words: nothing was changed

    say(broadcast, rita, "# Hello\n\nOther words.")
    with pytest.raises(broadcasts.NeedsSecondPerson):
        release(broadcast, rita)

    broadcasts.rewrite(broadcast=broadcast, name="x", audience=Audience(), author=staffer, now=NOON)
    broadcasts.count(broadcast=broadcast, now=NOON)
    with pytest.raises(broadcasts.NeedsSecondPerson):
        release(broadcast, staffer)


def test_nobody_releases_words_of_their_own_whoever_changed_it_after_them(
    come: Come, staffer: User, rita: User
):
    """A junior who may not release anything renames it, or mends a comma, and hands it back."""
    come("Ada")
    junior = User.objects.create_user("junior@example.org", full_name="Jo Junior")
    broadcast = drafted(staffer)
    say(broadcast, junior, "# Hello\n\nThe day, is near.")
    broadcasts.rewrite(broadcast=broadcast, name="x", audience=Audience(), author=junior, now=NOON)
    broadcasts.count(broadcast=broadcast, now=NOON)

    with pytest.raises(broadcasts.NeedsSecondPerson):
        release(broadcast, staffer)

    assert owed(broadcast) == set()
    assert release(broadcast, rita) == 1


def test_it_is_counted_within_the_hour_and_anew_after_a_change(
    come: Come, staffer: User, rita: User
):
    come("Ada")
    broadcast = drafted(staffer)
    with pytest.raises(broadcasts.NotCounted):
        release(broadcast, rita, now=NOON + HOUR + timedelta(seconds=1))

    audience = Audience(states=["NY"])
    broadcasts.rewrite(broadcast=broadcast, name="x", audience=audience, author=staffer, now=NOON)
    with pytest.raises(broadcasts.NotCounted):
        release(broadcast, rita)

    broadcasts.count(broadcast=broadcast, now=NOON)
    assert release(broadcast, rita, now=NOON + HOUR) == 1


@pytest.mark.parametrize(("more", "is_released"), [(1, True), (2, False)])
def test_a_count_that_moved_by_more_than_a_tenth_is_no_count(
    come: Come, staffer: User, rita: User, more: int, is_released: bool
):
    for number in range(10):
        come(f"Ada{number}")
    broadcast = drafted(staffer)
    for number in range(more):
        come(f"Bo{number}")

    if is_released:
        assert release(broadcast, rita) == 11
    else:
        with pytest.raises(broadcasts.CountMoved) as moved:
            release(broadcast, rita)
        assert moved.value.people == 12
        assert owed(broadcast) == set()
        assert Broadcast.objects.get().released_at is None


def test_an_audience_of_nobody_is_not_released(staffer: User, rita: User, drive: Drive):
    with pytest.raises(broadcasts.Nobody):
        release(drafted(staffer), rita)


def test_it_says_something_in_english(come: Come, staffer: User, rita: User):
    come("Ada")
    made = broadcasts.draft(name="x", audience=Audience(), author=staffer, now=NOON)
    say(made, staffer, language="es")
    broadcasts.count(broadcast=made, now=NOON)

    with pytest.raises(broadcasts.NothingToSay):
        release(made, rita)


def test_a_text_that_cannot_be_sent_is_not_saved_and_not_released(
    come: Come, staffer: User, rita: User
):
    come("Ada")
    broadcast = drafted(staffer)
    with pytest.raises(wording.Refused, match=r"Did you mean \{first_name\}"):
        say(broadcast, staffer, "# Hello\n\n{first_nme|friend}")

    StepText.objects.create(
        step=broadcast.step, language="es", version=1, subject="x", body="no", written_at=NOON
    )
    with pytest.raises(wording.Refused):
        release(broadcast, rita)
    assert owed(broadcast) == set()


def test_words_that_were_changed_since_they_were_seen_are_not_released(
    come: Come, staffer: User, rita: User
):
    come("Ada")
    broadcast = drafted(staffer)
    seen = [it.id for it in texts(broadcast)]
    say(broadcast, staffer, "# Hello\n\nOther words.")

    with pytest.raises(broadcasts.NotSeen):
        broadcasts.release(broadcast=broadcast, seen=seen, counted_at=NOON, author=rita, now=NOON)

    assert owed(broadcast) == set()


def test_another_audience_than_the_one_that_was_seen_is_not_released(
    come: Come, staffer: User, rita: User
):
    """As many people, and the same words: only the count tells that they are others."""
    come("Ada")
    come("Bo", zip_code="60601")
    broadcast = drafted(staffer, states=["NY"])
    seen = [it.id for it in texts(broadcast)]
    later = NOON + timedelta(minutes=5)
    audience = Audience(states=["IL"])
    broadcasts.rewrite(broadcast=broadcast, name="x", audience=audience, author=staffer, now=later)
    broadcasts.count(broadcast=broadcast, now=later)

    with pytest.raises(broadcasts.NotSeen):
        broadcasts.release(broadcast=broadcast, seen=seen, counted_at=NOON, author=rita, now=later)

    assert owed(broadcast) == set()
    assert release(broadcast, rita, now=later) == 1
    assert owed(broadcast) == {"Bo"}


def test_what_is_released_or_stopped_is_changed_by_nobody(come: Come, staffer: User, rita: User):
    come("Ada")
    gone, over = drafted(staffer), drafted(staffer)
    release(gone, rita)
    broadcasts.stop(broadcast=over, now=NOON)

    for broadcast, refused in (
        (gone, broadcasts.AlreadyReleased),
        (over, broadcasts.Stopped),
    ):
        with pytest.raises(refused):
            release(broadcast, rita)
        with pytest.raises(refused):
            say(broadcast, staffer, "# Hello\n\nOther words.")
        with pytest.raises(refused):
            broadcasts.count(broadcast=broadcast, now=NOON)
        with pytest.raises(refused):
            broadcasts.rewrite(
                broadcast=broadcast, name="y", audience=Audience(), author=staffer, now=NOON
            )
    assert (owed(gone), owed(over)) == ({"Ada"}, set())


def test_a_release_that_breaks_in_the_middle_owes_nobody_anything(
    come: Come, staffer: User, rita: User, monkeypatch: pytest.MonkeyPatch
):
    come("Ada")
    broadcast = drafted(staffer)
    with monkeypatch.context() as broken:
        broken.setattr(broadcasts.releasing, "_switch_on", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            release(broadcast, rita)
    assert (owed(broadcast), Broadcast.objects.get().released_at) == (set(), None)

    assert release(broadcast, rita) == 1


def test_each_is_due_in_the_first_polite_hour_at_home(come: Come, staffer: User, rita: User):
    """At half past eleven in New York it is half past six in Honolulu."""
    come("Ada"), come("Hana", zip_code="96813")

    release(drafted(staffer, now=NIGHT), rita, now=NIGHT)

    due = dict(FollowUp.objects.values_list("candidate__first_name", "due_at"))
    morning = datetime.fromisoformat("2026-11-15T08:00:00-05:00")
    assert due == {"Ada": morning, "Hana": NIGHT}


def test_who_left_the_audience_before_it_was_sent_does_not_get_it(
    come: Come, staffer: User, rita: User, sink: Sink
):
    ada = come("Ada")
    broadcast = drafted(staffer, stages=["raised_hand"])
    release(broadcast, rita)

    Candidate.objects.filter(pk=ada.pk).update(stage="filed")
    send(NOON)

    assert (len(sink.messages), states(broadcast)) == (0, {"needless": 1})
    assert FollowUp.objects.get(step=broadcast.step).why == "not_meant"


def test_a_paused_broadcast_sends_nothing_until_it_is_resumed(
    come: Come, staffer: User, rita: User, sink: Sink
):
    come("Ada"), come("Bo")
    broadcast = drafted(staffer)
    release(broadcast, rita)

    assert [broadcasts.pause(broadcast=broadcast, now=NOON) for _ in range(2)] == [2, 0]
    send(NOON)
    assert (len(sink.messages), states(broadcast)) == (0, {"held": 2})
    assert broadcasts.resume(broadcast=broadcast) == 2
    send(NOON)

    assert (len(sink.messages), states(broadcast)) == (2, {"sent": 2})


def test_a_stopped_broadcast_goes_to_nobody_more_and_for_good(
    come: Come, staffer: User, rita: User, sink: Sink
):
    come("Ada")
    broadcast = drafted(staffer)
    release(broadcast, rita)
    send(NOON)
    bo = come("Bo")
    FollowUp.objects.create(candidate=bo, step=broadcast.step, lane=1, anchor_at=NOON, due_at=NOON)
    broadcasts.pause(broadcast=broadcast, now=NOON)

    assert [broadcasts.stop(broadcast=broadcast, now=NOON) for _ in range(2)] == [1, 0]
    for deed in (broadcasts.pause, broadcasts.resume):
        with pytest.raises(broadcasts.Stopped):
            deed(broadcast=broadcast, **({"now": NOON} if deed is broadcasts.pause else {}))
    send(NOON)

    assert (len(sink.messages), states(broadcast)) == (1, {"sent": 1, "needless": 1})
    assert FollowUp.objects.get(candidate=bo).why == "stopped"


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_mail_that_was_refused_for_now_is_caught_by_the_pause_or_the_stop_that_came_meanwhile(
    come: Come, staffer: User, rita: User, sink: Sink, is_stopped: bool
):
    come("Ada")
    broadcast = drafted(staffer)
    release(broadcast, rita)
    sink.refuse["ada@example.org"] = (451, "later")
    send(NOON)
    rows = FollowUp.objects.filter(step=broadcast.step)
    rows.update(state="sending")
    broadcasts.pause(broadcast=broadcast, now=NOON)
    if is_stopped:
        broadcasts.stop(broadcast=broadcast, now=NOON)
    rows.update(state="due")  # as its sender writes when it hears the refusal

    sink.refuse.clear()
    send(NOON + HOUR)

    assert sink.messages == []
    expected = ("needless", "stopped") if is_stopped else ("held", "paused")
    assert rows.values_list("state", "why").get() == expected


def test_a_sender_that_read_of_the_pause_before_it_was_over_holds_nothing_for_ever(
    come: Come, staffer: User, rita: User, sink: Sink
):
    come("Ada")
    broadcast = drafted(staffer)
    release(broadcast, rita)
    broadcasts.pause(broadcast=broadcast, now=NOON)
    FollowUp.objects.filter(step=broadcast.step).update(state="due")  # put off by its sender
    claimed = followups.claim(lane=Lane.BULK, now=NOON)

    broadcasts.resume(broadcast=broadcast)
    claiming.wanted(claimed=claimed, now=NOON)
    send(NOON)

    assert (len(sink.messages), states(broadcast)) == (1, {"sent": 1})


def test_other_mails_are_not_held_with_a_broadcast(
    come: Come, staffer: User, rita: User, sink: Sink
):
    come("Ada")
    one, other = drafted(staffer), drafted(staffer)
    release(one, rita), release(other, rita)

    broadcasts.pause(broadcast=one, now=NOON)
    send(NOON)

    assert (states(one), states(other)) == ({"held": 1}, {"sent": 1})


def test_the_estimate_is_what_is_left_at_the_pace_of_late(come: Come, staffer: User, rita: User):
    for number in range(20):
        come(f"Ada{number}")
    broadcast = drafted(staffer)
    release(broadcast, rita)
    rows = FollowUp.objects.filter(step=broadcast.step)
    for place, row in enumerate(rows[:10]):
        sent_at = NOON + timedelta(seconds=12 * place)
        FollowUp.objects.filter(pk=row.pk).update(state="sent", sent_at=sent_at)
    now = NOON + timedelta(minutes=2)

    found = broadcasts.progress(broadcast=broadcast, now=now)

    assert (found.counts, found.percent, found.left) == ({"sent": 10, "due": 10}, 50, 10)
    assert (found.per_minute, found.done_by) == (5, now + timedelta(minutes=2))


def test_nothing_is_foretold_while_nothing_leaves_and_nobody_is_done_before_all_got_up(
    come: Come, staffer: User, rita: User
):
    for number in range(5):
        come(f"Ada{number}")
    come("Hana", zip_code="96813")
    broadcast = drafted(staffer)
    release(broadcast, rita)
    broadcast.refresh_from_db()
    assert broadcasts.progress(broadcast=broadcast, now=NOON).done_by is None

    awake = FollowUp.objects.filter(step=broadcast.step, due_at__lte=NOON)
    awake.update(state="sent", sent_at=NOON)
    found = broadcasts.progress(broadcast=broadcast, now=NOON + timedelta(minutes=1))

    assert found.later == 1
    assert found.done_by == datetime.fromisoformat("2026-11-14T08:00:00-10:00")


def test_a_broadcast_stands_where_it_stands(come: Come, staffer: User, rita: User, sink: Sink):
    come("Ada")
    broadcast = drafted(staffer)
    told = []

    def look() -> None:
        broadcast.refresh_from_db()
        left = broadcasts.progress(broadcast=broadcast, now=NOON).left
        told.append(broadcasts.standing(broadcast=broadcast, left=left))

    look()
    release(broadcast, rita), look()
    broadcasts.pause(broadcast=broadcast, now=NOON), look()
    broadcasts.resume(broadcast=broadcast), look()
    send(NOON), look()
    broadcasts.stop(broadcast=broadcast, now=NOON), look()

    assert told == [
        Standing.DRAFT,
        Standing.GOING,
        Standing.PAUSED,
        Standing.GOING,
        Standing.DONE,
        Standing.STOPPED,
    ]


def test_many_are_owed_held_and_given_back_some_after_some(
    come: Come, staffer: User, rita: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broadcasts.audiences, "AT_ONCE", 3)
    monkeypatch.setattr(crowds, "AT_ONCE", 3)
    for number in range(10):
        come(f"Ada{number}")
    broadcast = drafted(staffer)

    assert broadcasts.count(broadcast=broadcast, now=NOON).people == 10
    assert release(broadcast, rita) == 10
    assert broadcasts.pause(broadcast=broadcast, now=NOON) == 10
    assert broadcasts.resume(broadcast=broadcast) == 10
    assert broadcasts.stop(broadcast=broadcast, now=NOON) == 10
