"""Mail providers tell us what became of mail, and nobody else can."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from candidates.models import Candidate, FollowUp, MailEvent, Suppression
from candidates.signup import Answers
from candidates.views import mail_events
from tests import mails
from tests.conftest import NOON, SignUp

SECRET, SIGNING_KEY = "provider:a-long-secret-of-ours", "signing-key"
ADDRESS = "/mail-events/"
EPOCH = NOON.timestamp()
Post = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _provider(settings: LazySettings) -> None:
    settings.MAIL_PROVIDER = "mailgun"
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_API_KEY": "k",
        "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
    }


@pytest.fixture
def followup(sign_up: SignUp, ada: Answers) -> FollowUp:
    return mails.of(sign_up(ada))


@pytest.fixture
def post(client: Client) -> Post:
    def post(body: object, secret: str = SECRET) -> HttpResponse:
        words = body if isinstance(body, (bytes, str)) else json.dumps(body)
        basic = base64.b64encode(secret.encode()).decode()
        return client.post(
            ADDRESS, words, content_type="application/json", HTTP_AUTHORIZATION=f"Basic {basic}"
        )

    return post


def mailgun(
    followup_id: object, event: str = "delivered", token: str = "t1", **of: object
) -> dict[str, Any]:
    """Write what Mailgun posts, signed as it does."""
    stamp = str(int(EPOCH))
    signature = hmac.new(SIGNING_KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256)
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signature.hexdigest()},
        "event-data": {
            "event": event,
            "timestamp": EPOCH,
            "recipient": "ada@example.org",
            "user-variables": {"followup": str(followup_id)},
            "delivery-status": {"message": "250 for ada@example.org"},
            **of,
        },
    }


def sparkpost(followup_id: object, number: int, **of: object) -> dict[str, Any]:
    said = {
        "type": "bounce",
        "bounce_class": "10",
        "event_id": f"e{number}",
        "timestamp": str(int(EPOCH)),
        "rcpt_meta": {"followup": str(followup_id)},
        "raw_rcpt_to": "ada@example.org",
    }
    return {"msys": {"message_event": said | of}}


def told() -> list[str]:
    return list(MailEvent.objects.order_by("id").values_list("kind", flat=True))


PERMANENT = {"severity": "permanent", "reason": "bounce"}


def test_a_bounce_that_is_told_stops_all_mail_to_its_reader(post: Post, followup: FollowUp) -> None:
    assert post(mailgun(followup.id, "failed", **PERMANENT)).status_code == 200

    event = MailEvent.objects.get()
    assert (event.provider, event.event_id, event.kind) == ("mailgun", "t1", "hard_bounce")
    assert (event.followup_id, event.detail) == (followup.id, "250 for ada@example.org")
    assert Suppression.objects.get().reason == "hard_bounce"


def test_told_again_it_is_written_down_once(post: Post, followup: FollowUp) -> None:
    body = mailgun(followup.id, "failed", **PERMANENT)

    assert {post(body).status_code for _ in range(5)} == {200}

    assert told() == ["hard_bounce"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_told_in_any_order_it_ends_the_same(
    post: Post, followup: FollowUp, order: tuple[int, ...]
) -> None:
    of = [("delivered", {}), ("failed", PERMANENT), ("complained", {})]
    for number in order:
        event, more = of[number]
        post(mailgun(followup.id, event, token=str(number), **more))

    assert sorted(told()) == ["complaint", "delivered", "hard_bounce"]
    assert Suppression.objects.get().reason == "complaint"


@pytest.mark.parametrize(
    ("event", "of", "kind"),
    [
        ("failed", {"severity": "temporary", "reason": "generic"}, "deferred"),
        ("failed", {"severity": "permanent", "reason": "generic"}, "soft_bounce"),
        ("failed", {"severity": "permanent", "reason": "suppress-bounce"}, "hard_bounce"),
        ("unsubscribed", {}, "unsubscribed"),
        ("rejected", {}, "rejected"),
        ("opened", {}, None),
        ("clicked", {"url": "https://example.org/"}, None),
        ("something new", {}, None),
    ],
)
def test_what_mailgun_says_in_our_words(
    post: Post, followup: FollowUp, event: str, of: dict[str, object], kind: str | None
) -> None:
    assert post(mailgun(followup.id, event, **of)).status_code == 200

    assert told() == ([kind] if kind else [])


@pytest.mark.parametrize("followup_id", [uuid4(), "no-uuid", "", "\x00", None])
def test_mail_that_is_none_of_ours_is_taken_and_left(
    post: Post, followup: FollowUp, followup_id: object
) -> None:
    assert post(mailgun(followup_id, "failed", **PERMANENT)).status_code == 200

    assert told() == []


def test_a_wrong_signature_is_refused_and_nothing_written(post: Post, followup: FollowUp) -> None:
    body = mailgun(followup.id, "failed", **PERMANENT)
    body["signature"]["signature"] = "0" * 64

    assert post(body).status_code == 403

    assert told() == []


@pytest.mark.parametrize("secret", ["provider:another", "", "\xff", SECRET + "x"])
def test_who_does_not_know_the_secret_is_refused(
    post: Post, followup: FollowUp, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert post(mailgun(followup.id, "failed", **PERMANENT), secret).status_code == 403

    assert told() == []
    assert "ada@" not in caplog.text


def test_without_any_secret_it_is_refused(client: Client, followup: FollowUp) -> None:
    body = mailgun(followup.id, "failed", **PERMANENT)

    assert client.post(ADDRESS, body, content_type="application/json").status_code == 403
    for nonsense in ("Basic", "Basic ====", "Basic \xff", "Bearer x", "Basic " + "a" * 5000):
        answer = client.post(
            ADDRESS, body, content_type="application/json", HTTP_AUTHORIZATION=nonsense
        )
        assert answer.status_code in (400, 403), nonsense
    assert told() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"1", b"\xff\xfe", b'{"signature": 1}', b"[" * 20_000]
)
def test_nonsense_is_refused_in_good_order(post: Post, followup: FollowUp, body: bytes) -> None:
    assert 400 <= post(body).status_code < 500

    assert told() == []


def test_signed_nonsense_is_refused_in_good_order(
    post: Post, followup: FollowUp, settings: LazySettings
) -> None:
    settings.MAIL_PROVIDER = "sparkpost"
    odd = (
        [{"msys": {"message_event": {"type": "bounce", "rcpt_meta": "x"}}}],
        [{"msys": {"message_event": {"type": "bounce", "timestamp": "9" * 40}}}],
        [{"msys": {"message_event": []}}],
        [{"msys": {"a": {"type": "bounce"}, "b": {}}}],
        [[]],
        {"a": "b"},
    )
    for body in odd:
        assert post(body).status_code in (200, 400), body
    assert told() == []


def test_more_than_we_read_at_once_is_refused(post: Post, settings: LazySettings) -> None:
    assert post(b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)).status_code == 413


def test_where_mail_leaves_by_smtp_there_is_no_such_page(
    post: Post, settings: LazySettings
) -> None:
    settings.MAIL_PROVIDER = ""

    assert post({}).status_code == 404


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        (
            {"RecordType": "Delivery", "MessageID": "m", "DeliveredAt": NOON.isoformat()},
            "delivered",
        ),
        ({"RecordType": "Bounce", "Type": "HardBounce", "ID": 7}, "hard_bounce"),
        ({"RecordType": "Bounce", "Type": "SoftBounce", "ID": 8}, "soft_bounce"),
        ({"RecordType": "Bounce", "Type": "Transient", "ID": 9}, "deferred"),
        ({"RecordType": "Bounce", "Type": "DMARCPolicy", "ID": 9}, "rejected"),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 10}, "complaint"),
        ({"RecordType": "Bounce", "Type": "AutoResponder", "ID": 11}, None),
        (
            {
                "RecordType": "SubscriptionChange",
                "SuppressSending": True,
                "SuppressionReason": "ManualSuppression",
            },
            "unsubscribed",
        ),
        (
            {
                "RecordType": "SubscriptionChange",
                "SuppressSending": True,
                "SuppressionReason": "HardBounce",
            },
            "hard_bounce",
        ),
        (
            {
                "RecordType": "SubscriptionChange",
                "SuppressSending": True,
                "SuppressionReason": "SpamComplaint",
            },
            "complaint",
        ),
        ({"RecordType": "SubscriptionChange", "SuppressSending": False}, None),
    ],
)
def test_what_postmark_says_in_our_words(
    post: Post, followup: FollowUp, settings: LazySettings, of: dict[str, Any], kind: str | None
) -> None:
    settings.MAIL_PROVIDER = "postmark"
    body = {"Metadata": {"followup": str(followup.id)}, "Email": "ada@example.org"} | of

    assert [post(body).status_code for _ in range(2)] == [200, 200]

    assert told() == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        ({"bounce_class": "10"}, "hard_bounce"),
        ({"bounce_class": "22"}, "soft_bounce"),
        ({"bounce_class": "51"}, "soft_bounce"),
        ({"bounce_class": "60"}, None),
        ({"type": "spam_complaint"}, "complaint"),
        ({"type": "delay"}, "deferred"),
    ],
)
def test_what_sparkpost_says_in_our_words(
    post: Post, followup: FollowUp, settings: LazySettings, of: dict[str, Any], kind: str | None
) -> None:
    settings.MAIL_PROVIDER = "sparkpost"

    assert post([sparkpost(followup.id, 1, **of)]).status_code == 200

    assert told() == ([kind] if kind else [])


@pytest.fixture
def batch(followup: FollowUp) -> list[dict[str, Any]]:
    """Tell that a thousand mails bounced, all of different readers."""
    ada = followup.candidate
    values = {it.attname: getattr(ada, it.attname) for it in Candidate._meta.concrete_fields}
    readers = [
        Candidate(**(values | {"id": uuid4(), "email_canonical": f"r{number}@example.org"}))
        for number in range(1000)
    ]
    Candidate.objects.bulk_create(readers)
    owed = [
        FollowUp(candidate=it, step=followup.step, lane=0, anchor_at=NOON, due_at=NOON)
        for it in readers
    ]
    sent = FollowUp.objects.bulk_create(owed)
    return [sparkpost(it.id, number) for number, it in enumerate(sent)]


@pytest.mark.django_db(transaction=True)
def test_a_thousand_at_once_are_written_down_in_time(
    post: Post,
    batch: list[dict[str, Any]],
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MAIL_PROVIDER = "sparkpost"
    monkeypatch.setattr(mail_events, "WITHIN", timedelta(minutes=5))
    begun = time.process_time()  # of ours, whatever else this machine is busy with

    assert post(batch).status_code == 200

    assert time.process_time() - begun < 15
    assert MailEvent.objects.count() == Suppression.objects.count() == 1000
    assert post(batch).status_code == 200
    assert MailEvent.objects.count() == 1000


def test_what_takes_too_long_is_asked_for_again(
    post: Post,
    followup: FollowUp,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MAIL_PROVIDER = "sparkpost"
    body = [sparkpost(followup.id, number) for number in range(9)]
    seconds = iter(range(100))
    monkeypatch.setattr(
        mail_events.timezone, "now", lambda: NOON + timedelta(seconds=2 * next(seconds))
    )

    assert post(body).status_code == 503
    assert MailEvent.objects.count() == 4

    monkeypatch.undo()
    assert post(body).status_code == 200
    assert MailEvent.objects.count() == 9
