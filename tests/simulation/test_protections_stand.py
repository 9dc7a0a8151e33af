"""Every function that `protections.py` takes out is defined where that page says, and can be."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.mutation import Protection, found, take_out
from tests.simulation.protections import PROTECTIONS
from tests.simulation.without import TAKEN_OUT, take_out_chosen


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.name)
def test_its_functions_stand_there_and_can_be_replaced(
    protection: Protection, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {named: found(named) for named in protection.instead}
    take_out(protection, monkeypatch.setattr)
    for named, (owner, name, protecting) in places.items():
        assert getattr(owner, name) is protection.instead[named] is not protecting


def test_no_two_protections_have_a_name_or_a_function_in_common() -> None:
    names = Counter(protection.name for protection in PROTECTIONS)
    functions = Counter(named for protection in PROTECTIONS for named in protection.instead)
    assert {*names.values(), *functions.values()} == {1}


@pytest.mark.parametrize(
    "named",
    [
        "shared.appending.groups:Group",
        "shared.appending.group_commit:GroupCommit._checks_the_weather",
        "shared.appending.group_commit:Groups._recorded_before",
        "shared.appending.group_commit:GroupCommit",
        "shared.bus.consumer:follows",  # it is defined elsewhere, and called from elsewhere too
    ],
)
def test_a_function_that_is_not_defined_there_is_an_error(named: str) -> None:
    moved = Protection("moved", {named: lambda: None}, (), "")
    with pytest.raises(LookupError, match=named):
        take_out(moved)


def test_what_is_called_otherwise_is_an_error() -> None:
    moved = Protection("moved", {"shared.bus.consumer:_leaves_a_hole": lambda: False}, (), "")
    with pytest.raises(LookupError, match="called otherwise"):
        take_out(moved)


def test_an_unknown_protection_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TAKEN_OUT, "the lock of the front door")
    with pytest.raises(LookupError, match="there is no protection 'the lock of the front door'"):
        take_out_chosen()
