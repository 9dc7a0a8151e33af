"""A publisher: it speaks its script, over the append API or an intake stream, until all is answered.

Its notebook is what the checker believes: what was sent when, and what was answered to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from shared.appending.outcome_json import item
from shared.errors import Unavailable
from shared.events.acceptance.receive import receive
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from random import Random

    from tests.simulation.histories import Said
    from tests.simulation.ledger import Process

PATIENCE_TURNS = 25


@dataclass
class Note:
    """What a publisher knows of one event; times are turns of the simulation."""

    said: Said
    number: int
    sent: list[tuple[int, str]] = field(default_factory=list)
    """When it was sent, and where: a process of the ledger, or a stream."""
    answers: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """When an answer was read, from where, and the item."""
    over_api: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """Of the answers those over the API, with the turn in which they were asked for."""
    other_content: list[dict[str, Any]] = field(default_factory=list)
    """What was answered when the id was used again for something else."""

    @property
    def is_answered(self) -> bool:
        return bool(self.answers)

    @property
    def has_a_position(self) -> bool:
        return any(answer["position"] is not None for _, _, answer in self.answers)


@dataclass
class _Call:
    """One request to the append API that is under way."""

    process: Process
    where: str
    notes: list[Note]
    future: Future[Any]
    other_content: bool
    asked: int


class Publisher:
    """One publisher; `patient` ones wait for each answer before they go on."""

    def __init__(self, name: str, script: Sequence[Said], random: Random) -> None:
        self.name = name
        self.notes = [Note(said, number) for number, said in enumerate(script)]
        self.trouble: list[BaseException] = []
        """What the append API failed with."""
        self._random = random
        self._patient = random.random() < 0.4
        self._streams = random.choice([0.1, 0.5, 0.9])
        self._calls: list[_Call] = []
        self._read: set[bytes] = set()

    @property
    def unanswered(self) -> list[Note]:
        return [note for note in self.notes if not note.is_answered]

    def step(self, turn: int, processes: dict[str, Process], redis: Any) -> str:
        """Read what came, and send something; return what was done."""
        self.collect(turn, redis)
        notes = self._next(turn)
        if not notes:
            return "waits"
        if self._random.random() < self._streams:
            return self.send_over_stream(turn, notes, redis)
        return self._send_over_api(turn, notes, processes)

    def _next(self, turn: int) -> list[Note]:
        """Choose what to send: something new, something without an answer, something once more."""
        unsent = [note for note in self.notes if not note.sent]
        asked = [note for note in self.notes if note.sent and not note.is_answered]
        overdue = [note for note in asked if turn - note.sent[-1][0] > PATIENCE_TURNS]
        chance = self._random.random()
        if chance < 0.1:
            return self._some([note for note in self.notes if note.is_answered])
        if overdue and (chance < 0.5 or not unsent):
            return self._some(overdue)
        if self._patient:
            return [] if asked else unsent[:1]
        of_one_service = [note for note in unsent if note.said.service == unsent[0].said.service]
        return of_one_service[: self._random.choice([1, 1, 2, 4])]

    def _some(self, notes: Sequence[Note]) -> list[Note]:
        return [self._random.choice(notes)] if notes else []

    def send_over_stream(self, turn: int, notes: Sequence[Note], redis: Any) -> str:
        """XADD one entry of one event or of an array; that is no acknowledgement."""
        service = notes[0].said.service
        notes = [note for note in notes if note.said.service == service]
        events = [note.said.event for note in notes]
        many = len(events) > 1 or self._random.random() < 0.1
        fields = {"events": _json(events)} if many else {"event": _json(events[0])}
        stream = f"dvk:intake:{service}"
        for note in notes:
            note.sent.append((turn, stream))
        try:
            redis.xadd(stream, fields)
        except RedisError:
            return f"could not reach {stream}"
        return f"sent {_keys(notes)} to {stream}"

    def _send_over_api(self, turn: int, notes: Sequence[Note], up: dict[str, Process]) -> str:
        service = notes[0].said.service
        doors = [name for name in up if name.startswith(service)]
        if not doors:
            return f"found no {service}"
        door = self._random.choice(doors)
        other_content = notes[0].has_a_position and self._random.random() < 0.3
        events = [
            _with_other_content(n.said.event) if other_content else n.said.event for n in notes
        ]
        if not other_content:
            for note in notes:
                note.sent.append((turn, door))
        family = Family(service)
        came = [receive(_json(event), now_us=up[door].clock(), family=family) for event in events]
        try:
            future = up[door].appender.submit(came)
        except Unavailable as busy:
            self.trouble.append(busy)
            return f"was told by {door} to come again"
        self._calls.append(_Call(up[door], door, list(notes), future, other_content, turn))
        return f"sent {_keys(notes)} to {door}"

    def collect(self, turn: int, redis: Any) -> None:
        """Note the answers that have come over the API, and the receipts."""
        for call in [call for call in self._calls if call.future.done()]:
            self._calls.remove(call)
            error = call.future.exception(0)
            if error is not None:
                self.trouble.append(error)
                continue
            for note, outcome in zip(call.notes, call.future.result(0), strict=True):
                key = note.said.event
                answer = item(key["id"], key["source"], outcome)
                if call.other_content:
                    note.other_content.append(answer)
                else:
                    note.answers.append((turn, call.where, answer))
                    note.over_api.append((call.asked, answer))
        try:
            receipts = redis.xrange(f"dvk:receipts:{self.name}")
        except RedisError:
            return
        self._note(turn, receipts)

    def _note(self, turn: int, receipts: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> None:
        by_id = {note.said.key: note for note in self.notes}
        for entry, fields in receipts:
            receipt = entry + fields[b"item"]
            if receipt not in self._read:
                self._read.add(receipt)
                answer = json.loads(fields[b"item"])
                by_id[answer["id"]].answers.append((turn, "receipt", answer))

    def forget_calls_to(self, process: Process) -> None:
        """Learn that a process has died: its answers will never come."""
        self._calls = [call for call in self._calls if call.process is not process]


def _with_other_content(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "data": {**event["data"], "note": "điều khác"}}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _keys(notes: Sequence[Note]) -> str:
    return " ".join(note.said.key for note in notes)
