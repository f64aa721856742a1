"""No mail is lost, whatever happens while it is sent; and the harness would notice if one were."""

import pytest

from tests.faults.scenes import mailing, stopping
from tests.faults.stage import Outcome


# What waits longest comes first: a few are played at a time.
@pytest.mark.plays(scene=mailing.outages)
def test_a_mail_server_down_silent_slow_or_closing_loses_no_mail(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=mailing.kills)
def test_killing_all_workers_again_and_again_loses_no_mail(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=mailing.kills_at_the_answer)
def test_killing_them_just_before_or_after_the_answer_repeats_one_mail(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=mailing.poison)
def test_one_poison_row_stops_nobody_else(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=mailing.beats)
def test_no_beat_for_a_while_then_three_at_once_does_all_of_it_once(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=stopping.opt_outs)
def test_no_mail_begins_after_the_opt_out_committed(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=mailing.kills, size="twin", twin="records_first")
def test_a_worker_that_records_before_it_sends_is_caught(outcome: Outcome) -> None:
    assert "sent letters that arrived" in outcome.off, outcome.table()


@pytest.mark.plays(scene=stopping.opt_outs, size="twin", twin="records_first")
def test_a_worker_whose_mails_leave_long_after_it_looked_is_caught(outcome: Outcome) -> None:
    late = "mails that came long after the opt-out was answered"
    assert late in outcome.off, outcome.table()


@pytest.mark.plays(scene=mailing.beats, size="twin", twin="folds_alone")
def test_a_fold_whose_lock_each_process_has_for_itself_is_caught(outcome: Outcome) -> None:
    assert "sum of all tallies" in outcome.off, outcome.table()
