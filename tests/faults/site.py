"""Web, workers and beats of a world: as ./run starts them, or wrong, and killed at any moment."""

from django.conf import settings

from recruit.local import processes, website
from recruit.local.processes import Daemon

POOLS = ("threads", "prefork")


class Site(website.Website):
    """Web and workers as ./run starts them; one may be a wrong one, to see it caught."""

    twin = web_twin = ""
    pool = POOLS[0]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.others: dict[str, Daemon] = {}

    def _start_celery(self, daemon: Daemon, queues: str, *words: str) -> None:
        twin = ("--include", f"tests.faults.twins.{self.twin}") if self.twin else ()
        super()._start_celery(daemon, queues, *words, "--pool", self.pool, *twin)

    def _start(self, daemon: Daemon, module: str, *words: str) -> None:
        if self.web_twin and daemon is self.web:
            words = (*words[:-1], f"tests.faults.twins.{self.web_twin}:application")
        super()._start(daemon, module, *words)

    def start_workers(self, *, number: int = 1, has_beat: bool = True) -> None:
        """Each for everything: sweeps, mail and files; and one with the beat.

        The beat may have died while it wrote down what it had run.
        """
        self.kill_workers()
        for left in self.place.run.glob("schedule*"):
            left.unlink()
        queues = ",".join(settings.CELERY_TASK_QUEUES)
        for place, daemon in enumerate(self.workers(number)):
            is_first = has_beat and place == 0
            beat = ("--beat", "--schedule", self._schedule(0)) if is_first else ()
            self._start_celery(daemon, queues, *beat)

    def workers(self, number: int) -> list[Daemon]:
        return [self.worker, *(self.daemon(f"worker-{place}") for place in range(1, number))]

    def kill_workers(self) -> None:
        kill(*(it for it in self.everything() if it.name.startswith("worker")))

    def start_beat(self, number: int) -> None:
        words = ("-A", "recruit", "beat", "--pidfile=", "--schedule", self._schedule(number))
        self._start(self.daemon(f"beat-{number}"), "celery", *words)

    def open_web(self) -> None:
        self.start_web()
        assert processes.wait_until(self.answers, seconds=website.UP_SECONDS)

    def _schedule(self, number: int) -> str:
        return str(self.place.run / f"schedule-{number}")

    def daemon(self, name: str) -> Daemon:
        note, log = self.place.run / f"{name}.json", self.place.log / f"{name}.log"
        return self.others.setdefault(name, Daemon(name, note=note, log=log))

    def everything(self) -> list[Daemon]:
        return [self.web, self.worker, *self.others.values()]


def kill(*daemons: Daemon) -> None:
    """kill -9, whole groups; gone when this returns."""
    for daemon in daemons:
        daemon.kill_group()
    for daemon in daemons:
        if daemon.popen:
            daemon.popen.wait()
