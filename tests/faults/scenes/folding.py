"""What may happen while the ledger is folded."""

import random
from collections.abc import Iterator

from django.conf import settings

from candidates.audit.check import Check, count, none
from partners.models import Drive, Milestone, ReferralLink
from tests.faults import auditing, witness
from tests.faults.world import World

TARGETS = range(10, 1000, 30)
# What became of each milestone, as each transaction left it.
STAMPS = """
CREATE TABLE stamps (milestone_id bigint, is_reached boolean, is_announced boolean);
CREATE FUNCTION stamps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stamps VALUES (NEW.id,
        (NEW.reached_at, NEW.reached_by_id, NEW.reached_value) IS DISTINCT FROM
            (OLD.reached_at, OLD.reached_by_id, OLD.reached_value),
        NEW.announced_at IS DISTINCT FROM OLD.announced_at);
    RETURN NULL;
END $$;
CREATE TRIGGER stamps AFTER UPDATE ON partners_milestone FOR EACH ROW EXECUTE FUNCTION stamps();
"""
REACHED = "SELECT count(*) FROM partners_milestone WHERE reached_at IS NOT NULL"
LETTERS = "SELECT count(*) FROM partners_letter WHERE kind = 'milestone'"
DRIFTED = "SELECT COALESCE(sum(drifted), 0) FROM partners_recount"
LINES = "SELECT count(*) FROM partners_credit"
PEOPLE = "SELECT count(*) FROM candidates_candidate"


def kills(world: World, *, size: str, chance: random.Random) -> Iterator[Check]:
    """kill -9 of four folders, a recount and an announcer, beside sign-ups and corrections."""
    times = {"twin": 60, "quick": 60, "full": 1000}[size]
    _set_targets()
    witness.execute(STAMPS)
    twin = (world.twin,) if world.twin else ()
    amid = int(world.call("tests.faults.folders", str(times), str(chance.random()), *twin))
    world.site.start_workers()
    took = auditing.settle(seconds=900 if size == "full" else 120)
    yield Check("kills amid a fold", "some", amid, within=amid > times // 10)
    yield from _stamped_once()
    yield none("sums that a recount found wrong", count(DRIFTED))
    yield from auditing.always(world)
    said = f"{amid} of {times:,} kills amid a fold, {count(PEOPLE):,} people"
    world.tell(f"{said}, {count(LINES):,} lines; settled after {took:.0f} s")


def _set_targets() -> None:
    drive, link = Drive.objects.get(slug="faults"), ReferralLink.objects.earliest("code")
    for target in TARGETS:
        Milestone.objects.get_or_create(drive=drive, partner=None, scope="day", target=target)
        words = {"scope": "cumulative", "partner": None, "target": drive.baseline + target}
        Milestone.objects.get_or_create(drive=drive, **words)
        of_partner = {"partner": link.partner, "scope": "cumulative", "target": target}
        Milestone.objects.get_or_create(drive=drive, **of_partner)


def _stamped_once() -> Iterator[Check]:
    reached = count(REACHED)
    yield Check("milestones that were reached", "some", reached, within=reached > 2)
    for what in ("is_reached", "is_announced"):
        stamped = count(f"SELECT count(*) FROM stamps WHERE {what}")
        yield Check(f"times that a milestone became {what[3:]}", reached, stamped)
    owed = reached * len(settings.STAFF_EMAILS)
    yield Check("letters about milestones", owed, count(LETTERS))
