"""How fast the ledger is folded, with the breakdowns and without, and against the intake."""

import argparse
import statistics
import sys
import time
from dataclasses import dataclass, field

import ground
import load
import run
import server

GOAL_PER_SECOND = 4_000
MOST_COST = 1 / 3
PARTNERS, LINKS = 100, 5
INTAKE_BATCH = 200  # what a second of the intake that is asked for brings

PEOPLE = """
INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as,
    amount, at, recorded_at, reason, state, office)
SELECT gen_random_uuid(), drive.id, link.id, link.partner_id, 'signed_up', 'signed_up', 1,
    now(), now(), '', (%(states)s::text[])[1 + floor(random() * %(state_count)s)::int],
    (ARRAY['council', 'county', 'justice', 'other', 'not_sure'])[1 + floor(random() * 5)::int]
FROM generate_series(1, %(people)s) AS n
CROSS JOIN (SELECT id FROM partners_drive ORDER BY id LIMIT 1) AS drive
JOIN partners_referrallink AS link ON link.id = %(first_link)s + n %% %(links)s
"""


@dataclass
class Way:
    """One statement of the fold, one size of batch, and what all of its rounds told."""

    name: str
    statement: str
    batch: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def go(self, people: int, *, keep: bool) -> None:
        """Write so many lines, then count them; microseconds of one line."""
        from django.db import connection  # noqa: PLC0415 - Django is set up only now

        from partners.milestones import folding  # noqa: PLC0415

        write(people)
        folding.FOLD, folding.BATCH = self.statement, self.batch
        before = server.backend_cpu(connection) + time.process_time(), time.perf_counter()
        counted = count_all()
        after = server.backend_cpu(connection) + time.process_time(), time.perf_counter()
        assert counted == people, (counted, people)
        if keep:
            cpu, wall = (1e6 * (b - a) / people for a, b in zip(before, after, strict=True))
            self.cpu.append(cpu)
            self.wall.append(wall)

    @property
    def per_second(self) -> float:
        return 1e6 / statistics.median(self.wall)


def count_all() -> int:
    """Fold until nothing is left; return how many lines there were."""
    from django.utils import timezone  # noqa: PLC0415

    from partners import milestones  # noqa: PLC0415

    counted = 0
    while found := milestones.fold(now=timezone.now()):
        counted += found
    return counted


def write(people: int) -> None:
    """Write so many uncounted lines of sign-ups, spread over all links, states and offices."""
    from django.db import connection  # noqa: PLC0415

    from candidates.admin.filters import STATES  # noqa: PLC0415
    from partners.models import ReferralLink  # noqa: PLC0415

    first = ReferralLink.objects.order_by("id").values_list("id", flat=True)[0]
    given = {"people": people, "first_link": first, "links": PARTNERS * LINKS}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, given | {"states": STATES, "state_count": len(STATES)})


def furnish() -> str:
    """Many partners with links and a goal each, beside the one whose link the client uses."""
    cookie = run.furnish()
    from partners.models import Drive, Milestone, Partner, ReferralLink  # noqa: PLC0415

    drive = Drive.objects.get()
    for number in range(PARTNERS):
        partner = Partner.objects.create(name=f"Example {number:03}", slug=f"example-{number}")
        Milestone.objects.create(drive=drive, partner=partner, scope="cumulative", target=10**9)
        for place in range(LINKS):
            code = f"{partner.slug}-{place}"
            ReferralLink.objects.create(partner=partner, code=code, label=code)
    return cookie


def intake(env: dict[str, str], cookie: str) -> float:
    """Return the sign-ups in a second that the whole stack takes from one client."""
    with server.started(env) as site:
        post = run.post("/", cookie)()
        load.run(port=site.port, requests=post, seconds=1)
        rounds = [load.run(port=site.port, requests=post, seconds=1.5) for _ in range(3)]
    return statistics.median(it.per_second for it in rounds)


def ways() -> list[Way]:
    from partners import breakdowns  # noqa: PLC0415
    from partners.milestones import folding  # noqa: PLC0415

    whole = folding.FOLD
    bare = whole.replace(f", {breakdowns.CAME}, {breakdowns.ADD}", "")
    assert len(bare) < len(whole)
    return [
        Way("as it is, 5,000 at once", whole, folding.BATCH),
        Way("without breakdowns, 5,000", bare, folding.BATCH),
        Way(f"as it is, {INTAKE_BATCH} at once", whole, INTAKE_BATCH),
        Way(f"without breakdowns, {INTAKE_BATCH}", bare, INTAKE_BATCH),
    ]


def report(measured: list[Way], posts: float) -> bool:
    print(f"{'':28}{'credits/s':>11}{'CPU us':>9}{'sign-ups':>10}")
    for way in measured:
        print(
            f"{way.name:28}{way.per_second:11,.0f}{statistics.median(way.cpu):9.1f}"
            f"{way.per_second / posts:9.1f}x"
        )
    print(f"{'the sign-up POST':28}{posts:11,.0f}")
    are_met = True
    for whole, bare in zip(measured[::2], measured[1::2], strict=True):
        cost = statistics.median(a / b for a, b in zip(whole.cpu, bare.cpu, strict=True)) - 1
        is_met = cost <= MOST_COST
        are_met &= is_met
        print(f"breakdowns cost {cost:.2f} of the rest at {whole.batch:,} a batch,"
              f" goal {MOST_COST:.2f}: {'met' if is_met else 'MISSED'}")  # fmt: skip
    is_met = measured[0].per_second >= GOAL_PER_SECOND
    print(f"goal {GOAL_PER_SECOND:,} credits/s: {'met' if is_met else 'MISSED'}")
    return are_met and is_met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 11))
    parser.add_argument("--small", action="store_true", help="a tenth of the lines: a quick check")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    wanted = parser.parse_args()
    began = time.monotonic()
    with ground.prepared() as env:
        cookie = furnish()
        posts = intake(env, cookie)
        print("measured: sign-up POST", file=sys.stderr)
        count_all()
        measured = ways()
        for number in range(wanted.rounds + 1):
            for way in measured if number % 2 else reversed(measured):
                batches = 10 if way.batch == INTAKE_BATCH else 4
                way.go(way.batch * batches // (4 if wanted.small else 1), keep=number > 0)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    are_met = report(measured, posts)
    print(f"{wanted.rounds} rounds, {time.monotonic() - began:.0f} s in all.")
    sys.exit(wanted.strict and not are_met)


if __name__ == "__main__":
    main()
