"""What comes back to the mailbox is read, recorded and only then deleted."""

import logging
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import DatabaseError
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st

from candidates import events, mailbox
from candidates.mailbox import fetching, reading
from candidates.models import Candidate, FollowUp, MailEvent, Suppression
from candidates.signup import Answers
from tests import mails
from tests.conftest import NOON, SignUp
from tests.patience import IN_TIME
from tests.sink import Sink

LATER = NOON + timedelta(hours=2)


class Box(socketserver.ThreadingTCPServer):
    """A mailbox of POP3 (RFC 1939), which can misbehave at a command of one's choice."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.hangs_at = ""
        self.drops_at = ""
        self.drips_at = ""

    def put(self, content: bytes, name: str = "") -> None:
        self.mails[name or f"uid{len(self.mails)}"] = content


class Talk(socketserver.StreamRequestHandler):
    server: Box

    def handle(self) -> None:
        with suppress(OSError):
            self.say(b"+OK")
            self.names, self.gone = list(self.server.mails), set[str]()
            while line := self.rfile.readline():
                verb, *words = line.decode().split()
                self.server.asked.append(line.decode().strip())
                if verb == self.server.hangs_at:
                    time.sleep(30)
                if not self.answer(verb, words):
                    return

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def answer(self, verb: str, words: list[str]) -> bool:
        if verb in ("UIDL", "LIST"):
            self.say(b"+OK")
            for number, name in enumerate(self.names, start=1):
                told = name if verb == "UIDL" else len(self.server.mails[name])
                self.say(f"{number} {told}".encode())
            self.say(b".")
        elif verb in ("RETR", "TOP"):
            return self.send(verb, words)
        elif verb == "DELE":
            self.gone.add(self.names[int(words[0]) - 1])
            self.say(b"+OK")
        elif verb == "QUIT":
            for name in self.gone:
                del self.server.mails[name]
            self.say(b"+OK")
            return False
        else:
            self.say(b"+OK")
        return True

    def send(self, verb: str, words: list[str]) -> bool:
        content = self.server.mails[self.names[int(words[0]) - 1]]
        if verb == "TOP":
            head, _, body = content.partition(b"\n\n")
            content = head + b"\n\n" + b"\n".join(body.split(b"\n")[: int(words[1])])
        self.say(b"+OK")
        for line in content.split(b"\n"):
            if self.server.drips_at == verb:
                time.sleep(0.2)
            self.say(b"." + line if line.startswith(b".") else line)
            if self.server.drops_at == verb:
                return False
        self.say(b".")
        return True


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Box]:
    fetching._left.clear()
    with Box() as box:
        threading.Thread(target=box.serve_forever, args=(0.05,), daemon=True).start()
        settings.BOUNCE_MAILBOX = {
            "host": "127.0.0.1",
            "port": box.server_address[1],
            "user": "bounces",
            "password": "secret",
            "is_tls": False,
        }
        yield box
        box.shutdown()


@pytest.fixture
def followup(sign_up: SignUp, ada: Answers) -> FollowUp:
    return mails.of(sign_up(ada))


def report(of: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Write a report of RFC 3464."""
    return f"""From: MAILER-DAEMON@mx.example.org
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Date: Sat, 14 Nov 2026 17:30:00 +0000
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I could not deliver it.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such person

--B
Content-Type: message/rfc822

Message-ID: {of}
From: us@example.org
Subject: Please confirm

Hello Ada,
--B--
""".encode()


def complaint(of: str, kind: str = "abuse") -> bytes:
    """Write a complaint of RFC 5965."""
    return f"""From: fbl@provider.example
Date: Sat, 14 Nov 2026 17:40:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

Somebody complains.
--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1

--B
Content-Type: text/rfc822-headers

Message-ID: {of}
From: us@example.org
--B--
""".encode()


def answer(of: str, *headers: str) -> bytes:
    head = "\n".join(("From: Ada <ada@example.org>", f"In-Reply-To: {of}", *headers))
    return f"{head}\nDate: Sat, 14 Nov 2026 17:50:00 +0000\n\nYes, please call me.\n".encode()


def ours(followup: FollowUp) -> str:
    return f"<{followup.id}@example.org>"


def sweep() -> int:
    return mailbox.sweep(clock=lambda: LATER)


