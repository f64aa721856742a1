"""How much of what left in bulk bounced or was called spam: too much of it stops the lane.

Mailbox providers look at just this, and one bad list costs the confirmations their inbox. They
leave in the other lane, which is not stopped.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef

from candidates import pauses
from candidates.models import FollowUp, Lane, MailEvent, MailPause
from partners import letters
from partners.models import Letter

LAST = 1_000
# Where fifty leave in a second, the last thousand are too young to have bounced.
HEARD_WITHIN = timedelta(hours=1)
# So much older than its mail an event may seem.
CLOCKS_APART = timedelta(hours=1)
# Of fewer, one or two would be a share that says nothing.
FEWEST = 200

Kind = MailEvent.Kind
REASONS = {
    Kind.SOFT_BOUNCE: MailPause.Reason.BOUNCES,
    Kind.HARD_BOUNCE: MailPause.Reason.BOUNCES,
    Kind.COMPLAINT: MailPause.Reason.COMPLAINTS,
}
MOST = {
    MailPause.Reason.BOUNCES: Fraction(5, 100),
    MailPause.Reason.COMPLAINTS: Fraction(1, 1000),
}


def watch(*, event: MailEvent, now: datetime) -> None:
    """After a bad event, pause the bulk lane where there are too many of its kind.

    What another kind was paused for is not looked at again: a colleague has seen it and resumed.
    """
    reason = REASONS.get(Kind(event.kind))
    if reason is None or event.followup.lane != Lane.BULK or Lane.BULK in pauses.paused():
        return
    for until in _ends(event, now):
        sent, bad = measure(reason=reason, until=until)
        if sent >= FEWEST and Fraction(bad, sent) >= MOST[reason]:
            _pause(reason, sent, bad, now)
            return


def _ends(event: MailEvent, now: datetime) -> Iterator[datetime]:
    """Of bounces, look also at the thousand that ended with this mail, if it left of late.

    Not of complaints: any of them would be one in a thousand.
    """
    yield now
    left_at = event.followup.sent_at
    if left_at and now - HEARD_WITHIN < left_at < now and event.kind != Kind.COMPLAINT:
        yield left_at


def measure(*, reason: MailPause.Reason, until: datetime) -> tuple[int, int]:
    """Return how many of the last mails in bulk are looked at, and how many of them are bad.

    What a mail server refused at the door never left: it is looked at beside the last thousand
    that did, for as long as they go back.
    The last thousand of a million in 2 ms, by followup_bulk_by_sent; by followup_by_sent, behind
    half a million in the other lane, 160 ms. What was heard, by its time: all 60,000 that were ever
    bad took 180 ms at each bounce.
    """
    kinds = [kind for kind, of in REASONS.items() if of == reason]
    told = MailEvent.objects.filter(kind__in=kinds)
    sent = FollowUp.objects.filter(lane=Lane.BULK, sent_at__isnull=False, sent_at__lte=until)
    latest = sent.order_by("-sent_at")[:LAST]
    found = latest.aggregate(sent=Count("id"), since=Min("sent_at"))
    since = found["since"] or until
    heard = told.filter(at__gte=since - CLOCKS_APART, followup__in=latest.values("id"))
    bad = heard.aggregate(bad=Count("followup", distinct=True))["bad"]
    failed = FollowUp.objects.filter(lane=Lane.BULK, state=FollowUp.State.FAILED)
    if found["since"]:
        failed = failed.filter(due_at__gte=since)
    refused = failed.filter(Exists(told.filter(followup=OuterRef("id"))), due_at__lte=until)
    at_the_door = refused.count()
    return found["sent"] + at_the_door, bad + at_the_door


def _pause(reason: MailPause.Reason, sent: int, bad: int, now: datetime) -> None:
    """Stop the lane and owe staff one mail about it: they hear of a pause once."""
    if not pauses.pause(lane=Lane.BULK, reason=reason, author=None, now=now):
        return
    for number, address in enumerate(settings.STAFF_EMAILS, start=1):
        letters.owe(
            kind=Letter.Kind.MAIL_PAUSED,
            recipient=address,
            language=settings.LANGUAGE_CODE,
            facts={"reason": reason, "sent": sent, "bad": bad},
            key=f"mail-paused:{now.isoformat()}:{number}",
            now=now,
        )
