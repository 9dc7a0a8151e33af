"""The load under which faults happen: publishers of every kind, and what is still on its way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests.faults.ledger import NAMES, Ledger, Service
from tests.faults.publishers import Answer, OverHttp, OverIntake, Publisher
from tests.faults.scripts import Event, asserting, deciding_on, registering, the_map
from tests.faults.time_limits import QUESTION_SECONDS, slowness, until

FINISH_SECONDS = 60.0
PACE_SECONDS = 0.02


@dataclass
class Load:
    """Publishers at work on a ledger."""

    ledger: Ledger
    publishers: list[Publisher]

    def start(self) -> None:
        """Publish the map if this is the first load, then let everybody begin."""
        if not self.ledger.told:
            self.ledger.told += publish(self.ledger["registry"], the_map())
        for publisher in self.publishers:
            publisher.start()

    def of(self, family: str) -> list[Publisher]:
        """Return the publishers of one service."""
        return [each for each in self.publishers if each.family == family]

    def answered(self) -> list[int]:
        """Return how many answers each publisher has."""
        return [len(each.answers) for each in self.publishers]

    def furthest(self) -> int:
        """Return the last position that anybody was told."""
        return max((a.position or 0 for p in self.publishers for a in p.answers), default=0)

    def repeated(self) -> int:
        """Return how often an event that was sent again stood already: cut behind its commit."""
        return sum(a.status == "duplicate" for each in self.publishers for a in each.answers)

    def all_go_on(self, since: Sequence[int]) -> bool:
        """Say whether everybody has had more than one answer since."""
        return all(now > then + 1 for now, then in zip(self.answered(), since, strict=True))

    def until_more(self, of: Sequence[Publisher], answers: int, what: str) -> float:
        """Wait until each of these has so many more answers; return the seconds."""
        wanted = [(each, len(each.answers) + answers) for each in of]
        return until(lambda: all(len(each.answers) >= many for each, many in wanted), what)

    def over(self, kind: type[Publisher]) -> list[Publisher]:
        """Return the publishers who publish in one way."""
        return [each for each in self.publishers if isinstance(each, kind)]

    def in_flight(self, families: Sequence[str], kind: type[Publisher] = Publisher) -> int:
        """Return how many events are on their way to these services."""
        return sum(
            each.in_flight()
            for each in self.publishers
            if each.family in families and isinstance(each, kind)
        )

    def cut(self) -> int:
        """Return how often an answer never came."""
        return sum(each.cut for each in self.publishers)

    def told_to_wait(self) -> int:
        """Return how often somebody was told 503 or 429."""
        return sum(each.told_to_wait for each in self.publishers)

    def finish(self) -> None:
        """End when everything that was begun is answered; who decides ends before who registers."""
        seconds = FINISH_SECONDS * slowness()
        deciding = [each for each in self.publishers if each.after is not None]
        for each in deciding:
            each.ask_to_end()
        for each in deciding:
            each.join(seconds)
        for each in self.publishers:
            named = [other.lives for other in deciding if other.after is each]
            each.ask_to_end(after=max(named, default=0))
        for each in self.publishers:
            each.join(seconds)

    def close(self) -> None:
        """End at once, however far it is: the test has failed or is done."""
        for each in self.publishers:
            each.ask_to_end()
            each.close()

    def answers(self) -> list[Answer]:
        """Return what everybody was told, in the end of those who waited, in earlier loads too."""
        told = [answer for each in self.publishers for answer in each.answers]
        waited = {
            (answer.event["source"], answer.event["id"]): (answer.event, each.family)
            for each in self.publishers
            for answer in each.answers
            if answer.status == "parked"
        }
        settled = [self._receipt(event, family) for event, family in waited.values()]
        final = [answer for answer in told if answer.status != "parked"]
        return [*self.ledger.told, *final, *settled]

    def waited(self) -> int:
        """Return how often somebody was told that an event waits for another."""
        return sum(a.status == "parked" for each in self.publishers for a in each.answers)

    def _receipt(self, event: Event, family: str) -> Answer:
        found = self.ledger[family].get("/receipts", source=event["source"], id=event["id"])
        item = found.raise_for_status().json()
        return Answer(event, item["status"], item["position"], item["chain"])

    def wrong(self) -> list[str]:
        """Return whatever was answered that an honest publisher is never told."""
        return [said for each in self.publishers for said in each.wrong]


def publish(service: Service, events: Sequence[Event]) -> list[Answer]:
    """Publish events as one batch; return what became of each."""
    answer = service.post("/events", events, "application/cloudevents-batch+json")
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return [
        Answer(event, item["status"], item["position"], item["chain"])
        for event, item in zip(events, items, strict=True)
    ]


@contextmanager
def under_load(ledger: Ledger, *, pace_seconds: float = PACE_SECONDS) -> Iterator[Load]:
    """Let publishers of every kind work; they end with the test, however it ends."""
    ledger.loads += 1
    publishers = _publishers(ledger, f"-{ledger.loads}")
    for each in publishers:
        each.pace_seconds = pace_seconds
    load = Load(ledger, publishers)
    try:
        load.start()
        yield load
    finally:
        load.close()


def _publishers(ledger: Ledger, ending: str) -> list[Publisher]:
    """Return one of every kind; a service with two processes has both addresses."""
    at = {name: ledger.addresses(name) for name in NAMES}
    url = ledger.redis.url
    singly = OverHttp(f"singly{ending}", "registry", registering, addresses=at["registry"])
    batches = OverHttp(f"batches{ending}", "registry", registering, addresses=at["registry"])
    streamed = OverIntake(f"streamed{ending}", "registry", registering, redis_url=url)
    publishers: list[Publisher] = [singly, batches, streamed]
    for partner in (singly, batches):
        name, life = f"on-{partner.name}", deciding_on(partner.name)
        publishers.append(
            OverHttp(name, "evaluation", life, after=partner, addresses=at["evaluation"])
        )
    name, life = f"on-{streamed.name}", deciding_on(streamed.name)
    publishers += [
        OverIntake(name, "evaluation", life, after=streamed, redis_url=url),
        OverHttp(f"claims{ending}", "reporting", asserting, addresses=at["reporting"]),
    ]
    for each in publishers:
        if isinstance(each, OverHttp):
            each.batched = "batches" in each.name
    return publishers


def until_at_rest(load: Load) -> None:
    """Wait until nothing waits in any stream or desk, and every read model holds the log."""
    ledger = load.ledger

    def nothing_waits() -> bool:
        with suppress(Exception), ledger.redis.client() as redis:
            return not any(redis.xlen(f"dvk:intake:{name}") for name in NAMES)
        return False

    def stream_is_whole() -> bool:
        with suppress(Exception), ledger.redis.client() as redis:
            last = redis.xinfo_stream("dvk:events")["last-generated-id"]
            return int(last.partition(b"-")[0]) == ledger.completeness()["log"]["head"]
        return False

    until(nothing_waits, "the intake streams are empty", seconds=30, pause_seconds=QUESTION_SECONDS)
    until(lambda: not ledger.database.parked(), "nobody waits for an event", seconds=30)
    until(
        ledger.complete,
        "every read model holds the log",
        seconds=30,
        pause_seconds=QUESTION_SECONDS,
    )
    until(
        stream_is_whole,
        "the stream of events ends where the log does",
        seconds=30,
        pause_seconds=QUESTION_SECONDS,
    )