def told() -> list[str]:
    return list(MailEvent.objects.order_by("id").values_list("kind", flat=True))


def test_a_bounce_is_recorded_and_deleted(box: Box, followup: FollowUp) -> None:
    box.put(report(ours(followup)))

    assert sweep() == 1

    event = MailEvent.objects.get()
    assert (event.kind, event.followup_id) == ("hard_bounce", followup.id)
    assert (event.at, event.detail) == (
        NOON + timedelta(minutes=30),
        "5.1.1 smtp; 550 no such person",
    )
    assert Suppression.objects.get().reason == "hard_bounce"
    assert box.mails == {}


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", "hard_bounce"),
        ("failed", "5.4.1", "hard_bounce"),
        ("failed", "5.0.0", "hard_bounce"),
        ("failed", "5.2.2", "soft_bounce"),
        ("failed", "5.7.1", "soft_bounce"),
        ("failed", "4.4.7", "soft_bounce"),
        ("failed", "", "soft_bounce"),
        ("FAILED", "5.1.1 (no)", "hard_bounce"),
        ("delayed", "4.4.1", "deferred"),
        ("delivered", "2.0.0", "delivered"),
        ("relayed", "2.0.0", None),
    ],
)
def test_what_a_report_says(
    box: Box, followup: FollowUp, action: str, status: str, kind: str | None
) -> None:
    box.put(report(ours(followup), action=action, status=status))

    assert sweep() == 1

    assert told() == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("kind", "event"),
    [("abuse", "complaint"), ("opt-out", "unsubscribed"), ("not-spam", None)],
)
def test_what_a_complaint_says(box: Box, followup: FollowUp, kind: str, event: str | None) -> None:
    box.put(complaint(ours(followup), kind))

    assert sweep() == 1

    assert told() == ([event] if event else [])


def test_an_answer_is_remembered_and_left_for_staff(box: Box, followup: FollowUp) -> None:
    box.put(answer(ours(followup)))

    assert (sweep(), sweep()) == (0, 0)

    assert told() == ["replied"]
    assert Candidate.objects.get().replied_at == NOON + timedelta(minutes=50)
    assert len(box.mails) == 1
    assert len([it for it in box.asked if it.startswith("RETR")]) == 1


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied (vacation)", "Precedence: bulk", "X-Autoreply: yes"],
)
def test_a_vacation_notice_is_no_answer(box: Box, followup: FollowUp, header: str) -> None:
    box.put(answer(ours(followup), header))

    assert sweep() == 1

    assert (told(), box.mails) == ([], {})


def test_what_is_not_understood_stays_and_is_told_once(
    box: Box, followup: FollowUp, caplog: pytest.LogCaptureFixture
) -> None:
    strange = [
        b"Subject: Cheap watches\n\nBuy!",
        b"",
        b"\xff\xfe\x00",
        report(f"<{uuid4()}@other.example>"),
        report(f"<{followup.id}.x@example.org>"),
        report("no name at all"),
        answer("<1@example.org>"),
    ]
    for content in strange:
        box.put(content)
    box.put(report(ours(followup)))

    with caplog.at_level(logging.WARNING, "candidates.mailbox"):
        assert (sweep(), sweep()) == (1, 0)

    assert list(box.mails.values()) == strange
    assert [it.getMessage() for it in caplog.records] == [
        "7 mails in the bounce mailbox are not understood"
    ]


