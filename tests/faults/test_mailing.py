"""No mail is lost, whatever happens while it is sent; and the harness would notice if one were."""

import pytest

from tests.faults.scenes import mailing
from tests.faults.stage import Outcome


@pytest.mark.plays(scene=mailing.kills)
def test_killing_all_workers_again_and_again_loses_no_mail(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=mailing.kills, size="twin", twin="records_first")
def test_a_worker_that_records_before_it_sends_is_caught(outcome: Outcome) -> None:
    assert "sent letters that arrived" in outcome.off, outcome.table()
