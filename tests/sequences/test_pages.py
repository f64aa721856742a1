"""Staff at the pages of their sequences: what they see, change, look at, and may not."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidates import triage
from candidates.models import Candidate, FollowUp, Sequence, Step, StepText
from candidates.models.candidates import Stage
from partners import throttling
from partners.models import Partner, User
from tests import mails
from tests.conftest import NOON
from tests.sequences.conftest import BODY, DAY, HOUR, add, made
from tests.sink import Sink

pytestmark = pytest.mark.django_db
LIST = "/admin/candidates/sequence/"
LATER = datetime(2040, 1, 2, 17, tzinfo=UTC)  # noon in New York
STEP = {
    "name": "four", "days": "5", "hours": "6", "polite_from": "8", "polite_until": "20",
    "lane": "1", "states": ["NY", "TX"], "subject": "Hello", "body": BODY,
}  # fmt: skip


def page(sequence: Sequence) -> str:
    return f"{LIST}{sequence.pk}/change/"


def at(step: Step, rest: str = "") -> str:
    return f"{LIST}{step.sequence_id}/steps/{step.pk}/{rest}"


def text(step: Step, rest: str = "", *, language: str = "en", partner: object = "") -> str:
    return at(step, f"text/{rest}?language={language}&partner={partner}")


def said(answer: Any) -> str:
    return " ".join(str(it) for it in answer.context["messages"])


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def logged() -> list[str]:
    return [it.get_change_message() for it in LogEntry.objects.order_by("pk")]


def everything() -> list[object]:
    tables = (Sequence, Step, StepText, FollowUp, LogEntry)
    return [list(it.objects.order_by("pk").values()) for it in tables]


def test_the_list_says_what_begins_when_and_how_many_are_on_their_way(
    staff: Client, call: Sequence, confirmed: Candidate
) -> None:
    made(name="Draft", slug="draft")

    found = words(staff.get(LIST))

    assert "After the call reached a stage: Introduction call 3 On since" in found
    assert re.search(r"Welcome, seven days confirmed the address 7 On since \S+ 1 ", found)
    assert "Draft reached a stage: Introduction call 0 Off 0" in found


def test_the_list_asks_the_database_as_often_for_three_sequences_as_for_one(
    staff: Client, staffer: User
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            staff.get(LIST)
        return len(queries)

    staff.get(LIST)
    few = asked()
    for number in range(3):
        add(made(slug=f"s{number}"), "one", DAY, staffer)

    assert asked() == few


def test_what_is_sent_by_hand_is_not_edited_here(staff: Client) -> None:
    by_hand = Sequence.objects.create(name="News", slug="news", trigger="by_hand")

    assert "News" not in words(staff.get(LIST))
    assert staff.get(page(by_hand)).status_code == 404


@pytest.mark.parametrize("key", ["x", "9" * 30, "0"])
def test_a_sequence_that_does_not_exist_is_not_found(staff: Client, key: str) -> None:
    assert staff.get(f"{LIST}{key}/change/").status_code == 404
    assert staff.get(f"{LIST}1/steps/{'9' * 30}/").status_code == 404


def test_a_colleague_makes_a_sequence_and_its_first_step(
    staff: Client, staffer: User, partner: Partner
) -> None:
    answer = staff.post(
        f"{LIST}add/",
        {
            "name": "Filed", "slug": "filed", "trigger": "stage_reached", "trigger_stage": "filed",
            "offices": ["council"], "states": ["NY"], "partners": [partner.pk],
            "ends_on_reply": "on", "reply_to": "filings@example.org",
        },
        follow=True,
    )  # fmt: skip
    sequence = Sequence.objects.get(slug="filed")
    staff.post(f"{LIST}{sequence.pk}/steps/add/", STEP)

    assert "Add its steps" in said(answer)
    assert (sequence.offices, sequence.states, sequence.partners) == (
        ["council"], ["NY"], [partner.pk]
    )  # fmt: skip
    assert (sequence.ends_on_reply, sequence.switched_on_at) == (True, None)
    step = sequence.steps.get()
    assert (step.delay.days, step.delay.seconds, step.states) == (5, 6 * 3600, ["NY", "TX"])
    assert step.texts.get().author == staffer
    assert logged() == ["Made, switched off.", "Step added: four"]


@pytest.mark.parametrize(
    ("language", "option", "help_text"),
    [
        ("", "Introduction call: it is booked", "A booked call is a stage"),
        ("/es", "Llamada informativa: ya tiene fecha", "Una llamada con fecha es una etapa"),
    ],
)
def test_staff_read_which_stage_means_that_a_call_is_booked(
    staff: Client, language: str, option: str, help_text: str
) -> None:
    page = words(staff.get(f"{language}{LIST}add/"))

    assert option in page
    assert help_text in page


def test_a_booked_call_begins_the_sequence_and_an_attended_one_ends_it(
    staff: Client, confirmed: Candidate, staffer: User
) -> None:
    answers = {"name": "Booked", "slug": "booked", "trigger": "stage_reached"}
    answers |= {"trigger_stage": "intro_call", "ends_on_move": "on"}
    staff.post(f"{LIST}add/", answers)
    sequence = Sequence.objects.get(slug="booked")
    staff.post(f"{LIST}{sequence.pk}/steps/add/", STEP | {"days": "2", "states": []})
    staff.post(f"{LIST}{sequence.pk}/switch/", {"to": "on"})

    triage.move(candidate_ids=[confirmed.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)
    owed = confirmed.followups.get(step__sequence=sequence)
    assert owed.state == "due"
    later = NOON + DAY
    triage.move(candidate_ids=[confirmed.pk], to_stage=Stage.ONE_TO_ONE, author=staffer, now=later)
    mails.send_due(clock=lambda: NOON + 3 * DAY)

    owed.refresh_from_db()
    assert (owed.state, owed.why) == ("needless", "moved")


def test_what_is_refused_is_said_beside_the_question_and_nothing_typed_is_lost(
    staff: Client, call: Sequence
) -> None:
    answers = [
        (f"{LIST}add/", {"name": "X", "slug": "x", "trigger": "stage_reached"}, "Choose the stage"),
        (f"{LIST}add/", {"name": "X", "slug": "x", "trigger": "signed_up"}, "valid choice"),
        (f"{LIST}{call.pk}/steps/add/", STEP | {"days": "1", "hours": "0"}, "must leave later"),
        (f"{LIST}{call.pk}/steps/add/", STEP | {"polite_until": "7"}, "Polite hours begin"),
        (f"{LIST}{call.pk}/steps/add/", STEP | {"body": "# {nme}\n\nYes"}, "Line 1:"),
    ]  # fmt: skip
    before = everything()

    for address, posted, sentence in answers:
        answer = staff.post(address, posted)
        assert sentence in words(answer), answer.context["form"].errors
        assert f'value="{posted["name"]}"' in answer.content.decode()
    assert everything() == before


def test_the_confirmation_keeps_what_begins_it(staff: Client) -> None:
    confirmation = Sequence.objects.get(slug="confirmation")

    staff.post(page(confirmation), {"name": "Confirm!", "trigger": "confirmed", "slug": "x"})

    confirmation.refresh_from_db()
    assert (confirmation.name, confirmation.slug) == ("Confirm!", "confirmation")
    assert (confirmation.trigger, confirmation.is_for_unconfirmed) == ("signed_up", True)


def test_a_colleague_changes_moves_and_removes_steps(staff: Client, call: Sequence) -> None:
    first = call.steps.get(name="one")
    staff.post(at(first), STEP | {"name": "uno", "days": "0", "hours": "1"})
    staff.post(at(first, "move/"), {"to": "later"})
    asked = staff.get(at(first, "remove/"))
    staff.post(at(first, "remove/"))

    assert "0 people wait at it" in words(asked)
    living = call.steps.filter(removed_at=None).order_by("number")
    assert [it.name for it in living] == ["two", "three"]
    assert logged()[-3:] == [
        "Step uno changed: name, hours, polite_from, polite_until, states",
        "Moved: uno",
        "Removed: uno",
    ]
    assert "uno" in words(staff.get(page(call)))


def test_who_waits_is_looked_at_before_their_mail_moves(
    staff: Client, call: Sequence, confirmed: Candidate, staffer: User
) -> None:
    first = call.steps.get(name="one")
    triage.move(candidate_ids=[confirmed.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)
    row = confirmed.followups.get(step=first)
    FollowUp.objects.filter(pk=row.pk).update(anchor_at=LATER, due_at=LATER)
    posted = STEP | {"name": "uno", "days": "0", "hours": "4", "polite_from": "",
                     "polite_until": "", "states": []}  # fmt: skip
    before = everything()

    looked = staff.post(at(first), posted)
    other = staff.post(at(first), posted | {"hours": "5", "agreed": "4"})

    assert "Nothing is saved yet. 1 person waits at this step, and their mail moves:" in words(
        looked
    )
    assert "Jan. 2, 2040, noon" in words(looked)
    assert "Jan. 2, 2040, 4 p.m." in words(looked)
    assert 'name="agreed" value="4"' in looked.content.decode()
    assert "Jan. 2, 2040, 5 p.m." in words(other)
    assert everything() == before

    kept = staff.post(at(first), posted | {"agreed": "4"}, follow=True)

    assert said(kept) == "Saved. 1 mail moved to its new time."
    assert logged()[-1].startswith("Step uno changed: name, hours. 1 mail moved")
    row.refresh_from_db()
    assert row.due_at == LATER + 4 * HOUR


def test_a_step_past_which_people_wait_is_exchanged_after_a_look(
    staff: Client, call: Sequence, confirmed: Candidate, staffer: User
) -> None:
    first = call.steps.get(name="one")
    triage.move(candidate_ids=[confirmed.pk], to_stage=Stage.INTRO_CALL, author=staffer, now=NOON)
    before = everything()

    asked = staff.post(at(first, "move/"), {"to": "later"})
    assert "1 person waits at one . They get two first" in words(asked)
    assert everything() == before
    moved = staff.post(at(first, "move/"), {"to": "later", "agreed": "1"}, follow=True)
    assert said(moved) == "Moved: one"

    back = staff.post(at(first, "move/"), {"to": "earlier", "agreed": "1"}, follow=True)
    assert said(back) == "Moved: one"
    FollowUp.objects.filter(candidate=confirmed, step=first).update(step=call.steps.get(name="two"))
    refused = staff.post(at(first, "move/"), {"to": "later"}, follow=True)
    assert "1 person waits at “two” and is past “one”" in said(refused)


def test_the_switch_says_how_many_it_holds_and_gives_back(
    staff: Client, confirmed: Candidate
) -> None:
    welcome = Sequence.objects.get(slug="welcome")
    switch = f"{LIST}{welcome.pk}/switch/"

    off = staff.post(switch, {"to": "off"}, follow=True)
    assert mails.of(confirmed, mails.WELCOME).state == "held"
    on = staff.post(switch, {"to": "on"}, follow=True)

    assert "1 mail is held back." in said(off)
    assert "1 mail that was held is due again." in said(on)
    assert mails.of(confirmed, mails.WELCOME).state == "due"
    assert [it.split(".")[0] for it in logged()] == ["Switched off", "Switched on"]


def test_a_sequence_without_words_is_not_switched_on(staff: Client) -> None:
    draft = made()

    answer = staff.post(f"{LIST}{draft.pk}/switch/", {"to": "on"}, follow=True)

    assert "Add a step first" in said(answer)
    assert Sequence.objects.get(pk=draft.pk).switched_on_at is None


@pytest.mark.parametrize("said", [{}, {"to": "of"}])
def test_a_switch_that_is_told_neither_on_nor_off_stays(
    staff: Client, call: Sequence, said: dict[str, str]
) -> None:
    before = everything()

    assert staff.post(f"{LIST}{call.pk}/switch/", said).status_code == 400

    assert everything() == before


def test_nothing_happens_by_looking(
    staff: Client, call: Sequence, first: Step, confirmed: Candidate, sink: Sink
) -> None:
    before = everything()

    for address in (
        LIST, f"{LIST}add/", page(call), f"{LIST}{call.pk}/switch/?to=off", at(first),
        f"{LIST}{call.pk}/steps/add/", at(first, "move/?to=later"), at(first, "remove/"),
        text(first) + "&keep=1&subject=x&body=y", text(first, "versions/") + "&version=1",
    ):  # fmt: skip
        assert staff.get(address, follow=True).status_code == 200, address
    for button in ("look", "test"):
        posted = {"subject": "Hi", "body": BODY, "seen": "1", button: "1"}
        assert staff.post(text(first), posted).status_code == 200

    assert everything() == before


def test_who_may_only_look_changes_nothing(looker: Client, call: Sequence, first: Step) -> None:
    before = everything()

    opened = [looker.get(it).status_code for it in (LIST, page(call))]
    closed = {
        looker.post(it, {"to": "off", "version": "1", "seen": "1"}).status_code
        for it in (
            page(call), f"{LIST}add/", f"{LIST}{call.pk}/switch/", f"{LIST}{call.pk}/steps/add/",
            at(first), at(first, "move/"), at(first, "remove/"), text(first),
            text(first, "versions/"), f"{LIST}{call.pk}/delete/",
        )
    }  # fmt: skip

    assert (opened, closed) == ([200, 200], {403})
    assert everything() == before


def test_words_are_kept_as_a_version_and_can_be_used_again(staff: Client, first: Step) -> None:
    begun = staff.get(text(first))
    assert "Hi {first_name|friend}." in begun.content.decode()
    posted = {"subject": "Two", "body": BODY, "seen": "1", "keep": "1"}

    kept = staff.post(text(first), posted, follow=True)
    staff.post(text(first, "versions/"), {"version": "1"})

    assert "version 2" in said(kept)
    assert [it.subject for it in first.texts.order_by("version")] == [
        "About one", "Two", "About one"
    ]  # fmt: skip
    assert logged()[-1] == "one, English: version 3."
    shown = words(staff.get(text(first, "versions/")))
    assert "− removed: Two + added: About one" in shown.replace(" :", ":")


def test_faults_are_said_beside_the_field_with_line_and_suggestion(
    staff: Client, first: Step
) -> None:
    body = "# Hello\n\nHi {fist_name|friend}."

    answer = staff.post(text(first), {"subject": "{nam}", "body": body, "seen": "1", "keep": "1"})

    form = answer.context["form"]
    assert form.errors["body"] == [
        "Line 3: There is no field {fist_name}. Did you mean {first_name}?"
    ]
    assert len(form.errors["subject"]) == 1
    assert "Hi {fist_name|friend}." in answer.content.decode()
    assert first.texts.count() == 1


def test_a_colleague_who_was_slower_is_told_and_keeps_their_words(
    staff: Client, first: Step
) -> None:
    for subject in ("Fast", "Slow"):
        answer = staff.post(
            text(first), {"subject": subject, "body": BODY, "seen": "1", "keep": "1"}
        )

    assert "Sam Staff kept version 2 while you were writing." in words(answer)
    assert 'value="Slow"' in answer.content.decode()
    assert 'name="seen" value="2"' in answer.content.decode()
    assert first.texts.count() == 2


def test_a_partners_own_words_begin_with_those_of_everybody(
    staff: Client, first: Step, partner: Partner
) -> None:
    address = text(first, language="es", partner=partner.pk)
    begun = staff.get(address)
    posted = {"subject": "Hola", "body": BODY, "seen": "0", "keep": "1"}
    staff.post(address, posted)

    assert BODY.splitlines()[0] in begun.content.decode()
    assert first.texts.get(language="es").partner == partner
    assert f"Spanish, {partner}" in words(staff.get(at(first)))


@pytest.mark.parametrize("asked", ["", "?language=fr", "?language=en&partner=999999", "?partner=x"])
def test_a_text_that_can_not_be_meant_is_not_found(staff: Client, first: Step, asked: str) -> None:
    assert staff.get(at(first, f"text/{asked}")).status_code == 404


def test_a_preview_shows_a_lead_beside_somebody_invented(
    staff: Client, first: Step, confirmed: Candidate
) -> None:
    posted = {"subject": "To {first_name|you}", "body": BODY, "seen": "1", "look": "1"}

    answer = staff.post(text(first), posted)

    subjects = [it.subject for it in answer.context["views"]]
    assert subjects == ["To Alma", "To Ada"]
    frames = re.findall(
        r'<iframe srcdoc="[^"]+" width="(\d+)"[^>]* sandbox ', answer.content.decode()
    )
    assert frames == ["640", "360"] * 2
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    for view in answer.context["views"]:
        assert view.source in policy
        assert " style=" not in view.document


def test_who_may_not_see_leads_sees_none_in_a_preview(
    first: Step, confirmed: Candidate, looker: Client
) -> None:
    robin = User.objects.get(email="robin@example.org")
    robin.user_permissions.add(Permission.objects.get(codename="change_sequence"))
    posted = {"subject": "To {first_name|you}", "body": BODY, "seen": "1", "look": "1"}

    answer = looker.post(text(first), posted | {"reader": "ada@example.org"})

    assert [it.subject for it in answer.context["views"]] == ["To Alma"]


def test_an_address_that_no_lead_has_is_said(staff: Client, first: Step) -> None:
    posted = {"subject": "Hi", "body": BODY, "seen": "1", "look": "1", "reader": "no@example.org"}

    answer = staff.post(text(first), posted)

    assert "No lead has this address." in words(answer)
    assert len(answer.context["views"]) == 1


def copy(staff: Client, step: Step) -> str:
    return said(staff.post(text(step), {"subject": "Hi", "body": BODY, "seen": "1", "test": "1"}))


def test_a_copy_is_said_to_be_sent_only_when_it_was(
    staff: Client, first: Step, settings: Any, sink: Sink
) -> None:
    assert "was handed to the mail server for staff@example.org" in copy(staff, first)
    sink.refuse["staff@example.org"] = (550, "no such mailbox")
    assert "It said: 550 no such mailbox" in copy(staff, first)

    settings.EMAIL_PORT = 1
    assert "can't be reached: no copy was sent" in copy(staff, first)
    assert len(sink.received) == 1


def test_copies_are_few(staff: Client, first: Step) -> None:
    most = throttling.TEST_MAIL.account_and_place

    told = [copy(staff, first) for _copy in range(most + 1)]

    assert "Enough copies for now" in told[-1]
    assert len(mail.outbox) == most


def test_a_spanish_colleague_gets_a_spanish_copy(staff: Client, first: Step) -> None:
    posted = {"subject": "Hi", "body": BODY, "seen": "1", "test": "1"}

    staff.post(f"/es{text(first)}", posted)

    assert mail.outbox[0].subject == "[Prueba] Hi"
