"""A connection that is closed when the server says nothing for too long.

PostgreSQL's own statement_timeout ends a slow statement, and TCP notices a machine that is gone.
A server that is frozen does neither: its machine takes what we send, and nobody reads it.
"""

import threading
from typing import Any, ClassVar

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from psycopg import errors

Connection = psycopg.Connection[Any]

HEALTH_CHECK_SECONDS = 2.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with two more keys of DATABASES.

    SILENCE_SECONDS: how long to wait for a word of the server; 0 waits for ever. ONLY_SCHEMA: the
    one schema that names are looked up in, without which there is no connection.
    """

    silence_seconds: float = 0
    is_silent: ClassVar[bool] = False
    _finding_out: ClassVar = threading.Lock()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Connect; while the server is silent, one thread of a process finds out if it still is."""
        self.silence_seconds = self.settings_dict.get("SILENCE_SECONDS", 0)
        if not self.is_silent:
            return self._connect(conn_params)
        if not self._finding_out.acquire(blocking=False):
            raise errors.OperationalError("the server says nothing")
        try:
            return self._connect(conn_params)
        finally:
            self._finding_out.release()

    def _connect(self, conn_params: dict[str, Any]) -> Connection:
        try:
            connection: Connection = super().get_new_connection(self._only(conn_params))
        except errors.ConnectionTimeout:
            DatabaseWrapper.is_silent = bool(self.silence_seconds)
            raise
        DatabaseWrapper.is_silent = False
        self._limit(connection)
        self._refuse_another_schema(connection)
        return connection

    def _only(self, conn_params: dict[str, Any]) -> dict[str, Any]:
        schema = self.settings_dict.get("ONLY_SCHEMA")
        if not schema:
            return conn_params
        said = conn_params.get("options", "")
        return conn_params | {"options": f"{said} -c search_path={schema}"}

    def _refuse_another_schema(self, connection: Connection) -> None:
        """Ask the server itself: a pooler may drop what a connection asks for at its start."""
        schema = self.settings_dict.get("ONLY_SCHEMA")
        if not schema:
            return
        row = connection.execute("SELECT current_setting('search_path')").fetchone()
        connection.rollback()
        if row is None or row[0] != schema:
            connection.close()
            raise ImproperlyConfigured(
                f"This connection does not keep to the schema {schema}: a pooler stands before"
                " PostgreSQL. Set REHEARSAL_DATABASE_URL to an address of PostgreSQL itself."
            )

    def is_usable(self) -> bool:
        """Tell whether the connection answers, before a request relies on it."""
        if not self.silence_seconds:
            return bool(super().is_usable())
        usual = self.silence_seconds
        self.silence_seconds = HEALTH_CHECK_SECONDS
        try:
            return bool(super().is_usable())
        finally:
            self.silence_seconds = usual

    def _limit(self, connection: Connection) -> None:
        wait = connection.wait

        def wait_so_long(gen: Any, **options: Any) -> Any:
            options.setdefault("timeout", self.silence_seconds or None)
            try:
                return wait(gen, **options)
            except errors._WaitTimeout as silence:  # noqa: SLF001 - it has no other name
                connection.close()
                raise errors.OperationalError("the server says nothing") from silence

        connection.wait = wait_so_long  # type: ignore[method-assign, assignment]