def test_nothing_is_deleted_that_was_not_recorded(
    box: Box, followup: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise DatabaseError

    box.put(report(ours(followup)))
    monkeypatch.setattr(events, "record", away)
    with pytest.raises(DatabaseError):
        sweep()
    assert len(box.mails) == 1

    monkeypatch.undo()
    assert sweep() == 1
    assert told() == ["hard_bounce"]


def test_what_was_recorded_and_not_deleted_is_recorded_once(box: Box, followup: FollowUp) -> None:
    box.drops_at = "QUIT"
    box.put(report(ours(followup)), "one")
    kept = dict(box.mails)
    sweep()
    box.mails |= kept

    sweep()

    assert told() == ["hard_bounce"]


@pytest.mark.parametrize("trouble", ["hangs_at", "drops_at", "drips_at"])
def test_a_server_that_hangs_drops_or_drips_is_left_in_time(
    box: Box, followup: FollowUp, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    setattr(box, trouble, "RETR")
    box.put(report(ours(followup)) + b"x\n" * 150)
    begun = time.monotonic()

    with monkeypatch.context() as impatient:
        impatient.setattr(fetching, "ANSWER_SECONDS", 1)
        impatient.setattr(fetching, "RUN_SECONDS", 2)
        assert sweep() == 0

    assert time.monotonic() - begun < IN_TIME
    assert (told(), len(box.mails)) == ([], 1)
    setattr(box, trouble, "")
    assert sweep() == 1


def test_of_a_long_mail_the_beginning_is_read(box: Box, followup: FollowUp) -> None:
    box.put(report(ours(followup)).replace(b"Hello Ada,\n", b"x" * 76 + b"\n" * 10_000_000))
    box.put(answer(ours(followup)) + b"y" * 500_001)

    sweep()

    assert told() == ["hard_bounce", "replied"]
    assert not [it for it in box.asked if it.startswith("RETR")]


def test_a_box_full_of_other_mail_hides_nothing(
    box: Box, followup: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_AT_ONCE", 5)
    for _ in range(12):
        box.put(b"Subject: Cheap watches\n\nBuy!")
    box.put(report(ours(followup)))

    assert [sweep() for _ in range(3)] == [0, 0, 1]


def deep(number: int, line: bytes) -> bytes:
    """Write a mail in a mail in a mail."""
    return b"".join(line.replace(b"%", str(it).encode()) for it in range(number)) + b"\n"


POISON = [
    deep(3_000, b"Content-Type: message/rfc822\n\n"),
    deep(3_000, b'Content-Type: multipart/mixed; boundary="%"\n\n--%\n'),
    deep(400, b'Content-Type: Multipart/mixed; boundary="%"\n\n--%\n') + b"x\n" * 200_000,
]


@pytest.mark.parametrize("poison", POISON, ids=["mails", "parts", "lines"])
def test_a_mail_made_to_break_us_stops_nobodys_report(
    box: Box, followup: FollowUp, poison: bytes
) -> None:
    box.put(poison)
    box.put(report(ours(followup)))
    begun = time.process_time()

    assert sweep() == 1

    assert time.process_time() - begun < IN_TIME
    assert list(box.mails.values()) == [poison]


def test_a_box_that_takes_longer_than_a_run_is_emptied_by_and_by(
    box: Box, followup: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "READ_SECONDS", 0.3)
    monkeypatch.setattr(fetching, "RUN_SECONDS", 5)
    box.drips_at = "RETR"
    for _ in range(5):
        box.put(b"Auto-Submitted: auto-replied\nIn-Reply-To: " + ours(followup).encode())

    assert [sweep() for _ in range(3)] == [1, 1, 1]


def test_where_no_mailbox_is_named_nothing_is_asked(settings: LazySettings) -> None:
    settings.BOUNCE_MAILBOX = {}

    assert sweep() == 0


def test_bounces_go_where_we_say_and_readers_see_the_usual_sender(
    followup: FollowUp, sink: Sink, settings: LazySettings
) -> None:
    settings.BOUNCE_ADDRESS = "bounces@example.org"

    mails.send_due(clock=lambda: LATER)

    (received,) = sink.received
    assert received.sender == "bounces@example.org"
    assert "bounces@" not in str(received.message["From"])


OURS = f"<{uuid4()}@example.org>"
REAL = [report(OURS), complaint(OURS), answer(OURS)]


@given(st.binary(max_size=2000))
@example(b"Content-Type: multipart/report; boundary=\n\n--\n")
@how(max_examples=300)
def test_reading_never_raises_and_nothing_is_ours_by_chance(content: bytes) -> None:
    understood = reading.read(content=content)

    assert understood is None or understood.followup_id is None


@given(st.sampled_from(REAL), st.integers(0, 1500), st.integers(0, 80), st.binary(max_size=60))
@how(max_examples=500)
def test_a_mail_broken_anywhere_says_nothing_without_our_name(
    content: bytes, at: int, cut: int, put: bytes
) -> None:
    broken = content[:at] + put + content[at + cut :]

    understood = reading.read(content=broken)

    if understood and understood.kind:
        assert f"<{understood.followup_id}@example.org>".encode() in broken
        assert message_from_bytes(broken)
