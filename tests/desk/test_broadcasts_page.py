"""Staff draft a broadcast at the desk, a colleague releases it, and both see how far it is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from candidates import broadcasts
from candidates.models import Broadcast, Candidate, Consent, FollowUp
from partners.models import User
from tests.broadcasts import HELLO, drafted, release, states, texts
from tests.sink import Sink

pytestmark = pytest.mark.django_db
LIST = "/admin/candidates/broadcast/"


@pytest.fixture
def people(lead: Callable[..., Candidate]) -> list[Candidate]:
    """Ada and then Bo, who confirmed and may be written to."""
    now = timezone.now()
    found = [lead("Ada", confirmed_at=now), lead("Bo", confirmed_at=now, signed_up_at=now)]
    for it in found:
        it.consents.create(purpose=Consent.Purpose.CONTACT, wording="Yes.", given_at=timezone.now())
    return found


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_superuser("rita@example.org", full_name="Rita Release")


@pytest.fixture
def broadcast(people: list[Candidate], sam: User) -> Broadcast:
    return drafted(sam, now=timezone.now())


def page(broadcast: Broadcast) -> str:
    return f"{LIST}{broadcast.pk}/change/"


def do(client: Client, broadcast: Broadcast, deed: str, **told: object):
    return client.post(f"{LIST}{broadcast.pk}/do/{deed}/", told, follow=True)


def said(answer) -> str:
    return " ".join(str(it) for it in answer.context["messages"])


def let_go(client: Client, broadcast: Broadcast, people: str = "2"):
    """Let it go from a page that was opened just now."""
    broadcast.refresh_from_db()
    seen = ",".join(str(it.pk) for it in texts(broadcast))
    counted_at = broadcast.counted_at.isoformat()
    return do(client, broadcast, "release", people=people, seen=seen, counted_at=counted_at)


def test_from_the_draft_to_the_last_mail(people, sam, rita, desk_of, link) -> None:
    author, second = desk_of(sam), desk_of(rita)
    lead = {"name": "The day is near", "partners": [link.partner_id], "offices": ["council"]}

    answer = author.post(f"{LIST}add/", lead, follow=True)
    broadcast = Broadcast.objects.get()
    assert "2 people would get it." in said(answer)
    assert (broadcast.counted, broadcast.partners) == (2, [link.partner_id])
    do(author, broadcast, "say", language="en", subject="The day is near", body=HELLO, seen=0)
    assert "a colleague has to release it" in author.get(page(broadcast)).text

    assert "Type the number of people again" in second.get(page(broadcast)).text
    assert "Released to 2 people." in said(let_go(second, broadcast))
    assert "Paused: 2 mails are held back." in said(do(second, broadcast, "pause"))
    assert "0 of 2 mails are settled." in second.get(page(broadcast)).text
    assert "Resumed: 2 mails are due." in said(do(second, broadcast, "resume"))
    assert "Stopped for good: 2 mails" in said(do(second, broadcast, "stop"))

    log = LogEntry.objects.order_by("pk").values_list("user__full_name", "change_message")
    assert list(log) == [
        ("Sam Staff", "Drafted."),
        ("Sam Staff", "2 people would get it."),
        ("Sam Staff", "The words are saved."),
        ("Rita Release", "Released to 2 people."),
        ("Rita Release", "Paused: 2 mails are held back."),
        ("Rita Release", "Resumed: 2 mails are due."),
        ("Rita Release", "Stopped for good: 2 mails will not be sent."),
    ]


def test_counting_says_who_is_left_out(broadcast, lead, sam, desk_of) -> None:
    lead("Una")
    Consent.objects.filter(candidate__first_name="Bo").update(withdrawn_at=timezone.now())

    told = said(do(desk_of(sam), broadcast, "count"))

    assert told == (
        "1 person would get it. 1 left out: they took back that we may write to them. "
        "1 left out: they have not confirmed their address."
    )


@pytest.mark.parametrize("typed", ["", "3", "two", "22"])
def test_the_number_is_typed_in_again(broadcast, rita, desk_of, typed) -> None:
    answer = let_go(desk_of(rita), broadcast, typed)

    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert not FollowUp.objects.filter(step=broadcast.step).exists()


def test_what_is_refused_is_said_in_words(broadcast, people, sam, rita, desk_of) -> None:
    assert "a colleague has to release it" in said(let_go(desk_of(sam), broadcast))

    second = desk_of(rita)
    seen = ",".join(str(it.pk) for it in texts(broadcast))
    counted_at = broadcast.counted_at.isoformat()
    now = timezone.now().isoformat()
    for opened in ({"seen": ""}, {"counted_at": ""}, {"counted_at": now}, {"counted_at": "x"}):
        page_of_then = {"seen": seen, "counted_at": counted_at} | opened
        old = do(second, broadcast, "release", people="2", **page_of_then)
        assert "It was changed or counted since you opened this page." in said(old)
    Candidate.objects.filter(first_name="Bo").update(confirmed_at=None)
    assert "It would reach 1 person now." in said(let_go(second, broadcast))
    Broadcast.objects.update(counted_at=timezone.now() - timedelta(hours=2))
    assert "Count first." in said(let_go(second, broadcast))
    do(second, broadcast, "stop")
    for deed in ("count", "pause", "resume"):
        assert "It was stopped, for good." in said(do(second, broadcast, deed))
    assert states(broadcast) == {}


def test_a_text_with_a_fault_comes_back_with_a_sentence_beside_it(broadcast, sam, desk_of) -> None:
    words = {"language": "es", "subject": "Hola", "body": "# Hola, {first_nme|tú}", "seen": 0}

    answer = do(desk_of(sam), broadcast, "say", **words)

    assert "Did you mean {first_name}?" in answer.text
    assert "# Hola, {first_nme|tú}" in answer.text
    assert len(texts(broadcast)) == 1


def test_what_no_text_may_hold_is_said_beside_it_and_the_rest_is_not_lost(
    broadcast, sam, desk_of
) -> None:
    words = {"language": "es", "subject": "Ho\x00la", "body": "# Hola a todos", "seen": 0}

    answer = do(desk_of(sam), broadcast, "say", **words)

    assert "Null characters are not allowed." in answer.text
    assert "# Hola a todos" in answer.text


def test_of_two_who_write_at_once_the_slower_is_told_and_keeps_their_words(
    broadcast, sam, rita, desk_of
) -> None:
    words = {"language": "en", "body": HELLO, "seen": 1}
    do(desk_of(rita), broadcast, "say", subject="Fast", **words)

    slower = do(desk_of(sam), broadcast, "say", subject="Slow", **words)

    assert [it.subject for it in texts(broadcast)] == ["Fast"]
    assert "Rita Release saved other words while you were writing" in slower.text
    assert 'value="Slow"' in slower.text
    assert 'name="seen" value="2"' in slower.text
    do(desk_of(sam), broadcast, "say", subject="Slow", **words | {"seen": 2})
    assert [it.subject for it in texts(broadcast)] == ["Slow"]


def test_a_draft_can_be_opened_whose_words_a_later_rule_refuses(broadcast, sam, desk_of) -> None:
    broadcast.step.texts.create(
        language="en", version=2, subject="x", body="no headline", written_at=timezone.now()
    )
    client = desk_of(sam)

    assert "no headline" in client.get(page(broadcast)).text
    assert "Begin with a headline" in said(do(client, broadcast, "copy", language="en"))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_means_is_refused(broadcast, sam, desk_of, day) -> None:
    answer = do(desk_of(sam), broadcast, "audience", name="x", signed_up_until=day)

    assert "Choose a day of this century." in answer.text
    assert Broadcast.objects.get().signed_up_until is None


def test_an_audience_that_cannot_be_meant_comes_back(broadcast, sam, desk_of) -> None:
    days = {"signed_up_from": "2026-11-14", "signed_up_until": "2026-11-13"}

    answer = do(desk_of(sam), broadcast, "audience", name="x", **days)

    assert "Choose a day that is not before the first." in answer.text
    assert Broadcast.objects.get().signed_up_from is None


def test_changing_the_audience_counts_anew(broadcast, sam, desk_of) -> None:
    told = said(do(desk_of(sam), broadcast, "audience", name="x", states=["WY"]))

    assert told == "0 people would get it."
    assert (Broadcast.objects.get().states, Broadcast.objects.get().counted) == (["WY"], 0)


ADD, CHANGE = {"audience", "count", "say"}, {"release", "pause", "resume", "stop"}


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [("view_broadcast", set()), ("add_broadcast", ADD), ("change_broadcast", CHANGE)],
)
def test_each_may_do_what_they_may(broadcast, robin, desk_of, permission, allowed) -> None:
    robin.user_permissions.add(Permission.objects.get(codename=permission))
    client = desk_of(robin)

    got = {it: client.post(f"{LIST}{broadcast.pk}/do/{it}/").status_code for it in ADD | CHANGE}

    assert {it for it, status in got.items() if status != 403} == allowed
    assert client.get(page(broadcast)).status_code == client.get(LIST).status_code == 200
    drafts = client.get(f"{LIST}add/").status_code
    assert drafts == (200 if permission == "add_broadcast" else 403)


def test_nothing_is_done_by_opening_an_address(broadcast, sam, rita, desk_of) -> None:
    client = desk_of(rita)
    before = Broadcast.objects.values().get()

    for deed in ADD | CHANGE:
        opened = client.get(f"{LIST}{broadcast.pk}/do/{deed}/")
        assert (opened.status_code, opened.headers["Location"]) == (302, page(broadcast))
    assert client.post(f"{LIST}{broadcast.pk}/do/nothing/").status_code == 404
    assert client.post(f"{LIST}{10**17}/do/stop/").status_code == 404
    assert client.get(f"{LIST}{10**17}/change/").status_code in (302, 404)
    assert client.get(page(broadcast)).status_code == 200

    assert Broadcast.objects.values().get() == before


def test_the_list_shows_how_far_each_is(broadcast, sam, rita, desk_of) -> None:
    other = drafted(sam, now=timezone.now())
    release(broadcast, rita, now=timezone.now())
    row = FollowUp.objects.filter(step=broadcast.step).first()
    FollowUp.objects.filter(pk=row.pk).update(state="sent", sent_at=timezone.now())

    listed = desk_of(sam).get(LIST)

    assert [str(it) for it in listed.context_data["cl"].result_list] == [str(other), str(broadcast)]
    assert 'value="50"' in listed.text
    assert "going out" in listed.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_statements_for_many_as_for_one(
    people, sam, rita, desk_of, count, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        release(drafted(sam, now=timezone.now()), rita, now=timezone.now())
    client = desk_of(sam)

    with django_assert_max_num_queries(7):
        client.get(LIST)


def test_an_estimate_is_on_the_page_while_it_goes(broadcast, sam, rita, desk_of) -> None:
    release(broadcast, rita, now=timezone.now())
    text = desk_of(sam).get(page(broadcast)).text
    assert "so nothing is foretold" in text
    assert "js/portal.js" in text

    broadcasts.stop(broadcast=broadcast, now=timezone.now())
    assert "js/portal.js" not in desk_of(sam).get(page(broadcast)).text


def test_a_draft_shows_how_it_will_look(broadcast, people, sam, desk_of) -> None:
    answer = desk_of(sam).get(page(broadcast))

    assert answer.text.count("<iframe srcdoc=") == 2 * 2  # invented and real, each in two widths
    assert str(people[-1]) in answer.text
    assert "'sha256-" in answer.headers["Content-Security-Policy"]
    keys_of_people = [key for it in people for key in (str(it.pk), it.email)]
    assert not any(it in answer.text for it in keys_of_people)


def test_who_may_not_see_leads_sees_the_invented_one_only(broadcast, robin, desk_of) -> None:
    robin.user_permissions.add(Permission.objects.get(codename="add_broadcast"))

    assert desk_of(robin).get(page(broadcast)).text.count("<iframe srcdoc=") == 2


def test_a_copy_goes_to_whoever_asks_and_to_nobody_else(
    broadcast, sam, desk_of, sink: Sink
) -> None:
    answer = do(desk_of(sam), broadcast, "copy", language="en")

    assert "A copy was handed to the mail server" in said(answer)
    assert [it.recipients for it in sink.received] == [[sam.email]]
    assert str(sink.messages[0]["Subject"]).startswith("[Test] ")
    assert not FollowUp.objects.filter(step=broadcast.step).exists()


def test_what_is_not_written_has_no_copy(broadcast, sam, desk_of, sink: Sink) -> None:
    answer = do(desk_of(sam), broadcast, "copy", language="es")

    assert (answer.status_code, sink.received) == (404, [])
