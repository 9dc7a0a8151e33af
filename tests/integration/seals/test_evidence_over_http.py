"""Checkpoints, tiles, proofs and cosignatures as everybody reads them; wrong ones are refused."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from shared.events.recorded import feed_item
from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.merkle import leaf_hash
from shared.trust.notes import Note, cosign, sign
from shared.trust.proofs import InclusionProof
from tests.support.asking import ASKING
from tests.support.sealed_log import KEY, ORIGIN, START_US, asked_of_go
from tests.support.served_seals import NOW, VKEY, WITNESSES, ServedSeals, served

FIRST, SECOND = WITNESSES
CACHED = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def seals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSeals]:
    """Serve a log of 70 and then 600 events, both sealed, and one more event that is not yet."""
    with served(tmp_path_factory.mktemp("seals")) as running:
        running.log.sealed(70)
        running.log.sealed(530)
        running.log.grow(1)
        yield running


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[ServedSeals]:
    with served(tmp_path) as running:
        yield running


def get(seals: ServedSeals, path: str) -> httpx.Response:
    return ASKING.get(seals.url + path)


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def asked_raw(seals: ServedSeals, target: str) -> tuple[int, bytes]:
    """Return status and head of an answer to a target that no client would send as it is."""
    at = urlsplit(seals.url)
    with socket.create_connection((at.hostname, at.port)) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(answer.split()[1]), answer.lower()


def test_go_reads_the_log_at_its_address(seals: ServedSeals) -> None:
    checkpoint = get(seals, "/checkpoint")
    proofs = {position: get(seals, f"/proof?position={position}") for position in (1, 300, 600)}
    older = seals.log.store.at(70)
    assert older is not None
    said = asked_of_go(
        vkey=VKEY,
        root=seals.url,
        checkpoint=checkpoint.content,
        older=[older.note.encode()],
        proofs=[
            {"proof": each.content, "leaf": seals.log.leaf(position)}
            for position, each in proofs.items()
        ],
        indexes=[0, 299, 599],
    )
    assert (said["checkpoint"], said["size"], said["older"]) == ("right", 600, ["right"])
    assert said["proofs"] == ["right"] * 3


def test_a_checkpoint_is_asked_for_again_and_a_tile_kept_for_ever(seals: ServedSeals) -> None:
    checkpoint = get(seals, "/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-cache"
    for path, size in (("0/000", 8_192), ("0/002.p/88", 88 * 32), ("1/000.p/2", 64)):
        tile = get(seals, f"/tile/{path}")
        assert (tile.status_code, len(tile.content)) == (200, size), path
        assert tile.headers["cache-control"] == CACHED
        assert tile.headers["content-type"] == "application/octet-stream"


def test_a_bundle_holds_the_entries_that_the_tile_beside_it_hashes(seals: ServedSeals) -> None:
    for path, first, width in (("001", 257, 256), ("002.p/88", 513, 88)):
        bundle = get(seals, f"/tile/entries/{path}").content
        entries = [bundle[at + 2 : at + 50] for at in range(0, len(bundle), 50)]
        assert {bundle[at : at + 2] for at in range(0, len(bundle), 50)} == {b"\0\x30"}
        assert entries == [seals.log.leaf(position) for position in range(first, first + width)]
        tile = get(seals, f"/tile/0/{path}").content
        assert tile == b"".join(map(leaf_hash, entries))


@pytest.mark.parametrize(
    "path",
    [
        "0/001.p/256", "0/002", "0/002.p/89", "0/003.p/1", "1/000.p/3", "1/000", "2/000.p/1",
        "64/000", "0/x001/1", "0/x000/001", "0/1", "0/000.p/0", "0/000.p/01", "entries/002",
        "entries/002.p/89", "0/x999/x999/x999/x999/x999/x999/999", "-1/000", "0/000.p/-1", "data/000",
        "0", "", "0/000/", "0/000%2Ep/5%00",
    ],
)  # fmt: skip
def test_what_no_checkpoint_covers_is_404_and_never_kept(seals: ServedSeals, path: str) -> None:
    answer = get(seals, f"/tile/{path}")
    assert (answer.status_code, code_of(answer)) == (404, "no_such_tile")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "target",
    [
        "/tile/../checkpoint", "/tile/0/../../checkpoint", "/tile/%2e%2e/checkpoint", "/tile/0//000",
        "/tile/0/%2e%2e/0/000", "/tile/..%2f..%2fetc/passwd", "/tile/\\..\\0", "/tile/0/000%0a",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_tiles(seals: ServedSeals, target: str) -> None:
    status, answer = asked_raw(seals, target)
    assert status == 404
    assert b"cache-control: no-store" in answer


def test_a_proof_is_of_the_event_that_was_asked_for(seals: ServedSeals) -> None:
    (event,) = seals.log.log.read(299, 1)
    by_key = get(seals, f"/proof?source={event.key.source}&id={event.key.id}&extra=1")
    proof = InclusionProof.parse(by_key.content)
    assert (proof.leaf_index, proof.extra) == (299, feed_item(event))
    assert proof.includes(leaf_hash(seals.log.leaf(300)))
    plain = InclusionProof.parse(get(seals, "/proof?position=300").content)
    assert plain == proof._replace(extra=None)
    assert by_key.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "invalid_parameter"),
        ("position=0", 422, "invalid_parameter"),
        ("position=1&id=x", 422, "invalid_parameter"),
        ("source=/publishers/p", 422, "invalid_parameter"),
        ("source=/publishers/p&id=none", 404, "unknown_event"),
        ("position=602", 404, "no_such_position"),
        ("position=1&witnessed=1", 404, "no_checkpoint"),
        ("position=601", 503, "not_sealed_yet"),
    ],
)
def test_there_is_no_proof_of_anything_else(
    seals: ServedSeals, query: str, status: int, code: str
) -> None:
    answer = get(seals, f"/proof?{query}")
    assert (answer.status_code, code_of(answer)) == (status, code)
    if status == 404:
        assert answer.headers["cache-control"] == "no-store"
    if status == 503:
        assert answer.headers["retry-after"] == "1"


def test_before_the_first_checkpoint_there_is_nothing(fresh: ServedSeals) -> None:
    for path in ("/checkpoint", "/tile/0/000.p/1"):
        answer = get(fresh, path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_a_rewritten_log_is_not_proved(fresh: ServedSeals) -> None:
    fresh.log.sealed(10)
    assert fresh.evidence.contradicted() is None
    fresh.log.rewrite(since=8)
    assert get(fresh, "/proof?position=7").status_code == 200
    answer = get(fresh, "/proof?position=8")
    assert (answer.status_code, code_of(answer)) == (503, "seal_contradicted")
    assert fresh.evidence.contradicted() == 10
    fresh.log.tamper("DELETE FROM log_tiles")
    for path in ("/proof?position=7", "/tile/0/000.p/10"):
        assert code_of(get(fresh, path)) == "seal_contradicted"


def cosigned(note: Note, *names: str, at: int = NOW) -> Note:
    lines = [cosign(note.text, name, WITNESSES[name], at) for name in names]
    return Note(note.text, (*note.signatures, *lines))


def sent(seals: ServedSeals, note: Note | bytes) -> httpx.Response:
    content = note if isinstance(note, bytes) else str(note).encode()
    return ASKING.post(f"{seals.url}/witness/cosignatures", content=content)


def test_cosignatures_are_shown_with_the_checkpoint_that_they_sign(fresh: ServedSeals) -> None:
    older = Note.parse(fresh.log.sealed(5).note.encode())
    last = Note.parse(fresh.log.sealed(5).note.encode())
    assert sent(fresh, cosigned(older, FIRST)).json() == {"cosigned": [FIRST]}
    assert sent(fresh, cosigned(last, FIRST)).json() == {"cosigned": [FIRST]}
    assert get(fresh, "/checkpoint").text == str(cosigned(last, FIRST))
    # A quorum is two; it comes for the older one only, and proofs up to there have it.
    assert get(fresh, "/checkpoint?which=witnessed").status_code == 404
    assert sent(fresh, cosigned(older, SECOND)).status_code == 200
    assert get(fresh, "/checkpoint?which=witnessed").text == str(cosigned(older, FIRST, SECOND))
    proof = InclusionProof.parse(get(fresh, "/proof?position=5&witnessed=1").content)
    assert proof.note == cosigned(older, FIRST, SECOND)
    assert proof.includes(leaf_hash(fresh.log.leaf(5)))
    assert get(fresh, "/proof?position=6&witnessed=1").status_code == 404
    state = [(each.name, each.size, each.at) for each in fresh.evidence.witnesses()]
    assert state == [(FIRST, 10, NOW), (SECOND, 5, NOW)]


def test_within_an_hour_all_witnesses_are_given_the_same_checkpoint(fresh: ServedSeals) -> None:
    hour_us = 3_600_000_000

    def given(at_us: int) -> int:
        fresh.now = at_us // 1_000_000
        answer = get(fresh, "/checkpoint?which=to_cosign")
        return Checkpoint.parse(Note.parse(answer.content).text).size

    for by, minutes in ((5, 10), (7, 50), (9, 70), (11, 130)):
        fresh.log.now_us = START_US + minutes * 60_000_000
        fresh.log.sealed(by)
    assert given(START_US + hour_us - 1) == 5  # in the first hour there is none but the first
    assert given(START_US + hour_us) == given(START_US + 2 * hour_us - 1) == 12
    assert given(START_US + 2 * hour_us) == 21
    assert given(START_US + 9 * hour_us) == 32


def test_a_quorum_is_found_behind_many_checkpoints_of_one_eager_witness(
    fresh: ServedSeals,
) -> None:
    first = Note.parse(fresh.log.sealed(5).note.encode())
    assert sent(fresh, cosigned(first, FIRST, SECOND)).status_code == 200
    for _ in range(60):
        eager = Note.parse(fresh.log.sealed(1).note.encode())
        assert fresh.evidence.cosign(str(cosigned(eager, FIRST)).encode()) == [FIRST]
    assert get(fresh, "/checkpoint?which=witnessed").text == str(cosigned(first, FIRST, SECOND))
    assert [each.size for each in fresh.evidence.witnesses()] == [65, 5]


def test_a_witness_that_cosigns_again_does_not_count_twice(fresh: ServedSeals) -> None:
    note = Note.parse(fresh.log.sealed(5).note.encode())
    for at in (NOW - 9, NOW, NOW + 9):
        assert sent(fresh, cosigned(note, FIRST, FIRST, at=at)).status_code == 200
    assert get(fresh, "/checkpoint").text == str(cosigned(note, FIRST, at=NOW - 9))


def test_no_other_cosignature_is_kept(fresh: ServedSeals) -> None:
    sealed = Note.parse(fresh.log.sealed(5).note.encode())
    stranger = SecretKey.from_seed(b"s" * 32)
    wrong = cosign("other\n", FIRST, WITNESSES[FIRST], NOW)
    forked_text = str(Checkpoint(ORIGIN, 5, bytes(32)))
    forked = Note(forked_text, (sign(forked_text, ORIGIN, KEY),))
    later_text = str(Checkpoint(ORIGIN, 6, bytes(32)))
    cases: list[tuple[Note | bytes, int, str]] = [
        (sealed, 422, "unknown_witness"),
        (Note(sealed.text, (cosign(sealed.text, FIRST, stranger, NOW),)), 422, "unknown_witness"),
        (Note(sealed.text, (cosign(sealed.text, "w", stranger, NOW),)), 422, "unknown_witness"),
        (Note(sealed.text, (wrong,)), 422, "invalid_cosignature"),
        (cosigned(sealed, FIRST, at=NOW + 61), 422, "invalid_cosignature"),
        (cosigned(forked, FIRST), 409, "other_checkpoint"),
        (cosigned(Note(later_text), FIRST), 409, "other_checkpoint"),
        (b"", 422, "invalid_cosignature"),
        (b"\xff", 422, "invalid_cosignature"),
        (str(cosigned(sealed, FIRST)).encode() + b"x" * 70_000, 422, "invalid_cosignature"),
    ]
    for note, status, code in cases:
        answer = sent(fresh, note)
        assert (answer.status_code, code_of(answer)) == (status, code), note
    assert get(fresh, "/checkpoint").text == str(sealed)


def test_what_waits_for_witnesses_is_counted_from_its_oldest_event(fresh: ServedSeals) -> None:
    assert fresh.evidence.unwitnessed_seconds() == 0
    note = Note.parse(fresh.log.sealed(5).note.encode())
    waited = fresh.evidence.unwitnessed_seconds()
    assert waited == pytest.approx(3_600, abs=1)
    fresh.now += 60
    assert fresh.evidence.unwitnessed_seconds() == pytest.approx(waited + 60, abs=0.1)
    sent(fresh, cosigned(note, FIRST, SECOND))
    assert fresh.evidence.unwitnessed_seconds() == 0


def test_without_a_policy_no_cosignature_is_taken(tmp_path: Path) -> None:
    with served(tmp_path, policy=None) as seals:
        note = Note.parse(seals.log.sealed(5).note.encode())
        assert code_of(sent(seals, cosigned(note, FIRST))) == "unknown_witness"
        assert get(seals, "/checkpoint?which=witnessed").status_code == 404
        assert json.dumps(seals.evidence.unwitnessed_seconds()) == "NaN"
