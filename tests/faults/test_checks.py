"""Each check of the harness can fail: damage is found by the line that names it."""

import pytest

from tests.faults.scenes import damaging
from tests.faults.stage import Outcome


@pytest.mark.plays(scene=damaging.damages, size="twin")
def test_damage_is_found_by_the_line_that_names_it(outcome: Outcome) -> None:
    assert outcome.off == set(), outcome.table()
