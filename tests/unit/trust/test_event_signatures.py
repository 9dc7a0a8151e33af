"""Signatures of events at the door: right ones pass, and every kind of crooked one is refused."""

import json
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from shared.events.canonical_json import canonical
from shared.trust.authority import Authority
from shared.trust.event_signature import EventSignature, SignedRecord, sign_batch
from shared.trust.keys import SecretKey, from_base64, key_id_of, to_base64
from shared.trust.merkle import leaf_hash
from shared.trust.signature_check import SignatureCheck
from shared.trust.signing import canonical_record, signed_events
from tests.support.cloudevents import cloudevent, registration
from tests.support.scenarios import History
from tests.support.trusted import (
    REALM,
    authorized,
    began,
    code_at_the_door,
    key_added,
    key_of,
    signed,
    taken,
)

ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order of the curve's main group (RFC 8032, 5.1)."""


@pytest.fixture(scope="module")
def authority() -> Authority:
    history = History()
    for event in (began(), authorized("p-1", "vn"), key_added("p-1"), key_added("p-2")):
        history.record(event)
    return next(iter(history.deciders.values())).authority


def one(**attributes: Any) -> dict[str, Any]:
    return signed("ModelRegistered", registration("1"), "p-1", **attributes)


def batch(size: int) -> list[dict[str, Any]]:
    events = [
        cloudevent("ModelRegistered", registration(str(n)), source="/publishers/p-1")
        for n in range(size)
    ]
    return signed_events(events, key_of("p-1"), REALM, together=size)


def codes(events: list[dict[str, Any]], authority: Authority) -> list[str | None]:
    checked = SignatureCheck(lambda: authority, lambda: None).check([taken(e) for e in events])
    return [
        getattr(getattr(e, "problem", None), "rule", None) and e.problem.rule.code for e in checked
    ]


def test_a_signed_event_passes(authority: Authority) -> None:
    assert code_at_the_door(taken(one()), authority) is None


@pytest.mark.parametrize("size", [2, 3, 31, 32, 500, 512])
def test_every_event_of_a_batch_passes_alone_and_together(size: int, authority: Authority) -> None:
    events = batch(size)
    assert codes(events, authority) == [None] * size
    assert codes([events[-1]], authority) == [None]
    assert codes(events[1:], authority) == [None] * (size - 1)


def test_a_record_is_signed_as_the_ledger_makes_it(authority: Authority) -> None:
    """A letter written in two code points is one in the record; the publisher signs the record."""
    title = {"title": "Mo\u0302 hi\u0300nh dân vận khéo"}
    event = cloudevent("ModelRegistered", registration("1", **title), source="/publishers/p-1")
    received = taken(signed_events([event], key_of("p-1"), REALM)[0])
    record = SignedRecord.of(received.body)
    assert record is not None
    assert canonical(json.loads(record.unsigned)) == record.unsigned
    assert code_at_the_door(received, authority) is None


@pytest.mark.parametrize("missing", ["signature", "signkey", "signsalt"])
def test_an_event_without_one_of_the_attributes_is_unsigned(
    missing: str, authority: Authority
) -> None:
    event = one()
    del event[missing]
    assert code_at_the_door(taken(event), authority) == "unsigned"


def test_an_event_without_signature_is_unsigned(authority: Authority) -> None:
    event = cloudevent("ModelRegistered", registration("1"), source="/publishers/p-1")
    assert code_at_the_door(taken(event), authority) == "unsigned"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time", "2026-01-02T03:04:05Z"),
        ("expectedversion", 0),
        ("dataschema", "https://example.org/a"),
        ("signsalt", "A" * 22),
        ("id", "another"),
    ],
)
def test_a_changed_attribute_breaks_the_signature(
    name: str, value: object, authority: Authority
) -> None:
    assert code_at_the_door(taken({**one(), name: value}), authority) == "bad_signature"


def test_changed_data_break_the_signature_and_the_canonical_digest_is_shown(
    authority: Authority,
) -> None:
    event = one()
    event["data"] = {**event["data"], "title": "Khác"}
    received = taken(event)
    (refused,) = SignatureCheck(lambda: authority, lambda: None).check([received])
    unsigned = {name: value for name, value in event.items() if name != "signature"}
    assert refused.problem.params["canonical_sha256"] == sha256(canonical(unsigned)).hexdigest()
    assert refused.problem.rule.code == "bad_signature"


def test_an_event_that_names_another_publisher_has_a_foreign_key(authority: Authority) -> None:
    changed = {**one(), "source": "/publishers/p-2"}
    assert code_at_the_door(taken(changed), authority) == "foreign_key"


def test_an_event_signed_for_another_realm_is_void(authority: Authority) -> None:
    assert code_at_the_door(taken(one(realm="test.another")), authority) == "bad_signature"


@pytest.mark.parametrize("change", [str.swapcase, lambda key_id: key_id[:21], lambda k: k + "A"])
def test_a_key_is_found_by_all_its_letters_only(change: Any, authority: Authority) -> None:
    event = one()
    changed = {**event, "signkey": change(event["signkey"])}
    assert code_at_the_door(taken(changed), authority) == "unknown_key"


def test_a_signature_put_on_the_next_event_is_refused_and_the_others_pass(
    authority: Authority,
) -> None:
    events = batch(8)
    events[4] = {**events[4], "signature": events[3]["signature"]}
    assert codes(events, authority) == [None] * 4 + ["bad_signature"] + [None] * 3


def test_one_bad_event_of_32_leaves_31(authority: Authority) -> None:
    events = batch(32)
    events[7] = {**events[7], "signsalt": "A" * 22}
    assert codes(events, authority).count("bad_signature") == 1
    assert codes(events, authority).count(None) == 31


