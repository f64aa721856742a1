"""Tasks that rest while there is no rehearsal. The real workers never ask."""

from typing import Any

from celery import Task
from django.conf import settings
from django.db import ProgrammingError

from recruit.rehearsal import alive, gate
from recruit.rehearsal.gate import Gate


class Sweep(Task[Any, Any]):
    """The base of every task: in a rehearsal it says that its queue is served, and asks first."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not settings.IS_REHEARSAL:
            return super().__call__(*args, **kwargs)
        alive.say((self.request.delivery_info or {}).get("routing_key") or "")
        if gate.look() is not Gate.OPEN:
            return None
        try:
            return super().__call__(*args, **kwargs)
        except ProgrammingError:
            if gate.look_again() is Gate.OPEN:
                raise
            return None  # purged under it
