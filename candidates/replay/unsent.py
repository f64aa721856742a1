"""The mailbox of a rehearsal: nobody is mailed, so people find their link by the unsent row."""

from collections.abc import Iterator, Mapping

from django.db import connection
from django.urls import reverse

from candidates import keys
from candidates.models import FollowUp
from candidates.replay.browser import Line
from candidates.replay.cast import Person
from candidates.replay.history import History
from candidates.replay.mailbox import Reading

Mail = tuple[str, str]


class Unsent(Reading):
    """Everybody's mailbox: of a mail that was not sent, to whom, and where its link leads."""

    def __init__(self, *, people: Mapping[str, Person], history: History) -> None:
        super().__init__(people=people, history=history)
        self._seen: set[str] = set()

    def watch(self) -> None:
        super().watch()
        connection.close()

    def _new(self) -> Iterator[Mail]:
        why = FollowUp.Why.REHEARSAL
        unsent = FollowUp.objects.filter(why=why, step__sequence__is_for_unconfirmed=True)
        for candidate_id, email in unsent.values_list("candidate_id", "candidate__email"):
            if email not in self._seen:
                self._seen.add(email)
                key = keys.make(purpose="confirm", candidate_id=candidate_id)
                yield email, reverse("candidates:confirm", args=[key])

    def _open(self, mail: Mail, line: Line) -> None:
        email, path = mail
        if person := self.people.get(email):
            self._use(person, path, line)
