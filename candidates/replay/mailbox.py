"""Opens the mail that really arrived, and does with its link what people and scanners do."""

import os
import queue
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from email import policy
from email.parser import BytesParser
from email.utils import parseaddr
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from candidates.replay.browser import Browser, Line
from candidates.replay.cast import Person
from candidates.replay.history import History

CONFIRM = re.compile(r"https?://\S+/confirm/[^/\s]+/")
SCANNER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 MailScanner/1.0"
LOOK_SECONDS = 0.5
READERS = 4


class Reading(ABC):
    """People read their mail, READERS at a time, and do what they do with its link."""

    def __init__(self, *, people: Mapping[str, Person], history: History) -> None:
        self.people, self.history = people, history
        self._over = threading.Event()
        self._arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.patience_seconds = 120

    def close(self) -> None:
        self._over.set()

    def watch(self) -> None:
        """Notice what comes in until the day is over."""
        while not self._over.is_set():
            for mail in self._new():
                self._arrived.put(mail)
            self._over.wait(LOOK_SECONDS)
        for _reader in range(READERS):
            self._arrived.put(None)

    def read(self, line: Line) -> None:
        """Open one mail after the other; READERS do this at a time."""
        while mail := self._arrived.get():
            self._open(mail, line)
        line.close()

    @abstractmethod
    def _new(self) -> Iterable[Any]:
        """Return the mails that came since the last look."""

    @abstractmethod
    def _open(self, mail: Any, line: Line) -> None:
        """Do with one of them what its reader does."""

    def _use(self, person: Person, path: str, line: Line) -> None:
        if person.is_scanned:
            answer = Browser(line, SCANNER).get(path)
            if answer.status == HTTPStatus.OK:
                self.history.opened(person.email, by_scanner=True)
        if person.will_confirm and person.email not in self.history.confirmed:
            self._confirm(person, path, Browser(line, person.browser))

    def _confirm(self, person: Person, path: str, browser: Browser) -> None:
        until = time.monotonic() + self.patience_seconds
        while time.monotonic() < until:
            browser.get(path)
            answer = browser.post(path, {})
            if answer.status == HTTPStatus.OK:
                self.history.opened(person.email, by_scanner=False)
                return
            if not answer.is_worth_another_try:
                self.history.surprised(f"confirming was answered {answer.status}")
                return
            time.sleep(1)
        self.history.surprised("somebody could not confirm")


class Mailbox(Reading):
    """Everybody's mailbox in one folder: see candidates.outbox."""

    def __init__(self, *, folder: Path, people: Mapping[str, Person], history: History) -> None:
        super().__init__(people=people, history=history)
        self.folder = folder
        self._seen = {entry.name for entry in self._entries()}

    def _new(self) -> Iterator[Path]:
        for entry in self._entries():
            if entry.name not in self._seen:
                self._seen.add(entry.name)
                yield Path(entry.path)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        if self.folder.exists():
            with os.scandir(self.folder) as entries:
                yield from (entry for entry in entries if entry.name.endswith(".eml"))

    def _open(self, mail: Path, line: Line) -> None:
        message = BytesParser(policy=policy.default).parsebytes(mail.read_bytes())
        person = self.people.get(parseaddr(str(message["To"]))[1])
        part = message.get_body(("plain",))
        link = CONFIRM.search(str(part.get_content())) if person and part else None
        if person and link:
            self._use(person, urlsplit(link[0]).path, line)
