"""The two writing services, each in process on a real SQLite log of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.http_clients import Face, running_face


@pytest.fixture
async def empty_registry(tmp_path: Path) -> AsyncIterator[Face]:
    """Give a registry on an empty log."""
    async with running_face(Family.REGISTRY, tmp_path) as face:
        yield face


@pytest.fixture
async def registry(empty_registry: Face) -> Face:
    """Give a registry that knows the country, at position 1."""
    opened = {**COUNTRY, "occurred_on": "2004-01-01"}
    await empty_registry.accepted(cloudevent("UnitOpened", opened))
    return empty_registry


@pytest.fixture
async def evaluation(registry: Face, tmp_path: Path) -> AsyncIterator[Face]:
    """Give evaluation on the same log."""
    async with running_face(Family.EVALUATION, tmp_path) as face:
        yield face
