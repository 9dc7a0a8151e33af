"""Every protection of `protections.py` is where that page says: who moves one moves it there too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.simulation.protections import PROTECTIONS

if TYPE_CHECKING:
    from tests.simulation.mutation import Protection

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.name)
def test_the_text_that_is_taken_out_stands_there_once(protection: Protection) -> None:
    for change in protection.changes:
        assert (REPOSITORY / change.path).read_text("utf-8").count(change.text) == 1
