"""Three verifiers have one verdict on every signature: libsodium, the second reading's, and Go's."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from services.reporting.audit import independent_ed25519
from shared.trust import keys
from tests.support.crooked_signatures import (
    SMALL_ORDER,
    Case,
    crooked,
    right_and_wrong,
)

GO = """package main

import ("bufio"; "crypto/ed25519"; "encoding/hex"; "fmt"; "os"; "strings")

func main() {
    lines := bufio.NewScanner(os.Stdin)
    for lines.Scan() {
        var b [3][]byte
        for i, field := range strings.Split(lines.Text(), ",") { b[i], _ = hex.DecodeString(field) }
        fmt.Println(ed25519.Verify(b[0], b[1], b[2]))
    }
}
"""


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that verifies with Go's own library."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    folder = tmp_path_factory.mktemp("go")
    (folder / "verify.go").write_text(GO, "utf-8")
    subprocess.run(["go", "build", "-o", "verify", "verify.go"], cwd=folder, check=True)
    return folder / "verify"


def by_go(program: Path, cases: Sequence[Case]) -> Iterator[bool]:
    lines = "".join(f"{','.join(part.hex() for part in case)}\n" for case in cases)
    done = subprocess.run([program], input=lines, check=True, capture_output=True, text=True)
    return (line == "true" for line in done.stdout.splitlines())


def agreed(cases: Sequence[Case]) -> list[bool]:
    """Return the verdicts, which are the same for libsodium and the second reading."""
    ours = [independent_ed25519.verifies(*case) for case in cases]
    assert ours == [keys.verifies(*case) for case in cases]
    return ours


def test_two_verifiers_have_one_verdict() -> None:
    made = Random(16)
    assert sum(agreed(list(right_and_wrong(made, 60)))) == 30
    assert sum(agreed(list(crooked(made, 48)))) <= 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_three_verifiers_have_one_verdict_on_ten_thousand_signatures(go: Path) -> None:
    """Go does not refuse small orders; such keys are refused as `weak_key` when they are added."""
    made = Random(16)
    cases = list(right_and_wrong(made, 10_000))
    ours = agreed(cases)
    assert sum(ours) == 5_000
    assert ours == list(by_go(go, cases))
    cases = list(crooked(made, 500))
    for case, right, of_go in zip(cases, agreed(cases), by_go(go, cases), strict=True):
        small = case.public in SMALL_ORDER or case.signature[:32] in SMALL_ORDER
        assert right == (of_go and not small), case


def test_both_readings_call_the_same_keys_weak() -> None:
    made = Random(16)
    cases = [case.public for case in chain(crooked(made, 48), right_and_wrong(made, 8))]
    for public in (*SMALL_ORDER, *cases, bytes(32), b"\xff" * 32):
        assert independent_ed25519.is_weak(public) == keys.is_weak(public), public.hex()
