"""Every address of ours: who may open it, and that opening it changes nothing."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from candidates import keys
from candidates.models import Candidate
from candidates.signup import Answers
from partners import hooks
from partners.models import Drive, Endpoint, Member, Partner, ReferralLink, StaffLook, User
from partners.models.hooks import Event
from tests import authenticator
from tests.conftest import SignUp

ANYONE = {"anonymous": 200, "member": 200, "stranger": 200, "staff": 200}
# Only a button leads there; who is not logged in is asked to be first.
POSTED = {"anonymous": 302, "member": 405, "stranger": 405, "staff": 405}
# Who gets what at each address; one that is not named here fails the test.
TABLE = {
    "machines:redirect": dict.fromkeys(ANYONE, 302),
    "machines:embed-script": ANYONE,
    "machines:totals": ANYONE,
    "machines:healthz": ANYONE,
    "candidates:home": ANYONE,
    "candidates:thanks": ANYONE,
    "candidates:privacy": ANYONE,
    "candidates:embed": ANYONE,
    "candidates:embed-thanks": ANYONE,
    "candidates:confirm": ANYONE,
    "candidates:unsubscribe": ANYONE,
    "candidates:sharing": ANYONE,
    "candidates:mail-events": dict.fromkeys(ANYONE, 405),
    "candidates:leads": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "candidates:exports": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "candidates:ask-for-export": POSTED,
    "candidates:download-export": POSTED,
    "machines:drive-totals": ANYONE,
    "machines:badge": ANYONE,
    "machines:partner-badge": ANYONE,
    "machines:drive-badge": ANYONE,
    "machines:picture": ANYONE,
    "machines:partner-picture": ANYONE,
    "machines:drive-picture": ANYONE,
    "partners:live": ANYONE,
    "partners:corrections": ANYONE,
    "partners:drives": ANYONE,
    "partners:drive": ANYONE,
    "partners:embed-thermometer": ANYONE,
    "partners:log-in": {"anonymous": 200, "member": 302, "stranger": 302, "staff": 302},
    "partners:log-in-code": dict.fromkeys(ANYONE, 302),
    "partners:log-out": dict.fromkeys(ANYONE, 405),
    "partners:password-reset": ANYONE,
    "partners:password-reset-sent": ANYONE,
    "partners:password-reset-confirm": ANYONE,
    "partners:password-reset-complete": ANYONE,
    "partners:join": dict.fromkeys(ANYONE, 404),
    "partners:partner-with-us": ANYONE,
    "partners:partner-with-us-thanks": ANYONE,
    "partners:stop-letters": dict.fromkeys(ANYONE, 404),
    "partners:account": {"anonymous": 302, "member": 200, "stranger": 200, "staff": 200},
    "partners:second-step": {"anonymous": 302, "member": 200, "stranger": 200, "staff": 200},
    "partners:members": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:invite": POSTED,
    "partners:lend-name": POSTED,
    "partners:withdraw-invitation": POSTED,
    "partners:change-role": POSTED,
    "partners:remove-member": POSTED,
    "partners:dashboard": {"anonymous": 302, "member": 302, "stranger": 302, "staff": 200},
    "partners:partner-dashboard": {
        "anonymous": 302,
        "member": 200,
        "stranger": 404,
        "staff": 200,
    },
    "partners:embed": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:ranking": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:hooks": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:hook-new": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 403},
    "partners:hook": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:links": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:link-new": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 403},
    "partners:link": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:link-qr": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
    "partners:link-qr-png": {"anonymous": 302, "member": 200, "stranger": 404, "staff": 200},
}
COUNTS = (
    "partners:live",
    "partners:drives",
    "partners:drive",
    "machines:totals",
    "machines:drive-totals",
    "machines:badge",
    "machines:picture",
)


def ours(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for it in patterns:
        if isinstance(it, URLPattern):
            yield f"{space}{it.name}"
        elif it.namespace != "admin":
            yield from ours(it.url_patterns, space + (f"{it.namespace}:" if it.namespace else ""))


@pytest.fixture
def endpoint(partner: Partner, organiser: User) -> Endpoint:
    return hooks.make(
        partner=partner,
        address="https://hooks.example.org/rfs",
        dialect=Endpoint.Dialect.SIGNED,
        kinds=[Event.LEAD_CREATED],
        author=organiser,
        language="en",
        now=timezone.now(),
    )


@pytest.fixture
def arguments(
    sign_up: SignUp, ada: Answers, link: ReferralLink, endpoint: Endpoint, drive: Drive
) -> dict[str, object]:
    candidate = sign_up(ada)
    drive.milestones.create(scope="day", target=2_000)
    return {
        "machines:redirect": ["teach-ig"],
        "candidates:confirm": [keys.make(purpose="confirm", candidate_id=candidate.id)],
        "candidates:unsubscribe": [keys.make(purpose="unsubscribe", candidate_id=candidate.id)],
        "candidates:leads": ["teachers"],
        "candidates:exports": ["teachers"],
        "candidates:ask-for-export": ["teachers"],
        "candidates:download-export": ["teachers", "leads", uuid4()],
        "candidates:sharing": [keys.make(purpose="sharing", candidate_id=candidate.id)],
        "machines:drive-totals": ["day-2026"],
        "machines:partner-badge": ["teach-ig"],
        "machines:drive-badge": ["day-2026"],
        "machines:partner-picture": ["teach-ig"],
        "machines:drive-picture": ["day-2026"],
        "partners:drive": ["day-2026"],
        "partners:password-reset-confirm": ["MQ", "never-made"],
        "partners:join": ["never-made"],
        "partners:stop-letters": ["wants_digest", "never-made"],
        "partners:members": ["teachers"],
        "partners:invite": ["teachers"],
        "partners:lend-name": ["teachers"],
        "partners:withdraw-invitation": ["teachers", UUID(int=1)],
        "partners:change-role": ["teachers", 1],
        "partners:remove-member": ["teachers", 1],
        "partners:partner-dashboard": ["teachers"],
        "candidates:embed": ["teach-ig"],
        "candidates:embed-thanks": ["teach-ig"],
        "partners:embed-thermometer": ["teach-ig"],
        "partners:embed": ["teachers"],
        "partners:ranking": ["teachers"],
        "partners:hooks": ["teachers"],
        "partners:hook-new": ["teachers"],
        "partners:hook": ["teachers", endpoint.pk],
        "partners:links": ["teachers"],
        "partners:link-new": ["teachers"],
        "partners:link": ["teachers", "teach-ig"],
        "partners:link-qr": ["teachers", "teach-ig"],
        "partners:link-qr-png": ["teachers", "teach-ig"],
    }


@pytest.fixture
def people(organiser: User, staffer: User) -> dict[str, Client]:
    stranger = User.objects.create_user("other@example.org", "a-long-password")
    nurses = Partner.objects.create(name="Example Nurses", slug="nurses")
    Member.objects.create(user=stranger, partner=nurses)
    clients = {role: Client() for role in ANYONE}
    for role, user in {"member": organiser, "stranger": stranger, "staff": staffer}.items():
        clients[role].force_login(user)
    return clients


def everything() -> dict[str, object]:
    """Every row of every table of ours, save for the log-in times and sessions of these tests.

    One table is left out: that RFS staff looked at a partner's pages is logged by their looking.
    """
    ours = ("candidates", "partners")
    kept = [
        model
        for model in apps.get_models()
        if model._meta.app_label in ours and model is not StaffLook
    ]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in kept}


def test_the_table_names_every_address() -> None:
    assert set(ours(get_resolver().url_patterns)) == set(TABLE)


def test_each_role_gets_what_the_table_says_and_nothing_changes(
    people: dict[str, Client], arguments: dict[str, object]
) -> None:
    before = everything()
    for language in ("en", "es"):
        for name, expected in TABLE.items():
            with translation.override(language):
                address = reverse(name, args=arguments.get(name, []))
            got = {role: client.get(address).status_code for role, client in people.items()}
            assert got == expected, address

    assert everything() == before


def desk_addresses() -> Iterator[str]:
    """Yield an address for every pattern of the admin, whatever it leads to."""
    values = {"IntConverter": 1, "UUIDConverter": UUID(int=1)}
    for it in admin.site.get_urls():
        for pattern in it.url_patterns if isinstance(it, URLResolver) else [it]:
            if pattern.name == "app_list":
                yield reverse("admin:app_list", args=["partners"])
            elif pattern.name:
                kinds = [type(of).__name__ for of in pattern.pattern.converters.values()]
                arguments = [values.get(kind, "1") for kind in kinds]
                yield reverse(f"admin:{pattern.name}", args=arguments)


def test_a_password_alone_opens_nothing_for_who_has_a_second_step(
    staffer: User, arguments: dict[str, object]
) -> None:
    authenticator.turn_on(staffer)
    nobody, half_way = Client(), Client()
    answer = half_way.post("/log-in/", {"username": staffer.email, "password": "a-long-password"})
    asked = reverse("partners:log-in-code")
    assert answer["Location"] == asked
    assert half_way.get(asked).status_code == 200

    desk = set(desk_addresses()) - {reverse("admin:login")}
    ours = {reverse(name, args=arguments.get(name, [])) for name in TABLE} - {asked}
    got = {it: (half_way.get(it), nobody.get(it)) for it in desk | ours}

    different = {it: each for it, each in got.items() if each[0].status_code != each[1].status_code}
    assert different == {}
    assert len(desk) > 60
    led_to = {got[it][0]["Location"].partition("?")[0] for it in desk}
    assert led_to == {reverse("admin:login"), reverse("admin:index")}  # the latter by logging out
    assert "_auth_user_id" not in half_way.session


def test_every_answer_carries_the_strict_policies(
    people: dict[str, Client], arguments: dict[str, object]
) -> None:
    for name in [*TABLE, "admin:index"]:
        response = people["staff"].get(reverse(name, args=arguments.get(name, [])))

        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_public_pages_set_no_cookie_and_read_no_session(
    client: Client, arguments: dict[str, object], drive: Drive
) -> None:
    for name in TABLE:
        if name.startswith("candidates:") or name in COUNTS:
            response = client.get(reverse(name, args=arguments.get(name, [])))
            assert not response.cookies, name


def test_no_page_is_kept_once_for_each_way_of_writing_ones_languages(
    client: Client, arguments: dict[str, object], drive: Drive
) -> None:
    for name in TABLE:
        address = reverse(name, args=arguments.get(name, []))
        response = client.get(address, headers={"Accept-Language": "es-MX, es;q=0.9"})
        assert "Accept-Language" not in response.get("Vary", ""), name


def test_no_public_page_names_a_candidate(client: Client, arguments: dict[str, object]) -> None:
    candidate = Candidate.objects.get()
    candidate.last_name = candidate.first_name = "Tokenish"
    candidate.save()

    for name in TABLE:
        page = client.get(reverse(name, args=arguments.get(name, [])))
        assert b"Tokenish" not in page.content, name
