"""How fast the desk is with a million leads, against ten thousand, on the same server.

    python bench/desk.py [--leads 1000000]

Makes a database of its own beside the one of DATABASE_URL (recruit_bench_desk), fills it by
bench/people.sql, times every page through Django's test client, and drops it. Ratios hold on
other machines; milliseconds are this one's.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
NAME = "recruit_bench_desk"
SMALL = 10_000
ROUNDS = 9
# New indexes begin with full pages: the first rows pay for splitting them.
WARM_UP = 3_000
INSERTS = 15_000


def beside(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))


def prepare(url: str) -> None:
    """Make the empty database, then start Django on it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME}")
        connection.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = beside(url)
    os.environ.setdefault("RECRUIT_MODE", "test")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1")
    os.environ["DJANGO_SETTINGS_MODULE"] = "recruit.settings"
    import django  # noqa: PLC0415 - only now does it know its database

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def furnish() -> None:
    from partners.models import Partner, ReferralLink, User  # noqa: PLC0415

    User.objects.create_superuser("bench@example.org", "bench", full_name="Bench")
    for number in range(41):
        partner = Partner.objects.create(name=f"Example {number:02}", slug=f"example-{number}")
        for channel in ("email", "sms", "instagram", "print", "website"):
            code = f"{partner.slug}-{channel}"
            ReferralLink.objects.create(partner=partner, code=code, label=code, channel=channel)


def fill(first: int, last: int) -> None:
    from candidates.admin.filters import STATES  # noqa: PLC0415

    given = {"states": STATES, "state_count": len(STATES), "link_count": 41 * 5}
    given |= {"first": first, "last": last}
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute((HERE / "people.sql").read_text(), given)
        connection.execute("VACUUM ANALYZE")


def pages() -> dict[str, Callable[[], object]]:
    """Name what is timed: whole pages as staff open them, and the counts of the desk alone."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from candidates import desk  # noqa: PLC0415
    from candidates.models import Candidate  # noqa: PLC0415
    from partners.models import Partner, User  # noqa: PLC0415
    from recruit import sealing  # noqa: PLC0415

    client = Client()
    client.force_login(User.objects.get())
    lead = Candidate.objects.exclude(phone=None).order_by("-signed_up_at")[99]
    partner = Partner.objects.order_by("pk").first()
    listed = "/admin/candidates/candidate/"

    def searched(words: str) -> str:
        return f"{listed}?q={sealing.seal(words)}"

    addresses = {
        "the desk": "/admin/",
        "one lead's story": f"{listed}{lead.pk}/change/",
        "list, newest first": listed,
        "list, last page": f"{listed}?p=20",
        "stage: endorsed": f"{listed}?stage__exact=endorsed",
        "state: common": f"{listed}?state=AA",
        "state: rare": f"{listed}?state=WY",
        "office": f"{listed}?office__exact=justice",
        "timeline": f"{listed}?timeline__exact=later",
        "age: older": f"{listed}?age=older",
        "assigned: me": f"{listed}?assigned=me",
        "confirmed: not yet": f"{listed}?confirmed=no",
        "partner": f"{listed}?partner={partner and partner.pk}",
        "partner: organic": f"{listed}?partner=none",
        "partner + rare state": f"{listed}?partner={partner and partner.pk}&state=WY",
        "three rare filters": f"{listed}?state=WY&stage__exact=endorsed&office__exact=justice",
        "nobody fits": f"{listed}?state=WY&office__exact=justice&age=today&confirmed=yes",
        "search: name": searched("mar"),
        "search: first last": searched(f"{lead.first_name} {lead.last_name}"),
        "search: e-mail": searched(f"{lead.email[:9]}@"),
        "search: phone": searched(f"(555) {lead.phone[5:8]}"),
        "search: ZIP code": searched(lead.zip_code),
        "search: nothing": searched("qqqq"),
    }

    def opened(address: str) -> Callable[[], object]:
        def get() -> object:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
            return answer

        return get

    def summed() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(value) FROM partners_tally WHERE kind = 'signed_up'")
            return cursor.fetchone()

    timed: dict[str, Callable[[], object]] = {
        "unique leads: COUNT(*)": desk.unique_leads,
        "unique leads: sum of tallies": summed,
        "capped count of the new": lambda: desk.capped(desk.waiting()),
    }
    return timed | {name: opened(address) for name, address in addresses.items()}


def milliseconds(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def cost_of_insert() -> dict[str, float]:
    """Server CPU of one INSERT of a candidate in us, with and without the desk's indexes."""
    indexes = ("candidate_by_name", "candidate_by_first_name", "candidate_by_zip_code")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        known = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(indexes)]
        ).fetchall()
        taken: dict[str, list[float]] = {"with": [], "without": []}
        for name in ("with", "without") * 3:
            for index, definition in known:
                connection.execute(f"DROP INDEX IF EXISTS {index}")
                if name == "with":
                    connection.execute(definition)
            taken[name].append(one_insert(connection))
    return {name: statistics.median(values) for name, values in taken.items()}


INSERT = """
INSERT INTO candidates_candidate (id, first_name, last_name, email, email_canonical, zip_code,
    state, office, timeline, motivation, language, door, signed_up_at, stage)
VALUES (gen_random_uuid(), left(%(word)s, 6), right(%(word)s, 8), %(word)s, %(word)s, '60601',
    'IL', 'council', 'later', '', 'en', 'form', now(), 'raised_hand')
"""


def one_insert(connection: psycopg.Connection) -> float:
    words = [f"{os.urandom(16).hex()}@example.org" for _ in range(INSERTS)]
    for word in words[:WARM_UP]:
        connection.execute(INSERT, {"word": word}, prepare=True)
    begun = cpu_seconds(connection)
    for word in words[WARM_UP:]:
        connection.execute(INSERT, {"word": word}, prepare=True)
    return (cpu_seconds(connection) - begun) / (INSERTS - WARM_UP) * 1e6


def cpu_seconds(connection: psycopg.Connection) -> float:
    """Return what the server's process has used; the clock on the wall where it can't be seen."""
    stat = Path(f"/proc/{connection.info.backend_pid}/stat")
    if not stat.exists():
        return time.perf_counter()
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, default=1_000_000)
    leads = parser.parse_args().leads
    url = os.environ["DATABASE_URL"]
    prepare(url)
    try:
        furnish()
        fill(1, SMALL)
        few = {name: milliseconds(work) for name, work in pages().items()}
        fill(SMALL + 1, leads)
        print(f"{'median of ' + str(ROUNDS) + ', ms':34}{SMALL:>10,}{leads:>12,}{'ratio':>8}")
        for name, work in pages().items():
            many = milliseconds(work)
            print(f"{name:34}{few[name]:10.1f}{many:12.1f}{many / few[name]:8.1f}")
        cost = cost_of_insert()
        ratio = cost["with"] / cost["without"]
        print(f"CPU of one INSERT of a candidate: {cost['without']:.0f} us without the desk's "
              f"three indexes, {cost['with']:.0f} us with them ({ratio:.2f})")  # fmt: skip
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
