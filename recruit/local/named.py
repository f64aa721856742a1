"""Servers that the person named with DATABASE_URL or REDIS_URL: used as they are."""

import os
import subprocess

from recruit.local import folders
from recruit.local.refusal import Refusal

# Asked in the words of the drivers that Django and Celery will use.
QUESTIONS = {
    "DATABASE_URL": (
        "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'], connect_timeout=5).close()"
    ),
    "REDIS_URL": "import os, redis; redis.from_url(os.environ['REDIS_URL']).ping()",
}


def refuse_silent(place: folders.Folders) -> None:
    for name, question in QUESTIONS.items():
        if os.environ.get(name):
            _ask(place, name, question)


def _ask(place: folders.Folders, name: str, question: str) -> None:
    answer = subprocess.run(
        [place.python, "-c", question], check=False, capture_output=True, text=True
    )
    if answer.returncode:
        reason = answer.stderr.strip().rpartition("\n")[2]
        raise Refusal(
            f"The server that {name} names does not answer: start it, correct {name},"
            f" or unset it to have one started here ({reason})."
        )
