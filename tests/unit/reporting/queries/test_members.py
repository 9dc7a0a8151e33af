"""Which of many numbers are among others: the same as a set of them says."""

import numpy as np
import pytest

from services.reporting.figures.members import is_among

LOW = 1 << 20
"""Numbers that differ by a multiple of this have the same low bits."""


@pytest.mark.parametrize(("count", "others"), [(0, 5), (5, 0), (300, 20), (20, 300), (3, 3)])
def test_a_number_is_among_others_if_a_set_of_them_has_it(count: int, others: int) -> None:
    chance = np.random.default_rng(20_260)
    every = chance.integers(-(2**62), 2**62, 40)
    every = np.concatenate([every, every + LOW, every - 3 * LOW])
    values, some = chance.choice(every, count), chance.choice(every, others)
    there = set(some.tolist())
    assert is_among(values, some).tolist() == [each in there for each in values.tolist()]
