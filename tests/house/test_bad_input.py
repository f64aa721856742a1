"""Whatever is sent to a door of ours, the answer is in words and never an error of ours."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from candidates import keys
from candidates.models import Candidate
from candidates.signup import Answers
from partners.models import Drive, ReferralLink, User
from recruit.wsgi import application
from tests.conftest import SignUp

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=B"
DOORS = [
    "/",
    "/es/",
    "/thanks/",
    "/privacy/",
    "/live/",
    "/confirm/{confirm}/",
    "/confirm/x.y/",
    "/unsubscribe/{unsubscribe}/",
    "/unsubscribe/%00/",
    "/r/teach-ig",
    "/r/%F0%9F%98%80%00%ED%A0%80%FF",
    "/totals.json",
    "/healthz",
    "/log-in/",
    "/new-password/",
    "/partners/",
    "/admin/login/",
    "/nowhere/%FF",
]
CHARSETS = [
    *("utf-7", "utf-16", "utf-32", "cp037", "idna", "punycode", "no-such-charset", "undefined"),
    *("unicode_escape", "raw_unicode_escape", "rot13", "hex", "zlib", "bz2"),
]
HALF = "%ED%A0%80"  # of a pair of surrogates, as UTF-8 would write it
ODD_QUERIES = {
    "NUL": "first_name=%00&source=%00&next=%00",
    "half a character": f"first_name={HALF}&source={HALF}&email={HALF}",
    "no UTF-8": "first_name=%FF%FE&source=%FF&first_name=%C3",
    "5,000 parameters": "&".join(f"a{number}=1" for number in range(5000)),
    "the same again and again": "email=a%40example.org&" * 50,
    "no names": "&&&=&=&;",
}
ODD_HEADERS = {
    "a huge cookie": {"HTTP_COOKIE": "touches=" + "a" * 60_000},
    "a cookie of nonsense": {"HTTP_COOKIE": 'touches="\\303\\251:x"; session=\xff\xfe; csrf=\x01'},
    "a huge language": {"HTTP_ACCEPT_LANGUAGE": "es-" + "a-" * 30_000},
    "languages of nonsense": {"HTTP_ACCEPT_LANGUAGE": "\xff;q=x,*,;q=,es-419;q=9"},
    "another host": {"HTTP_HOST": "evil.example"},
    "no host": {"HTTP_HOST": "\xff\x00"},
    "forwarded by nonsense": {"HTTP_X_FORWARDED_FOR": "," * 5000},
    "a huge browser": {"HTTP_USER_AGENT": "\xff" * 60_000},
    "a length of nonsense": {"CONTENT_LENGTH": "-1"},
    "a length of words": {"CONTENT_LENGTH": "many"},
}
ODD_TYPES = [
    "",
    "/",
    "application/json",
    "text/plain; charset=",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "b" * 500,
    "multipart/form-data; boundary=\xff",
    "x" * 20_000,
    f'{FORM}; charset="utf-7',
    f"{FORM}; charset*=utf-8''utf-7",
    f"{FORM}; charset*0=utf; charset*1=-7",
    f"{FORM}; charset=utf-8; charset=utf-7",
    f"{FORM}; charset=\x00",
    f'{FORM}; x="; charset=utf-8; charset=utf-7',
]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The connection of a test is in a transaction, which a server would end with the request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(method: str, path: str, body: bytes = b"", **environ: str) -> tuple[int, bytes]:
    """Ask as granian does: below Django, where nothing catches what Django lets through."""
    path, _, query = path.partition("?")
    given: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
    }
    setup_testing_defaults(given)
    given |= environ | {"wsgi.input": BytesIO(body)}
    told: list[str] = []
    response = application(given, lambda status, _headers: told.append(status))
    page = b"".join(response)
    getattr(response, "close", lambda: None)()
    return int(told[0][:3]), page


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, sign_up: SignUp, ada: Answers, link: ReferralLink) -> str:
    person = sign_up(ada)
    made = {
        name: keys.make(purpose=name, candidate_id=person.id) for name in ("confirm", "unsubscribe")
    }
    address: str = request.param.format(**made)
    return bytes_of(address)


def bytes_of(address: str) -> str:
    """Return a path as WSGI has it: each byte as one character."""
    head, _, rest = address.partition("%")
    return head + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest.split("%") if rest)


def test_odd_questions(door: str) -> None:
    for name, query in ODD_QUERIES.items():
        assert ask("GET", f"{door}?{query}")[0] < 500, name
        for content_type in (FORM, FORM + "; charset=utf-8", FORM + "; charset=latin-1", PARTS):
            status, _page = ask("POST", door, query.encode(), CONTENT_TYPE=content_type)
            assert status < 500, (name, content_type)


def test_odd_headers(door: str) -> None:
    for name, headers in ODD_HEADERS.items():
        for method in ("GET", "POST"):
            assert ask(method, door, b"first_name=Ada", **headers)[0] < 500, name


def test_odd_types_and_charsets(door: str) -> None:
    odd = [f"{usual}; charset={name}" for usual in (FORM, PARTS) for name in CHARSETS]
    for content_type in ODD_TYPES + odd:
        for method in ("GET", "POST"):
            path = f"{door}?source=%2B2AA-%5Cud800&first_name=%2B2AA-"
            status, _page = ask(method, path, b"first_name=+2AA-", CONTENT_TYPE=content_type)
            assert status < 500, content_type


def test_other_methods(door: str) -> None:
    for method in ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "\xff"):
        assert ask(method, door)[0] < 500, method


@pytest.mark.parametrize("charset", CHARSETS)
def test_another_charset_is_refused_in_words(db: None, charset: str) -> None:
    content_type = f"{FORM}; Charset={charset}"

    status, page = ask("POST", "/", b"first_name=Ada", CONTENT_TYPE=content_type)

    assert (status, b"UTF-8" in page) == (400, True)


@pytest.mark.parametrize("named", ["", "; charset=UTF-8", '; charset="utf-8"', "; charset=latin1"])
@pytest.mark.parametrize("usual", [FORM, PARTS])
def test_what_is_sent_is_read_as_utf8(
    drive: Drive, form_of_ada: dict[str, str], usual: str, named: str
) -> None:
    given = form_of_ada | {"first_name": "Zoë"}
    body = urlencode(given).encode() if usual == FORM else in_parts(given)

    assert ask("POST", "/", body, CONTENT_TYPE=usual + named)[0] == 302
    assert Candidate.objects.get().first_name == "Zoë"


def in_parts(given: dict[str, str]) -> bytes:
    part = '--B\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join([*(part.format(*it) for it in given.items()), "--B--\r\n"]).encode()


def test_a_box_after_the_charset_is_still_found(drive: Drive, form_of_ada: dict[str, str]) -> None:
    content_type = "multipart/form-data; charset=utf-8; boundary=B"

    assert ask("POST", "/", in_parts(form_of_ada), CONTENT_TYPE=content_type)[0] == 302


@pytest.mark.parametrize("door", ["/log-in/", "/admin/login/", "/es/admin/login/"])
def test_a_page_that_was_open_during_another_log_in_says_what_to_do(db: None, door: str) -> None:
    """Its token is an old one: nothing is done, and nothing that was typed need be lost."""
    answer = Client(enforce_csrf_checks=True).post(door, {"username": "sam@example.org"})

    assert answer.status_code == 403
    page = answer.content.decode()
    sentence = "lo que escribiste" if door.startswith("/es/") else "what you typed is usually still"
    assert sentence in page
    assert "css/site.css" in page
    assert "CSRF" not in page


@pytest.mark.parametrize("model", ["candidates/candidate", "partners/drive", "partners/partner"])
@pytest.mark.parametrize(
    "query",
    [
        {"partner": "9" * 5000},
        {"partner": "9" * 40},
        {"partner": "٣"},
        {"stage__exact": "\0"},
        {"q": "\0"},
        {"q": "\ud800".encode(errors="surrogatepass")},
        {"q": "gAAAAA"},
        {"state": "\0"},
        {"p": "9" * 30},
        {"o": "9" * 30},
        {"e": "1"},
    ],
)
def test_no_filter_of_the_desk_breaks_it(
    staffer: User, drive: Drive, model: str, query: dict[str, Any]
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(staffer)

    assert client.get(f"/admin/{model}/", query).status_code < 500
    assert client.post(f"/admin/{model}/", query, follow=True).status_code < 500
