"""A publication may be cut off anywhere and begun again; nothing is missing, nothing doubled."""

from collections import Counter
from pathlib import Path

import httpx
import orjson
import pytest

from services.console.addresses import Addresses
from services.console.delivery import Delivery, Undeliverable
from services.console.publication import Progress, Publication
from services.console.sample import sample_events

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
        if self.alive == 0 and not self.deaf:
            return httpx.Response(418)
        items = [self._item(event) for event in orjson.loads(request.content)]
        if self.alive == 0:
            return httpx.Response(418)
        self.alive -= 1
        return httpx.Response(200, json={"items": items})

    def _item(self, event: dict[str, str]) -> dict[str, str]:
        known = event["id"] in self.stored
        if not known:
            self.stored.append(event["id"])
        return {"id": event["id"], "status": "duplicate" if known else "accepted"}


def to(services: Services) -> Delivery:
    return Delivery(httpx.Client(transport=httpx.MockTransport(services)), ADDRESSES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sample.jsonl"
    path.write_bytes(b"".join(orjson.dumps(e) + b"\n" for e in sample_events()))
    return path


def ids_of(path: Path) -> list[str]:
    return [orjson.loads(line)["id"] for line in path.read_bytes().splitlines()]


def seen(_: Progress) -> None:
    pass


def test_every_line_gets_a_receipt_in_order(file: Path) -> None:
    services, sending = Services(), Publication(file)
    assert sending.publish(to(services), seen) == {"accepted": 641}
    assert services.stored == ids_of(file) == ids_of(sending.receipts)
    receipts = [orjson.loads(line) for line in sending.receipts.read_bytes().splitlines()]
    assert [receipt["line"] for receipt in receipts] == list(range(1, 642))
    assert not sending.side_file.exists()


@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("cut_after", [0, 1, 2])
def test_a_publication_that_was_cut_off_goes_on_where_it_was(
    file: Path, cut_after: int, deaf: bool
) -> None:
    services, sending = Services(cut_after, deaf=deaf), Publication(file)
    with pytest.raises(Undeliverable):
        sending.publish(to(services), seen)
    assert len(services.stored) < 641 or deaf
    begun_at = sending.begun().line
    assert begun_at == [0, 236, 573][cut_after]
    services.alive = 1_000_000
    counts = sending.publish(to(services), seen)
    assert services.stored == ids_of(file) == ids_of(sending.receipts)
    assert counts.total() == 641
    assert counts["duplicate"] == ([236, 337, 68][cut_after] if deaf else 0)


def test_receipts_written_after_the_last_remembered_line_are_cut_off(file: Path) -> None:
    services, sending = Services(1), Publication(file)
    with pytest.raises(Undeliverable):
        sending.publish(to(services), seen)
    with sending.receipts.open("ab") as receipts:
        receipts.write(b'{"id":"half a rec')
    services.alive = 10
    sending.publish(to(services), seen)
    assert ids_of(sending.receipts) == ids_of(file)


def test_another_file_under_the_same_name_is_published_from_its_beginning(file: Path) -> None:
    services, sending = Services(1), Publication(file)
    with pytest.raises(Undeliverable):
        sending.publish(to(services), seen)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[::-1]))
    assert sending.begun() == Progress()
    file.write_bytes(b"".join(lines))
    assert sending.begun().line == 236
    sending.receipts.unlink()
    assert sending.begun() == Progress()
    sending.side_file.write_text("torn")
    assert sending.begun() == Progress()


def test_a_file_may_hold_empty_lines_windows_ends_and_no_end_at_all(tmp_path: Path) -> None:
    events = [orjson.dumps(event) for event in sample_events()][:3]
    path = tmp_path / "typed by hand.jsonl"
    path.write_bytes(b"\n" + events[0] + b"\r\n\r\n  \n" + events[1] + b"\nnot json\n" + events[2])
    sending, last = Publication(path), Progress()

    def advanced(now: Progress) -> None:
        nonlocal last
        last = now

    counts = sending.publish(to(Services()), advanced)
    assert counts == Counter(accepted=3, invalid=1)
    receipts = [orjson.loads(line) for line in sending.receipts.read_bytes().splitlines()]
    assert [receipt["line"] for receipt in receipts] == [2, 5, 6, 7]
    assert last.offset == path.stat().st_size
