"""Which cosignatures count: the policies are those of c2sp.org/tlog-policy."""

import pytest

from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.notes import COSIGNATURE, ED25519, Note, NoteError, VerifierKey, cosign, sign
from shared.trust.policy import AHEAD_SECONDS, Policy

ORIGIN = "example.com/log"
LOG = SecretKey.from_seed(b"l" * 32)
KEYS = {name: SecretKey.from_seed(name.encode() * 16) for name in ("x1", "x2", "x3", "y1", "y2")}
NOW = 1_790_000_000
TEXT = str(Checkpoint(ORIGIN, 5, bytes(32)))


def vkey(name: str) -> str:
    return str(VerifierKey(f"w.example/{name}", COSIGNATURE, KEYS[name].public))


LOG_LINE = f"log {VerifierKey(ORIGIN, ED25519, LOG.public)} https://log.example"
WITNESSES = "\n".join(f"witness {name} {vkey(name)}" for name in KEYS)
EXAMPLE = f"""
# the example of the specification
{LOG_LINE}
{WITNESSES}
group X\t2 x1 x2  x3
group Y any y1 y2
group X-and-Y all X Y
quorum X-and-Y
"""
POLICY = Policy.parse(EXAMPLE)


def note(*witnesses: str, at: int = NOW) -> Note:
    lines = (cosign(TEXT, f"w.example/{name}", KEYS[name], at) for name in witnesses)
    return Note(TEXT, (sign(TEXT, ORIGIN, LOG), *lines))


@pytest.mark.parametrize(
    ("witnesses", "enough"),
    [
        (("x1", "x2", "y1"), True),
        (("x1", "x3", "y2", "x2", "y1"), True),
        (("x1", "y1", "y2"), False),
        (("x1", "x2", "x3"), False),
        ((), False),
        (("x1", "x1", "y1"), False),  # twice by one witness is once
    ],
)
def test_a_quorum_is_as_the_policy_says(witnesses: tuple[str, ...], enough: bool) -> None:
    judged = POLICY.judge(note(*witnesses), NOW)
    assert judged.enough is enough
    assert set(judged.cosigned) == set(witnesses)


def test_the_smallest_quorum_is_known() -> None:
    assert POLICY.least() == 3
    one = Policy.parse(EXAMPLE.replace("quorum X-and-Y", "quorum y2"))
    assert (one.least(), Policy.parse(f"{LOG_LINE}\nquorum none").least()) == (1, 0)


def test_a_witness_outside_the_policy_does_not_count() -> None:
    stranger = SecretKey.from_seed(b"s" * 32)
    line = cosign(TEXT, "w.example/x2", stranger, NOW)
    cosigned = note("x1", "y1")
    judged = POLICY.judge(cosigned._replace(signatures=(*cosigned.signatures, line)), NOW)
    assert (set(judged.cosigned), judged.enough) == ({"x1", "y1"}, False)


def test_a_cosignature_from_the_future_does_not_count() -> None:
    assert POLICY.judge(note("x1", "x2", "y1", at=NOW + AHEAD_SECONDS), NOW).enough
    judged = POLICY.judge(note("x1", "x2", "y1", at=NOW + AHEAD_SECONDS + 1), NOW)
    assert (judged.cosigned, judged.enough) == ({}, False)


def test_a_checkpoint_that_no_known_log_signed_is_refused_whatever_witnesses_say() -> None:
    cosigned = note(*KEYS)
    with pytest.raises(NoteError):
        POLICY.judge(cosigned._replace(signatures=cosigned.signatures[1:]), NOW)
    other = str(Checkpoint("example.com/other", 5, bytes(32)))
    with pytest.raises(NoteError):  # the log's key under another origin
        POLICY.judge(Note(other, (sign(other, ORIGIN, LOG),)), NOW)


def test_a_wrong_line_of_a_known_witness_makes_the_note_wrong() -> None:
    wrong = cosign(TEXT.replace("5", "6"), "w.example/x1", KEYS["x1"], NOW)
    cosigned = note("x2", "x3", "y1")
    with pytest.raises(NoteError):
        POLICY.judge(cosigned._replace(signatures=(*cosigned.signatures, wrong)), NOW)


def test_without_a_quorum_the_log_alone_is_enough() -> None:
    assert Policy.parse(f"{LOG_LINE}\nquorum none\n").judge(note(), NOW).enough


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("quorum X-and-Y", ""),
        ("quorum X-and-Y", "quorum X-and-Y\nquorum none"),
        ("quorum X-and-Y", "quorum Z"),
        ("quorum X-and-Y", "quorum X Y"),
        ("group X\t2 x1", "group X\t4 x1"),
        ("group X\t2 x1", "group X\t0 x1"),
        ("group X\t2 x1", "group X\t02 x1"),
        ("group X\t2 x1 x2", "group X\t2 x1 x1"),
        ("group X\t2 x1", "group X\t2 z1"),
        ("group Y any y1", "group Y any x1 y1"),
        ("group Y any y1 y2", "group Y any"),
        ("group Y any", "group X any"),
        ("group Y any", "group none any"),
        ("group X-and-Y all X Y", "group X-and-Y all X X-and-Y"),
        ("witness x1", "witness none"),
        ("witness x2", "witness x1"),
        ("# the", "the"),
        ("# the", "#\x0bthe"),
        (vkey("x2"), vkey("x1")),
        (vkey("x2"), str(VerifierKey("w", ED25519, KEYS["x2"].public))),
        (LOG_LINE, LOG_LINE.replace("log ", "log x ")),
        (LOG_LINE, f"log {vkey('x1')}"),
        (LOG_LINE, f"{LOG_LINE}\n{LOG_LINE}"),
    ],
)
def test_what_is_not_a_policy_is_refused(before: str, after: str) -> None:
    assert before in EXAMPLE
    with pytest.raises(NoteError):
        Policy.parse(EXAMPLE.replace(before, after, 1))
