"""Who comes on the day: invented people with their habits, and the machines among them."""

import enum
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from candidates.models.candidates import Office, Timeline

FIRST_NAMES = ("Alex", "Bea", "Chris", "Dana", "Émile", "Frankie", "Gabi", "Iñaki", "Jules")
LAST_NAMES = ("Example", "Sample", "Invented", "O'Placeholder", "Made-Up", "Imaginary")
ZIP_CODES = ("10001", "60601", "77002-1234", "90012", "30303", "00901", "99501", "02108", "73301")
MOTIVATIONS = ("", "Buses that come.", "Más bibliotecas.", "<b>Water</b> & air")
PHONE_BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{0} like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.{0} Mobile/15E{1} Safari/604.1"
)
DESK_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/13{0}.0.{1}.0 Safari/537.36"
)
CRAWLERS = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
)


class Habit(enum.StrEnum):
    """What somebody does besides filling in the form."""

    PLAIN = "plain"
    FORGETS_CONSENT = "forgets the tick box"
    MISTYPES_ZIP = "mistypes the ZIP code"
    MISTYPES_EMAIL = "mistypes the address"
    PRESSES_TWICE = "presses the button twice at once"
    COMES_BACK = "signs up again"
    COMES_BACK_SHOUTING = "signs up again, address in capitals"
    COMES_BACK_BY_LINK = "signs up again through another link"
    BORROWS_PHONE = "types somebody else's phone number"


# Out of a hundred; everybody else is plain.
HABITS = {
    Habit.FORGETS_CONSENT: 4,
    Habit.MISTYPES_ZIP: 3,
    Habit.MISTYPES_EMAIL: 3,
    Habit.PRESSES_TWICE: 3,
    Habit.COMES_BACK: 2,
    Habit.COMES_BACK_SHOUTING: 2,
    Habit.COMES_BACK_BY_LINK: 2,
    Habit.BORROWS_PHONE: 1,
}


class Machine(enum.StrEnum):
    """What comes and is nobody."""

    CRAWLER = "crawls a link"
    HEADER = "asks for the headers of a link"
    SPAMMER = "fills in the hidden field"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who raises a hand. `codes` are the links they come through, oldest first."""

    number: int
    answers: dict[str, str]
    codes: tuple[str, ...]
    expected_code: str
    later_code: str
    habit: Habit
    is_spanish: bool
    will_confirm: bool
    is_scanned: bool
    browser: str

    @property
    def email(self) -> str:
        return self.answers["email"]


@dataclass(frozen=True, slots=True)
class Bot:
    """A machine, and the link or the answers that it uses."""

    number: int
    kind: Machine
    code: str
    browser: str
    answers: dict[str, str] = field(default_factory=dict)


Actor = Person | Bot


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a cast is made from: the same recipe gives the same cast."""

    people: int
    run: int
    codes: Sequence[str]
    confirming: float = 0.6

    def cast(self) -> list[Actor]:
        """Return everybody in the order in which they come."""
        chance = random.Random(f"{self.run}/{self.people}")  # noqa: S311 - invents people
        weights = [1 / (1 + rank) ** 0.7 for rank in range(len(self.codes))]
        codes = chance.sample(list(self.codes), len(self.codes))
        people = [_person(self, n, chance, (codes, weights)) for n in range(self.people)]
        bots = [_bot(self, n, chance, codes) for n in range(-(-self.people // 20))]
        actors: list[Actor] = [*people]
        for bot in bots:
            actors.insert(chance.randrange(len(actors) + 1), bot)
        return actors


Weighted = tuple[Sequence[str], Sequence[float]]


def _person(recipe: Recipe, number: int, chance: random.Random, links: Weighted) -> Person:
    habit = chance.choices([*HABITS, Habit.PLAIN], [*HABITS.values(), 100 - sum(HABITS.values())])
    codes, expected = _codes(chance, links)
    borrows = habit[0] is Habit.BORROWS_PHONE and number > 0
    return Person(
        number=number,
        answers=_answers(recipe, number, chance, borrows=borrows),
        codes=codes,
        expected_code=expected,
        later_code=_one(chance, links),
        habit=Habit.PLAIN if habit[0] is Habit.BORROWS_PHONE and not borrows else habit[0],
        is_spanish=chance.random() < 0.12,
        will_confirm=chance.random() < recipe.confirming,
        is_scanned=chance.random() < 0.3,
        browser=chance.choice((PHONE_BROWSER, DESK_BROWSER)).format(number % 7, 1000 + number),
    )


def _one(chance: random.Random, links: Weighted) -> str:
    return chance.choices(*links)[0]


def _codes(chance: random.Random, links: Weighted) -> tuple[tuple[str, ...], str]:
    """Return the codes as they are typed, and the one that must be credited; none is organic."""
    known, other, dice = _one(chance, links), _one(chance, links), chance.random()
    if dice < 0.16:
        return (), ""
    if dice < 0.19:
        return (f"{known}x9",), ""
    if dice < 0.21:
        return (known, f"{known}x9"), known
    if dice < 0.25:
        return (other, known), known
    if dice < 0.28:
        return (known.upper().replace("-", "_"),), known
    return (known,), known


def _answers(
    recipe: Recipe, number: int, chance: random.Random, *, borrows: bool
) -> dict[str, str]:
    """Return what the browser sends."""
    phone = phone_of(recipe.run, number - 1 if borrows else number)
    return {
        "first_name": chance.choice(FIRST_NAMES),
        "last_name": chance.choice(LAST_NAMES),
        "email": f"person-{number}.run-{recipe.run}@example.org",
        "zip_code": chance.choice(ZIP_CODES),
        "phone": phone if borrows or number % 2 == 0 else "",
        "office": chance.choice(Office.values),
        "timeline": chance.choice(Timeline.values),
        "motivation": chance.choice(MOTIVATIONS),
        "contact_consent": "on",
        "website": "",
    }


def phone_of(run: int, number: int) -> str:
    """Return a number of the exchange 555, which rings nowhere: another for each run and person."""
    place = (run * 10_000 + number) % 8_000_000
    return f"{200 + place // 10_000}-555-{place % 10_000:04}"


def _bot(recipe: Recipe, number: int, chance: random.Random, codes: Sequence[str]) -> Bot:
    kind = list(Machine)[number % len(Machine)]
    spam = _answers(recipe, number, chance, borrows=False) | {
        "email": f"spam-{number}.run-{recipe.run}@example.org",
        "phone": "",
        "website": "https://spam.example.org/",
    }
    is_crawler = kind is Machine.CRAWLER
    return Bot(
        number=number,
        kind=kind,
        code=chance.choice(codes),
        browser=CRAWLERS[number % len(CRAWLERS)] if is_crawler else DESK_BROWSER.format(9, number),
        answers=spam if kind is Machine.SPAMMER else {},
    )
