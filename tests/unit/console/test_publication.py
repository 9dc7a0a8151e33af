"""A publication may be cut off anywhere and begun again; nothing is missing, nothing doubled."""

import tracemalloc
from collections import Counter
from pathlib import Path

import orjson
import pytest

from services.console.client.publication import Progress, Publication
from services.console.datasets.sample import sample_events
from shared.client.delivery import Undeliverable
from tests.support.publisher_doubles import Services, ids_of, publish, sample_file, to


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sample_file(tmp_path)


def test_every_line_gets_a_receipt_in_order(file: Path) -> None:
    services, sending = Services(), Publication(file)
    assert publish(sending, services) == {"accepted": 641}
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
        publish(sending, services)
    assert len(services.stored) < 641 or deaf
    begun_at = sending.begun(to(services)).line
    assert begun_at == [0, 236, 573][cut_after]
    services.alive = 1_000_000
    counts = publish(sending, services)
    assert services.stored == ids_of(file) == ids_of(sending.receipts)
    assert counts.total() == 641
    assert counts["duplicate"] == ([236, 337, 68][cut_after] if deaf else 0)


def test_receipts_written_after_the_last_remembered_line_are_cut_off(file: Path) -> None:
    services, sending = Services(1), Publication(file)
    with pytest.raises(Undeliverable):
        publish(sending, services)
    with sending.receipts.open("ab") as receipts:
        receipts.write(b'{"id":"half a rec')
    services.alive = 10
    publish(sending, services)
    assert ids_of(sending.receipts) == ids_of(file)


def test_a_file_may_hold_empty_lines_windows_ends_and_no_end_at_all(tmp_path: Path) -> None:
    events = [orjson.dumps(event) for event in sample_events()][:3]
    path = tmp_path / "typed by hand.jsonl"
    path.write_bytes(b"\n" + events[0] + b"\r\n\r\n  \n" + events[1] + b"\nnot json\n" + events[2])
    sending, last = Publication(path), Progress()

    def advanced(now: Progress) -> None:
        nonlocal last
        last = now

    counts = sending.publish(to(Services()), Progress(), advanced)
    assert counts == Counter(accepted=3, invalid=1)
    receipts = [orjson.loads(line) for line in sending.receipts.read_bytes().splitlines()]
    assert [receipt["line"] for receipt in receipts] == [2, 5, 6, 7]
    assert last.offset == path.stat().st_size


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_from_windows_is_read_like_any_other(
    tmp_path: Path, mark: bytes, end: bytes
) -> None:
    events = [orjson.dumps(event) for event in sample_events()][:3]
    # Two files one after the other, as `type a b > c` makes them.
    path = tmp_path / "windows.jsonl"
    path.write_bytes((mark + events[0] + end + events[1] + end) + (mark + events[2] + end))
    services = Services()
    assert publish(Publication(path), services) == {"accepted": 3}
    assert services.stored == ids_of(Publication(path).receipts)


def test_a_line_that_never_ends_takes_no_memory_and_its_neighbours_go_on(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"id":"1"}\n{"id":"')
        for _ in range(64):
            file.write(b"x" * 1_048_576)
        file.write(b'"}\n{"id":"2"}\n')
    services = Services()
    tracemalloc.start()
    assert publish(Publication(path), services) == {"accepted": 2, "invalid": 1}
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 24 * 1_048_576
    receipts = [orjson.loads(line) for line in Publication(path).receipts.read_bytes().splitlines()]
    assert [receipt["line"] for receipt in receipts] == [1, 2, 3]
    assert receipts[1]["problem"]["code"] == "too_large"
