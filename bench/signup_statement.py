"""Measures the one statement of a sign-up against the same five rows by five INSERTs."""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import ground

ROUNDS, SIGN_UPS = 8, 400


def main() -> None:
    with ground.prepared():
        import django  # noqa: PLC0415 - after the environment was set

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        one, five = ways()
        for way in (one, five):
            measure(way, 50)
        ratios = []
        for number in range(ROUNDS):
            order = (one, five) if number % 2 else (five, one)
            took = {way: measure(way, SIGN_UPS) for way in order}
            ratios.append(took[five] / took[one])
            print(
                f"one statement {SIGN_UPS / took[one]:7,.0f}/s   "
                f"five INSERTs {SIGN_UPS / took[five]:7,.0f}/s   {ratios[-1]:.2f}"
            )
        connections.close_all()
    print(f"One statement is {statistics.median(ratios):.2f} times as fast (median).")


def ways() -> tuple[Callable[[], None], Callable[[], None]]:
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from candidates import signup  # noqa: PLC0415
    from candidates.consent import Agreement  # noqa: PLC0415
    from candidates.models import Candidate, Consent, FollowUp, Step, Touch  # noqa: PLC0415
    from partners import touches  # noqa: PLC0415
    from partners.models import Credit, Drive, Partner, ReferralLink  # noqa: PLC0415

    drive = Drive.objects.current(datetime.now(UTC))
    partner = Partner.objects.create(name="Example Bench Alliance", slug="bench")
    link = ReferralLink.objects.create(partner=partner, code="bench-ig", label="Instagram bio")
    step = Step.objects.order_by("id").first()
    agreements = [Agreement(Consent.Purpose.CONTACT, "Yes, you may write to me.")]

    def answers() -> dict[str, str]:
        return {
            "first_name": "Ada",
            "last_name": "Example",
            "email": f"{uuid4()}@example.org",
            "zip_code": "10001",
            "office": "council",
            "timeline": "this_cycle",
            "motivation": "Buses that come.",
            "language": "en",
        }

    def one() -> None:
        now = timezone.now()
        signup.sign_up(
            answers=signup.Answers(**answers()),
            agreements=agreements,
            touches=[touches.Touch("bench-ig", "", now)],
            now=now,
        )

    def five() -> None:
        now, told = timezone.now(), answers()
        with transaction.atomic():
            person = Candidate.objects.create(
                **told, email_canonical=told["email"], state="NY", signed_up_at=now
            )
            Consent.objects.create(
                candidate=person,
                purpose="contact",
                wording=agreements[0].wording,
                door="form",
                given_at=now,
            )
            Touch.objects.create(candidate=person, link=link, raw_code="bench-ig", at=now)
            Credit.objects.create(
                candidate_uuid=person.id,
                drive=drive,
                link=link,
                partner=partner,
                kind="signed_up",
                counts_as="signed_up",
                at=now,
                recorded_at=now,
            )
            FollowUp.objects.create(
                candidate=person, step=step, lane=step.lane, anchor_at=now, due_at=now
            )

    return one, five


def measure(way: Callable[[], None], number: int) -> float:
    began = time.perf_counter()
    for _ in range(number):
        way()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
