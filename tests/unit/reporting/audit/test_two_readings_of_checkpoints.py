"""Both readings have one verdict on who signed and cosigned a checkpoint, and on every run."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from services.reporting.audit.independent_checkpoint import signatures_of, unbound_runs
from services.reporting.audit.verification import verify
from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.notes import (
    COSIGNATURE,
    ED25519,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    cosign,
    sign,
)
from shared.trust.policy import AHEAD_SECONDS, Policy
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import registered
from tests.support.exports import exported
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History
from tests.support.sealed_exports import Manifest, forged, seal_of
from tests.support.sealed_log import KEY, ORIGIN

NOW = 1_800_000_000
KEYS = {f"w{n}.example": SecretKey.from_seed(f"w{n}".ljust(32).encode()) for n in range(4)}
VKEYS = {name: str(VerifierKey(name, COSIGNATURE, key.public)) for name, key in KEYS.items()}
OTHER_LOG = "other.example/log"
OTHER_KEY = SecretKey.from_seed(b"3" * 32)
LOGS = {
    name: str(VerifierKey(name, ED25519, key.public))
    for name, key in ((ORIGIN, KEY), (OTHER_LOG, OTHER_KEY))
}
TEXT = str(Checkpoint(ORIGIN, 7, bytes(range(32))))
OTHER = str(Checkpoint(ORIGIN, 8, bytes(range(32))))
QUORUMS = ("none", "w0.example", "pair", "all", "most")


def policy(random: Random) -> str:
    """Return a policy with one log or two, the witnesses, groups of them, and a quorum."""
    logs = [f"log {vkey}" for vkey in random.sample(list(LOGS.values()), random.choice((1, 2)))]
    witnesses = [f"witness {name} {vkey}" for name, vkey in VKEYS.items()]
    groups = [
        "group pair any w0.example w1.example",
        "group all all w2.example w3.example",
        "# a group of groups",
        "group most 2 pair all",
    ]
    return "\n".join([*logs, *witnesses, *groups, "", f"quorum {random.choice(QUORUMS)}", ""])


def lines(random: Random) -> Iterator[Signature]:
    """Yield the log's signature, mostly, and those of some witnesses, right and wrong ones."""
    if random.random() < 0.9:
        yield sign(TEXT if random.random() < 0.95 else OTHER, ORIGIN, KEY)
    if random.random() < 0.2:
        yield sign(random.choice((TEXT, OTHER)), OTHER_LOG, OTHER_KEY)
    for name, key in KEYS.items():
        chance = random.random()
        at = NOW + random.choice((-9, AHEAD_SECONDS, AHEAD_SECONDS + 1))
        if chance < 0.6:
            yield cosign(TEXT, name, key, at)
        if 0.5 < chance < 0.55:
            yield cosign(TEXT, name, key, at - 1)  # twice
        if chance > 0.97:
            yield cosign(OTHER, name, key, at)
    if random.random() < 0.5:
        yield sign(TEXT, "unknown.example", SecretKey.from_seed(b"9" * 32))


def test_two_readings_of_signatures_agree_under_every_policy() -> None:
    found = set()
    for seed in range(120):
        random = Random(seed)
        stated = policy(random)
        signed = list(lines(random))
        if not signed:
            continue
        random.shuffle(signed)
        note = Note(TEXT, tuple(signed))
        second = signatures_of(str(note), (), stated, NOW)
        try:
            first = Policy.parse(stated).judge(note, NOW)
        except NoteError:
            assert not second.right, (seed, stated, str(note))
            found.add("wrong")
            continue
        assert second.right, seed
        assert second.cosigned == first.cosigned.keys(), seed
        assert second.enough == first.enough, seed
        found.add("enough" if first.enough else "too few")
    assert found == {"wrong", "enough", "too few"}


@pytest.fixture(scope="module")
def log() -> FamilyLog:
    history = History().given(country(), unit("bk"))
    for number in range(30):
        year = 2022 if number % 5 < 2 else 2021
        history.given(registered(f"{number}", unit_id="bk", plan_year=year))
    return history.log.as_family(Family.REPORTING)


def test_two_readings_of_runs_agree_on_which_is_broken(log: FamilyLog, tmp_path: Path) -> None:
    file = exported(log, tmp_path / "year.jsonl", year=2022, seal=seal_of(log))
    runs = json.loads(file.read_bytes().splitlines()[0])["runs"]
    assert len(runs) == 6
    for number, run in enumerate(runs):
        for side in (2, 3):

            def change(manifest: Manifest, _events: list[bytes]) -> None:
                hashes = manifest["runs"][number][side]  # noqa: B023  called at once
                first = "A" if hashes[:1] != "A" else "B"
                manifest["runs"][number][side] = first + hashes[1:] if hashes else "A" * 43 + "="  # noqa: B023

            broken = verify(forged(file, change, tmp_path / "forged.jsonl"))
            assert [fault.position for fault in broken.faults] == [run[0]]
            manifest = json.loads(broken.path.read_bytes().splitlines()[0])
            assert unbound_runs(manifest, broken.items()) == [run[0]]
