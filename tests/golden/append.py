"""`make golden-event FILE=event.json`: an event goes through the door and becomes the last line.

The corpus is events.jsonl; chain.txt says how many lines it has and the chain at the last of them.
Nothing that stands there may change: a corpus that does not agree with its chain is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from shared.appending.recording import recorded_at
from shared.clock import system_clock
from shared.errors import BrokenContract, Problem
from shared.eventlog.protocol import START, Head
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import link
from shared.events.recorded import feed_item, from_feed
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.clock import Clock
    from shared.events.envelope import ReceivedEvent
    from shared.events.recorded import RecordedEvent

EVENTS, CHAIN = "events.jsonl", "chain.txt"


class NotAppended(Exception):  # noqa: N818  the sentence is what is read
    """The event or the corpus is not as it must be; nothing was written."""


def append(folder: Path, sent: bytes, *, clock: Clock = system_clock) -> RecordedEvent:
    """Append an event, as its publisher sends it, to the corpus of a folder; return what it became.

    Raises `NotAppended` with what the door says, or with what is wrong with the corpus.
    """
    lines = (folder / EVENTS).read_bytes()
    corpus = _verified(lines, (folder / CHAIN).read_text("utf-8").strip())
    head = _head(corpus[-1]) if corpus else START
    now_us = max(clock(), head.recorded_us)
    event = _received(sent, now_us)
    for line, before in enumerate(corpus, 1):
        if before.key == event.key:
            message = f"{event.key.id} of {event.key.source} is the id of line {line}"
            raise NotAppended(message)
    recorded = recorded_at(head, event, now_us)
    (folder / EVENTS).write_bytes(lines + feed_item(recorded) + b"\n")
    (folder / CHAIN).write_text(f"{chain_line([*corpus, recorded])}\n", "utf-8")
    return recorded


def chain_line(corpus: list[RecordedEvent]) -> str:
    """Return the content of chain.txt for a corpus: its length and the chain at its end."""
    return f"{len(corpus)} {corpus[-1].chain.hex()}"


def _verified(lines: bytes, expected: str) -> list[RecordedEvent]:
    try:
        corpus = [from_feed(line) for line in lines.splitlines()]
    except BrokenContract as error:
        message = f"{EVENTS} was changed: {error}"
        raise NotAppended(message) from None
    head = START
    for event in corpus:
        chain = link(head.chain, head.position + 1, event.recorded_us, event.digest)
        if (event.position, event.chain) != (head.position + 1, chain):
            message = f"{EVENTS} was changed: line {head.position + 1} does not continue the chain"
            raise NotAppended(message)
        head = _head(event)
    if f"{head.position} {head.chain.hex()}" != expected or not lines.endswith(b"\n"):
        message = f"{EVENTS} does not end where {CHAIN} says: restore both"
        raise NotAppended(message)
    return corpus


def _head(event: RecordedEvent) -> Head:
    return Head(event.position, event.chain, event.recorded_us)


def _received(sent: bytes, now_us: int) -> ReceivedEvent:
    """Put an event through the door of every service that takes it."""
    try:
        events = [receive(sent, now_us=now_us, family=family) for family in _families(sent)]
    except BrokenContract as error:
        raise NotAppended(_words(error.problem)) from None
    if events[0].objection is not None:  # an earlier release took it; it is never recorded again
        raise NotAppended(_words(events[0].objection))
    return events[0]


def _families(sent: bytes) -> Iterable[Family]:
    try:
        return sorted(CATALOGUE[json.loads(sent)["type"]].families)
    except (ValueError, TypeError, LookupError, RecursionError):
        return [Family.REGISTRY]  # any door says what is wrong with it


def _words(problem: Problem) -> str:
    fields = [f"\n  {each.pointer}: {each.detail}" for each in problem.errors]
    return f"{problem.rule.code}: {problem.rule.words('en', problem.params)}{''.join(fields)}"


def main() -> None:
    """Append the event of the file that is named."""
    parser = argparse.ArgumentParser("make golden-event", "%(prog)s FILE=event.json")
    parser.add_argument("file", type=Path)
    try:
        recorded = append(Path(__file__).parent, parser.parse_args().file.read_bytes())
    except (NotAppended, OSError) as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write(f"{recorded.type} is line {recorded.position} of {EVENTS}\n")


if __name__ == "__main__":
    main()
