"""People who opt out while their mails are being sent."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from candidates import keys
from candidates.audit.check import Check, none, rows
from candidates.replay.browser import Browser, Line
from recruit.local import processes
from tests.faults import auditing, witness
from tests.faults.scenes.mailing import owe
from tests.faults.world import World

# As many in a second as mails leave, so that either may come first.
READERS, READER_SECONDS, MAIL_SECONDS = 4, 0.08, 0.04
# From the row that says a mail has begun to the mail server noting it: the first letter of a
# worker is composed in between, and a machine may be busy.
ON_ITS_WAY_SECONDS = 3
PEOPLE = """
SELECT person.id, person.email FROM candidates_candidate AS person ORDER BY person.id
"""


def opt_outs(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """Everybody presses the link of their mail program, at the pace at which mails leave."""
    people = {"twin": 60, "quick": 100, "full": 1000}[size]
    owe(world, people)
    world.site.open_web()
    world.letters.order(pace=MAIL_SECONDS)
    everybody = chance.sample(rows(PEOPLE), people)
    world.site.start_workers()
    processes.wait_until(lambda: len(witness.begun()) > 2, seconds=60)
    with ThreadPoolExecutor(READERS) as readers:
        answers = dict(readers.map(lambda person: _opt_out(world, *person), everybody))
    auditing.settle(seconds=60)
    processes.wait_until(lambda: world.letters.number() >= len(witness.begun()), seconds=10)
    yield none("opt-outs that were not answered 200", sum(not at for at in answers.values()))
    to_them = (it for it in world.letters.lines("letter") if it["to"] in answers)
    late = [it for it in to_them if it["at"] > _too_late(answers, it["to"])]
    yield none("mails that came long after the opt-out was answered", len(late))
    yield none("mails begun after the opt-out committed", witness.begun_after_opt_out())
    never = people - len(world.letters.arrived().deliveries)
    both = people // 20 <= never <= people - people // 20
    yield Check("opt-outs that came first, of all", f"some of {people}", never, within=both)
    yield from auditing.always(world)
    world.tell(f"{people:,} opt-outs against as many mails: {never} came before their mail began")


def _opt_out(world: World, candidate_id: object, email: str) -> tuple[str, float]:
    """Return when it was answered; 0 where it was not."""
    key = keys.make(purpose="unsubscribe", candidate_id=candidate_id)
    line = Line(base_url=world.base_url)
    answer = Browser(line, "a mail program").post(f"/unsubscribe/{key}/", {})
    answered_at = time.time()
    line.close()
    time.sleep(READER_SECONDS)
    return email, answered_at if answer.status == HTTPStatus.OK else 0.0


def _too_late(answers: dict[str, float], email: str) -> float:
    return answers[email] + ON_ITS_WAY_SECONDS
