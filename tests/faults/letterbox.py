"""What the mail server of a world wrote down, and the orders that it is given."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from candidates.audit.mails import LETTER, Arrived
from recruit.local import processes


class Letterbox:
    def __init__(self, folder: Path) -> None:
        self.log, self.orders = folder / "letters.jsonl", folder / "orders.json"
        self.log.touch()
        self.order()

    def order(self, **orders: object) -> None:
        """All that it does wrong from now on: nothing, when nothing is said."""
        draft = self.orders.with_suffix(".new")
        draft.write_text(json.dumps(orders))
        draft.replace(self.orders)

    def lines(self, event: str) -> Iterator[dict[str, Any]]:
        for line in self.log.read_text().splitlines():
            found = json.loads(line)
            if found["event"] == event:
                yield found

    def number(self, event: str = "letter") -> int:
        return self.log.read_bytes().count(f'{{"event": "{event}"'.encode())

    def wait_for(self, number: int, *, event: str = "letter", seconds: float = 60) -> bool:
        """Whether so many came in time."""
        return processes.wait_until(
            lambda: self.number(event) >= number, seconds=seconds, pause=0.02
        )

    def arrived(self) -> Arrived:
        """Return what the audit wants to know."""
        arrived = Arrived(Counter(), {}, defaultdict(set))
        for letter in self.lines("letter"):
            name = LETTER.match(letter["message_id"])
            if name and letter["is_bulk"]:
                arrived.deliveries[name[1]] += 1
                arrived.readers[name[1]] = letter["to"]
            else:
                arrived.subjects[letter["subject"]].add(letter["message_id"])
        return arrived