def test_after_eight_bad_signatures_the_rest_of_a_request_is_not_tried(
    authority: Authority,
) -> None:
    events = [{**one(), "signsalt": "A" * 22} for _ in range(20)]
    assert codes(events, authority) == ["bad_signature"] * 8 + ["signature_not_tried"] * 12


def test_a_path_with_another_hash_is_refused_even_when_the_batch_is_whole(
    authority: Authority,
) -> None:
    """The record is verified by its own path later; a batch that is right must not hide it."""
    events = batch(4)
    read = EventSignature.read(events[2]["signature"])
    assert read is not None
    crooked = read._replace(path=(read.path[0], leaf_hash(b"other")))
    events[2] = {**events[2], "signature": str(crooked)}
    assert codes(events, authority) == [None, None, "bad_signature", None]


def _written(event: dict[str, Any]) -> list[str]:
    place, rest = event["signature"].split("/", 1)
    size, sig, *path = rest.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = sig[:-1] + last[last.index(sig[-1]) ^ 1]
    tail = "".join(f".{each}" for each in path)
    return [
        f"0/0.{sig}",
        f"0/513.{sig}{tail}",
        f"0/{2**63}.{sig}{tail}",
        f"{size}/{size}.{sig}{tail}",
        f"00/{size}.{sig}{tail}",
        f"{place}/0{size}.{sig}{tail}",
        f"-1/{size}.{sig}{tail}",
        f"{place}/{size}.{sig}",
        f"{place}/{size}.{sig}{tail}A",
        f"{place}/{size}.{sig}{tail[:-43]}",
        f"{place}/{size}.{sig}{tail}{'A' * 43}",
        f"{place}/{size}.{sig}=={tail}",
        f"{place}/{size}.{sig[:-1]}+{tail}",
        f"{place}/{size}.{sig[:-1]}/{tail}",
        f"{place}/{size}.{spare}{tail}",
        f"{place}/{size}.{'A' * 86}{tail}",
        f"{place}/{size}",
        ".",
        "x" * 600,
    ]


def test_every_other_writing_of_a_signature_is_refused_without_an_exception(
    authority: Authority,
) -> None:
    event = batch(4)[1]
    for written in _written(event):
        crooked = {**event, "signature": written}
        assert code_at_the_door(taken(crooked), authority) == "bad_signature", written


def test_a_signature_with_the_order_added_is_refused(authority: Authority) -> None:
    event = one()
    read = EventSignature.read(event["signature"])
    assert read is not None
    scalar = int.from_bytes(read.signature[32:], "little") + ORDER
    moved = read._replace(signature=read.signature[:32] + scalar.to_bytes(32, "little"))
    assert code_at_the_door(taken({**event, "signature": str(moved)}), authority) == "bad_signature"


def test_an_inner_node_does_not_pass_for_an_event(authority: Authority) -> None:
    """The tree's inner hashes are no leaves: a shorter path to the same root is another size."""
    event = batch(4)[0]
    read = EventSignature.read(event["signature"])
    assert read is not None
    shorter = EventSignature(0, 2, read.signature, read.path[1:])
    crooked = {**event, "signature": str(shorter)}
    assert code_at_the_door(taken(crooked), authority) == "bad_signature"


def test_signatures_are_refused_before_trust_began() -> None:
    assert code_at_the_door(taken(one()), Authority()) == "trust_not_begun"
    plain = cloudevent("ModelRegistered", registration("1"))
    assert code_at_the_door(taken(plain), Authority()) is None


def test_a_key_that_was_added_a_moment_ago_is_found_after_catching_up(
    authority: Authority,
) -> None:
    known = [Authority()]
    check = SignatureCheck(lambda: known[0], lambda: known.__setitem__(0, authority))
    events = [taken(one())]
    assert check.lacks(events)
    check.catch_up()
    assert not check.lacks(events)
    assert check.check(events) == events


def test_a_field_of_the_data_never_passes_for_the_signature() -> None:
    """The data are before the attributes, and a quote in them is escaped."""
    inner = '","signature":"x","signkey":"y","signsalt":"z","source":"s"'
    data = registration("1", note=inner, external_ids={"signature": "x"})
    event = {**cloudevent("ModelRegistered", registration("1")), "data": data}
    assert SignedRecord.of(canonical_record(event)) is None


def test_the_id_of_a_key_is_the_hash_of_the_key() -> None:
    public = key_of("p-1").public
    assert from_base64(key_id_of(public), 16) == sha256(b"\x01" + public).digest()[:16]


def test_a_key_file_is_its_owners_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = SecretKey.new()
    key.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SecretKey.load(path) == key
    assert to_base64(key.secret[:32]) not in repr(key)
    with pytest.raises(FileExistsError):
        key.save(path)
    path.chmod(0o644)
    with pytest.raises(Exception, match="unreadable_key"):
        SecretKey.load(path)


def test_openssl_verifies_the_signature_of_a_batch(tmp_path: Path) -> None:
    """A publisher needs no code of ours: the bytes are those of docs/publishing.md."""
    key = key_of("p-1")
    (only,) = sign_batch([b"{}"], key, REALM)
    root = leaf_hash(b"{}")
    text = f"dvk-events/v1\n{REALM}\n{key.key_id}\n1\n{b64encode(root).decode()}\n"
    (tmp_path / "m").write_text(text)
    (tmp_path / "s").write_bytes(only.signature)
    der = bytes.fromhex("302a300506032b6570032100") + key.public
    (tmp_path / "k").write_bytes(der)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "k"]
    verified = subprocess.run(
        [*command, "-rawin", "-in", "m", "-sigfile", "s"], cwd=tmp_path, check=False,
        capture_output=True,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr
