"""The three services at the other end of the line, and a file on its way to them."""

from collections import Counter
from hashlib import sha256
from pathlib import Path

import httpx
import orjson
import pytest

from services.console.client.publication import Progress, Publication
from services.console.datasets.sample import sample_events
from shared.client.addresses import Addresses
from shared.client.delivery import Delivery, Undeliverable

ADDRESSES = Addresses("http://reporting", "http://registry", "http://evaluation")


class Services:
    """Stands for the three services at the other end of the line: it knows every id for ever.

    After `alive` answers the line is cut; with `deaf` the last batch arrives but no answer does.
    """

    def __init__(self, alive: int = 1_000_000, *, deaf: bool = False) -> None:
        self.stored: list[str] = []
        self.alive = alive
        self.deaf = deaf

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            assert str(request.url.copy_with(query=None)) == "http://registry/receipts"
            known = request.url.params["id"] in self.stored
            body = self._answer(request.url.params["id"]) if known else {}
            return httpx.Response(200 if known else 404, json=body)
        if self.alive == 0 and not self.deaf:
            return httpx.Response(418)
        items = [self._item(event) for event in orjson.loads(request.content)]
        if self.alive == 0:
            return httpx.Response(418)
        self.alive -= 1
        return httpx.Response(200, json={"items": items})

    def _item(self, event: dict[str, str]) -> dict[str, object]:
        known = event["id"] in self.stored
        if not known:
            self.stored.append(event["id"])
        return {**self._answer(event["id"]), "status": "duplicate" if known else "accepted"}

    def _answer(self, identifier: str) -> dict[str, object]:
        """Answer with the position, and with a chain that stands for all until then."""
        position = self.stored.index(identifier) + 1
        until = "".join(self.stored[:position]).encode()
        place = {"position": position, "chain": sha256(until).hexdigest()}
        return {"id": identifier, "source": "/publishers/p", "status": "accepted", **place}


def to(services: Services) -> Delivery:
    return Delivery(httpx.Client(transport=httpx.MockTransport(services)), ADDRESSES)


def sample_file(folder: Path) -> Path:
    """Write the sample's 641 events, which go in three batches, to a file."""
    path = folder / "sample.jsonl"
    path.write_bytes(b"".join(orjson.dumps(e) + b"\n" for e in sample_events()))
    return path


def ids_of(path: Path) -> list[str]:
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    return [orjson.loads(line)["id"] for line in lines]


def seen(_: Progress) -> None:
    pass


def publish(sending: Publication, services: Services) -> Counter[str]:
    """Publish as the command does, from where it was interrupted."""
    return sending.publish(to(services), sending.begun(to(services)), seen)


def interrupted(file: Path, after: int = 1) -> Services:
    """Publish so many batches of a file: of the sample's 641 lines 236, then 573."""
    services = Services(after)
    with pytest.raises(Undeliverable):
        publish(Publication(file), services)
    services.alive = 1_000_000
    return services
