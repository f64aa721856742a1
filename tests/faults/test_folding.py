"""Sums and milestones are right, whoever is killed while counting; and a loss is noticed."""

import pytest

from tests.faults.scenes import folding
from tests.faults.stage import Outcome


@pytest.mark.plays(scene=folding.kills)
def test_killing_folders_again_and_again_leaves_nothing_half(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()


@pytest.mark.plays(scene=folding.kills, size="twin", twin="folds_in_halves")
def test_a_fold_that_stamps_and_adds_in_two_transactions_is_caught(outcome: Outcome) -> None:
    assert "sums that a recount found wrong" in outcome.off, outcome.table()


@pytest.mark.plays(scene=folding.kills, size="twin", twin="announces_in_halves")
def test_an_announcement_in_two_transactions_is_caught(outcome: Outcome) -> None:
    assert "letters about milestones" in outcome.off, outcome.table()
