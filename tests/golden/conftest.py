"""The golden corpus: every version of every event ever released, as the log gave it out."""

from pathlib import Path

import pytest

from shared.events.recorded import RecordedEvent, from_feed


@pytest.fixture(scope="session")
def corpus_lines() -> list[bytes]:
    """Give the lines of the corpus, each a feed item."""
    return (Path(__file__).parent / "events.jsonl").read_bytes().splitlines()


@pytest.fixture(scope="session")
def corpus(corpus_lines: list[bytes]) -> list[RecordedEvent]:
    """Give the events of the corpus."""
    return [from_feed(line) for line in corpus_lines]
