"""Mail by the API of a provider, with an end to every conversation, as recruit.mail has for SMTP.

Those of django-anymail that need no package of their own and whose API lets each mail say that
nobody counts its opens and clicks.
"""

import socket
from typing import Any

import requests
from anymail.backends import mailgun, postmark, sparkpost
from anymail.exceptions import AnymailAPIError
from django.core.mail import EmailMessage
from requests.adapters import HTTPAdapter

from recruit import deadlines

# Connecting and sending one letter; `requests` has its time-outs besides, for a single answer.
LETTER_SECONDS = 28
TAKEN = {"sent", "queued"}


class Reachable(HTTPAdapter):
    """Keeps a hold of the line of every connection that it makes: a TLS handshake takes it away."""

    def init_poolmanager(self, *words: Any, **options: Any) -> None:
        super().init_poolmanager(*words, **options)
        self.line: socket.socket | None = None
        kinds = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {
            scheme: self._pool(kind) for scheme, kind in kinds.items()
        }

    def _pool(self, kind: Any) -> Any:
        adapter = self

        class Connection(kind.ConnectionCls):  # type: ignore[misc]  # of HTTP or of HTTPS
            def _new_conn(self) -> socket.socket:
                line: socket.socket = super()._new_conn()
                adapter.let_go()
                adapter.line = line.dup()
                return line

        return type("Pool", (kind,), {"ConnectionCls": Connection})

    def cut(self) -> None:
        deadlines.shut(self.line)

    def let_go(self) -> None:
        if self.line:
            self.line.close()
            self.line = None

    def close(self) -> None:
        self.let_go()
        super().close()


class Bounded:
    """A backend of anymail's whose letters take LETTER_SECONDS at most."""

    def create_session(self) -> requests.Session:
        session: requests.Session = super().create_session()  # type: ignore[misc]
        self.adapter = Reachable()
        for scheme in ("http://", "https://"):
            session.mount(scheme, self.adapter)
        return session

    def post_to_esp(self, payload: Any, message: EmailMessage) -> requests.Response:
        with deadlines.within(LETTER_SECONDS, self.adapter.cut):
            return super().post_to_esp(payload, message)  # type: ignore[misc,no-any-return]

    def raise_for_recipient_status(
        self, status: Any, response: requests.Response, payload: Any, message: EmailMessage
    ) -> None:
        """Anymail takes an answer for a yes in which it finds nothing about the reader."""
        super().raise_for_recipient_status(status, response, payload, message)  # type: ignore[misc]
        if not status.status or not status.status <= TAKEN:
            code = response.status_code
            raise AnymailAPIError("The letter was not taken", status_code=code, response=response)


class Mailgun(Bounded, mailgun.EmailBackend):  # type: ignore[misc]
    pass


class Postmark(Bounded, postmark.EmailBackend):  # type: ignore[misc]
    def build_message_payload(self, message: EmailMessage, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        # Or Postmark puts a Message-ID of its own over ours.
        keep = {"Name": "X-PM-KeepID", "Value": "true"}
        payload.data["Headers"] = [*payload.data.get("Headers", []), keep]
        return payload


class SparkPost(Bounded, sparkpost.EmailBackend):  # type: ignore[misc]
    pass
