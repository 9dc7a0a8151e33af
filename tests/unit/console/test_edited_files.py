"""What was sent is known by its content: a file that is edited in between arrives whole."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from services.console.client.publication import FileChanged, Progress, Publication
from tests.support.publisher_doubles import Services, ids_of, interrupted, publish, sample_file, to


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sample_file(tmp_path)


NEW = b'{"id":"new","type":"dvk.UnitRenamed.v1"}'
EDITS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a line is put in at the beginning": lambda lines: [NEW + b"\n", *lines],
    "a line is put in where it was sent": lambda lines: [*lines[:100], NEW + b"\n", *lines[100:]],
    "a line is put in at the place reached": lambda lines: [
        *lines[:236],
        NEW + b"\n",
        *lines[236:],
    ],
    "a line is put in after it": lambda lines: [*lines[:400], NEW + b"\n", *lines[400:]],
    "a line is put in at the end": lambda lines: [*lines, NEW + b"\n"],
    "a line takes the place of another": lambda lines: [*lines[:100], NEW + b"\n", *lines[101:]],
    "a line of the same length takes it": lambda lines: [
        *lines[:100],
        NEW + b" " * (len(lines[100]) - len(NEW) - 1) + b"\n",
        *lines[101:],
    ],
    "a line of the same length takes the last one": lambda lines: [
        *lines[:235],
        NEW + b" " * (len(lines[235]) - len(NEW) - 1) + b"\n",
        *lines[236:],
    ],
    "a line goes": lambda lines: [*lines[:100], *lines[101:]],
    "the lines come in another order": lambda lines: lines[::-1],
    "the ends of lines change": lambda lines: [line[:-1] + b"\r\n" for line in lines],
    "a mark is put before them": lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]],
    "most of it goes": lambda lines: [*lines[:50], NEW + b"\n"],
    "it is another file": lambda _: [NEW + b"\n"],
    "the line reached goes on": lambda lines: [
        *lines[:235],
        lines[235][:-1] + b" \n",
        *lines[236:],
    ],
    "nothing": lambda lines: lines,
}


@pytest.mark.parametrize("edit", EDITS)
def test_whatever_is_edited_between_every_event_of_the_file_arrives(file: Path, edit: str) -> None:
    services = interrupted(file)
    lines = EDITS[edit](file.read_bytes().splitlines(keepends=True))
    file.write_bytes(b"".join(lines))
    sending = Publication(file)
    counts = publish(sending, services)
    assert set(ids_of(file)) <= set(services.stored)
    assert counts.total() == len(lines)
    assert ids_of(sending.receipts) == ids_of(file)
    assert not sending.side_file.exists()


@pytest.mark.parametrize(
    ("edit", "line"), [("nothing", 236), ("a line is put in after it", 236), ("a line goes", 0)]
)
def test_what_was_sent_is_sent_again_only_if_it_was_edited(
    file: Path, edit: str, line: int
) -> None:
    services = interrupted(file)
    file.write_bytes(b"".join(EDITS[edit](file.read_bytes().splitlines(keepends=True))))
    assert Publication(file).begun(to(services)).line == line


def test_a_line_that_had_no_end_and_goes_on_is_read_from_its_beginning(tmp_path: Path) -> None:
    file, services = tmp_path / "cut.jsonl", Services()
    half, rest = b'{"id":"1","type":"dvk.Uni', b'tRenamed.v1"}'
    file.write_bytes(b'{"id":"0"}\n' + half)
    with pytest.raises(FileChanged):
        publish_and_touch(file, services, half + rest)
    assert Publication(file).begun(to(services)) == Progress()
    assert publish(Publication(file), services) == {"duplicate": 1, "accepted": 1}


def publish_and_touch(file: Path, services: Services, line: bytes) -> None:
    """Publish a file whose last line is completed once it was sent."""

    def advanced(now: Progress) -> None:
        if now.line == 2:
            file.write_bytes(b'{"id":"0"}\n' + line)

    Publication(file).publish(to(services), Progress(), advanced)


@pytest.mark.parametrize("by", ["rewriting", "replacing", "appending", "removing"])
def test_a_file_that_changes_while_it_is_sent_is_no_success(file: Path, by: str) -> None:
    services, lines = Services(), file.read_bytes()

    def advanced(now: Progress) -> None:
        if now.line != 236:
            return
        match by:
            case "rewriting":
                file.write_bytes(NEW + b"\n" + lines)
            case "replacing":
                other = file.with_name("other")
                other.write_bytes(NEW + b"\n" + lines)
                other.replace(file)
            case "appending":
                with file.open("ab") as end:
                    end.write(NEW + b"\n")
            case "removing":
                file.unlink()

    with pytest.raises(FileChanged):
        Publication(file).publish(to(services), Progress(), advanced)
    if by != "removing":
        publish(Publication(file), services)
        assert "new" in services.stored


def test_another_ledger_and_one_that_was_restored_get_everything(file: Path) -> None:
    services, sending = interrupted(file), Publication(file)
    assert sending.begun(to(services)).line == 236
    another = Services()
    assert sending.begun(to(another)) == Progress()
    del services.stored[200:]
    assert sending.begun(to(services)) == Progress()
    assert publish(sending, services) == {"duplicate": 200, "accepted": 441}
    restored = interrupted(file)
    restored.stored[0] = "another past"
    assert sending.begun(to(restored)) == Progress()


def test_two_files_of_one_name_know_nothing_of_one_another(file: Path, tmp_path: Path) -> None:
    services = interrupted(file)
    other = tmp_path / "elsewhere" / file.name
    other.parent.mkdir()
    other.write_bytes(NEW + b"\n" + file.read_bytes())
    assert Publication(other).begun(to(services)) == Progress()
    beside = Publication(other).side_file
    beside.write_bytes(Publication(file).side_file.read_bytes())
    Publication(other).receipts.write_bytes(Publication(file).receipts.read_bytes())
    assert Publication(other).begun(to(services)) == Progress()


def test_what_the_side_file_says_is_believed_only_as_a_whole(file: Path) -> None:
    services, sending = interrupted(file), Publication(file)
    kept = orjson.loads(sending.side_file.read_bytes())
    for torn in (
        b"",
        b"torn",
        orjson.dumps({**kept, "offset": "1"}),
        orjson.dumps({**kept, "recorded": None}),
        orjson.dumps({**kept, "recorded": {"id": "1"}}),
        orjson.dumps({**kept, "digest": sha256(b"").hexdigest()}),
        orjson.dumps({**kept, "receipts": kept["receipts"] + 1}),
        # As a release before wrote it, which knew only the beginning.
        orjson.dumps(
            {n: kept[n] for n in ("line", "offset", "receipts", "counts")} | {"fingerprint": "x"}
        ),
    ):
        sending.side_file.write_bytes(torn)
        assert sending.begun(to(services)) == Progress(), torn
    sending.side_file.write_bytes(orjson.dumps(kept))
    assert sending.begun(to(services)).line == 236
    sending.receipts.unlink()
    assert sending.begun(to(services)) == Progress()
