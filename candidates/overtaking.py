"""Two colleagues at the same settings: the slower one is told what changed, and loses nothing."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model


class Overtaken(Exception):
    """Somebody saved something else after this was begun; `now` is what stands there."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now


def written(*, values: Mapping[str, Any]) -> str:
    """Write settings as one line that is equal for equal settings."""
    return json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True)


def settings_of(*, row: Model, columns: Iterable[str]) -> str:
    return written(values={it: getattr(row, it) for it in columns})


def check(*, seen: str | None, now: str, wanted: str) -> None:
    """Raise Overtaken unless this is what was seen, or what is wanted. None: nobody looked."""
    if seen is not None and now not in (seen, wanted):
        raise Overtaken(now)
