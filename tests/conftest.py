"""People and things that the tests speak of."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import hypothesis
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from candidates import disguises, sequences, shipping, signup, suspicion, wording
from candidates.consent import Agreement
from candidates.followups import grounding
from candidates.models import Candidate, Consent
from candidates.signup import Answers
from candidates.views import home, sheet
from candidates.war_room import looking
from partners import archive, courses, drives, links, pictures, ranking, throttling, totals, visits
from partners.models import Drive, Member, Partner, ReferralLink, User
from partners.touches import Touch
from recruit import valkey

pytest_plugins = ["tests.sink", "tests.provider", "tests.chromium", "tests.pictures"]

# How long an example took says who else was at the machine, and nothing of the code.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


@contextmanager
def held_elsewhere(lock: int) -> Iterator[None]:
    """Another process holds this advisory lock."""
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock])
        yield
        # Closing alone lets go a moment later: when PostgreSQL notices.
        cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="as many faults and seeds as promised")
    parser.addoption("--seed", type=int, help="the same again (a number that was printed)")


NOON = datetime(2026, 11, 14, 17, 0, tzinfo=UTC)  # in New York
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)


EMPTY = """
DO $$
DECLARE name text; is_full boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY string_to_array('{tables}', ' ') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_full;
        IF is_full THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
END $$
"""
# What migrate writes of each model is the same for all tests.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_fast() -> Iterator[None]:
    """Truncating all tables, most of them empty, and migrating nothing took 20 times longer."""
    flush = TransactionTestCase._fixture_teardown

    def empty(case: TransactionTestCase) -> None:
        if _may_pass_triggers():
            _empty_tables()
        else:
            flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@cache
def _may_pass_triggers() -> bool:
    """The user of our own server may; that of a named DATABASE_URL perhaps not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


def _empty_tables() -> None:
    """Empty what is not empty; no trigger of the ledger and no foreign key is asked."""
    tables = set(connection.introspection.django_table_names()) - KEPT
    with connection.cursor() as cursor:
        cursor.execute(EMPTY.format(tables=" ".join(sorted(tables))))


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process keeps in memory for a second must not travel from test to test."""
    for module in (
        archive,
        courses,
        drives,
        links,
        pictures,
        ranking,
        totals,
        suspicion,
        disguises,
        sequences,
        looking,
    ):
        module.forget()
    home._pages.forget()
    sheet.blank.cache_clear()
    valkey.client.delete(grounding.KEY)
    visits._waiting.clear()
    for tried in valkey.client.scan_iter(f"{throttling.PREFIX}*"):
        valkey.client.delete(tried)
    translation.deactivate()  # the language of the page that the last test opened


@pytest.fixture(autouse=True)
def _passwords_hash_fast(settings: LazySettings) -> None:
    """A hash that is slow on purpose takes a quarter of a second for each user and each log-in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _what_ships(request: pytest.FixtureRequest) -> None:
    """A test that commits empties the tables afterwards, of what a migration wrote too."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker and marker.kwargs.get("transaction")
    if commits or {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("transactional_db")
        texts = wording.shipped()
        shipping.ship(get_model=apps.get_model, texts=texts, now=NOON - timedelta(days=30))


@pytest.fixture
def redis() -> None:
    """An empty Redis: the same throw-away server for all tests."""
    valkey.client.flushall()


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Redis answers this process; Celery has connections of its own."""
    nowhere = Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(valkey, "client", nowhere)


@pytest.fixture
def only_we_flush() -> Iterator[None]:
    """What was noted waits for the test itself: this process's own flusher stays out."""
    with visits._flusher:
        visits._waiting.clear()
        yield
        visits._waiting.clear()


@pytest.fixture
def drive(db: None) -> Drive:
    return Drive.objects.create(
        name="National Run for Office Day",
        slug="day-2026",
        day_on=NOON.date(),
        opens_at=NOON - timedelta(days=30),
        baseline=12_985,
    )


@pytest.fixture
def partner(db: None) -> Partner:
    return Partner.objects.create(name="Example Teachers Alliance", slug="teachers")


@pytest.fixture
def link(partner: Partner) -> ReferralLink:
    return ReferralLink.objects.create(
        partner=partner, code="teach-ig", label="Instagram bio", channel="instagram"
    )


@pytest.fixture
def organiser(partner: Partner) -> User:
    user = User.objects.create_user(
        "organiser@example.org", "a-long-password", full_name="Olu Organ"
    )
    Member.objects.create(user=user, partner=partner, role=Member.Role.MANAGER)
    return user


@pytest.fixture
def staffer(db: None) -> User:
    return User.objects.create_superuser(
        "staff@example.org", "a-long-password", full_name="Sam Staff"
    )


@pytest.fixture
def ada() -> Answers:
    return Answers(
        first_name="Ada",
        last_name="Example",
        email="ada@example.org",
        zip_code="10001",
        office="council",
        timeline="this_cycle",
    )


SignUp = Callable[..., Candidate]


@pytest.fixture
def sign_up(drive: Drive) -> SignUp:
    """Sign somebody up through the one call that every door makes, and return the candidate."""

    def sign_up(answers: Answers, *codes: str, at: datetime = NOON) -> Candidate:
        signup.sign_up(
            answers=answers,
            agreements=[Agreement(Consent.Purpose.CONTACT, "You may write to me.")],
            touches=[Touch(code, "", at - timedelta(minutes=5)) for code in codes],
            now=at,
        )
        return Candidate.objects.get(email_canonical=answers.email.lower())

    return sign_up


@pytest.fixture
def form_of_ada() -> dict[str, str]:
    """What the browser posts for Ada."""
    return {
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.org",
        "zip_code": "10001",
        "phone": "",
        "office": "council",
        "timeline": "this_cycle",
        "motivation": "Buses that come.",
        "contact_consent": "on",
        "website": "",
    }
