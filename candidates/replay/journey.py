"""What each of those who come does, one request after the other."""

import threading
import time
from dataclasses import dataclass
from html import escape
from http import HTTPStatus

from candidates.replay.browser import Answer, Browser, Line
from candidates.replay.cast import Actor, Bot, Habit, Machine, Person
from candidates.replay.history import History

MISTAKES = {
    Habit.FORGETS_CONSENT: {"contact_consent": ""},
    Habit.MISTYPES_ZIP: {"zip_code": "1000"},
    Habit.MISTYPES_EMAIL: {"email": "person at example"},
}
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Site:
    """Where the site is, and what is written down of being there."""

    base_url: str
    history: History
    codes: frozenset[str]

    def come(self, actor: Actor, line: Line) -> None:
        try:
            if isinstance(actor, Bot):
                _pester(self, actor, Browser(line, actor.browser))
            else:
                _raise_hand(self, actor, Browser(line, actor.browser))
        finally:
            self.history.finish()

    def is_known(self, code: str) -> bool:
        return code.lower().replace("_", "-") in self.codes


def _pester(site: Site, bot: Bot, browser: Browser) -> None:
    if bot.kind is Machine.SPAMMER:
        _spam(site, bot, browser)
        return
    path = f"/r/{bot.code}"
    answer = browser.get(path) if bot.kind is Machine.CRAWLER else browser.head(path)
    if answer.status == HTTPStatus.FOUND:
        site.history.visited(bot.code, bot.browser, is_known=True, is_human=False)


def _spam(site: Site, bot: Bot, browser: Browser) -> None:
    answer = browser.post("/", bot.answers)
    if answer.status != HTTPStatus.UNPROCESSABLE_ENTITY:
        site.history.surprised(f"the hidden field was filled in, and the answer {answer.status}")
    site.history.turned_away(bot.answers["email"])


def _raise_hand(site: Site, person: Person, browser: Browser) -> None:
    for code in person.codes:
        _arrive(site, code, browser)
    path = "/es/" if person.is_spanish else "/"
    _expect(site, browser.get(path), HTTPStatus.OK, f"GET {path}")
    if person.habit in MISTAKES:
        _err(site, person, browser, path)
    other = _second_finger(site, person, browser, path)
    _press(site, person, browser, path, person.answers)
    if other:
        other.join()
    _come_back(site, person, browser, path)


def _arrive(site: Site, code: str, browser: Browser) -> None:
    answer = browser.get(f"/r/{code}")
    _expect(site, answer, HTTPStatus.FOUND, "GET /r/")
    if answer.status == HTTPStatus.FOUND:
        known = site.is_known(code)
        site.history.visited(code, browser.name, is_known=known, is_human=True)


def _expect(site: Site, answer: Answer, status: int, what: str) -> None:
    if answer.status != status and not answer.is_worth_another_try:
        site.history.surprised(f"{what} answered {answer.status}")


def _err(site: Site, person: Person, browser: Browser, path: str) -> None:
    """Make a mistake: everything typed must come back, with the same status every time."""
    answer = browser.post(path, person.answers | MISTAKES[person.habit])
    _expect(site, answer, HTTPStatus.UNPROCESSABLE_ENTITY, f"somebody who {person.habit}")
    typed = escape(person.answers["last_name"]).encode()
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY and typed not in answer.body:
        site.history.surprised(f"somebody who {person.habit} lost what they had typed")
    site.history.refused(person.habit)


def _second_finger(
    site: Site, person: Person, browser: Browser, path: str
) -> threading.Thread | None:
    """The same POST at the same moment, on another connection."""
    if person.habit is not Habit.PRESSES_TWICE:
        return None

    def press() -> None:
        line = Line(base_url=site.base_url)
        twin = Browser(line, browser.name, dict(browser.cookies))
        _press(site, person, twin, path, person.answers)
        line.close()

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    return thread


def _press(
    site: Site, person: Person, browser: Browser, path: str, answers: dict[str, str]
) -> None:
    """Press the button until the site keeps the answers, or patience ends."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        answer = browser.post(path, answers)
        if not answer.is_worth_another_try:
            _look(site, person, answer)
            return
        site.history.pressed_again(person, answer)
        time.sleep(1)
    site.history.lost(person)


def _look(site: Site, person: Person, answer: Answer) -> None:
    if answer.status == HTTPStatus.FOUND and answer.location.endswith("/thanks/"):
        site.history.took(person, answer)
    else:
        site.history.surprised(f"a sign-up was answered {answer.status}")
        site.history.lost(person)


def _come_back(site: Site, person: Person, browser: Browser, path: str) -> None:
    """The same person again: the same answer, and nothing counted."""
    if person.habit is Habit.COMES_BACK_BY_LINK:
        _arrive(site, person.later_code, browser)
    if person.habit is Habit.COMES_BACK_SHOUTING:
        _press(site, person, browser, path, person.answers | {"email": person.email.upper()})
    elif person.habit in (Habit.COMES_BACK, Habit.COMES_BACK_BY_LINK):
        _press(site, person, browser, path, person.answers | {"motivation": "One more thing."})
