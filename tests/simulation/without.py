"""Runs tests without a protection: TAKEN_OUT in the environment names the one that is taken out.

It is a plugin of pytest: `TAKEN_OUT="the hole check" python -m pytest -p tests.simulation.without`.
A process that such a test starts calls `take_out_chosen` and is without it too.
"""

from __future__ import annotations

import os

import pytest

from tests.simulation.mutation import take_out

TAKEN_OUT = "TAKEN_OUT"


def take_out_chosen() -> None:
    """Take out the protection that the environment names, if it names one.

    Raises `LookupError` for an unknown one.
    """
    told = os.environ.get(TAKEN_OUT)
    if told is None:
        return
    from tests.simulation.protections import PROTECTIONS  # noqa: PLC0415  rarely asked for

    chosen = next((each for each in PROTECTIONS if each.name == told), None)
    if chosen is None:
        raise LookupError(f"there is no protection {told!r}")
    take_out(chosen)


def pytest_configure() -> None:
    """Take it out before any test is collected."""
    try:
        take_out_chosen()
    except LookupError as error:
        raise pytest.UsageError(error.args[0]) from None
