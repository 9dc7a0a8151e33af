"""Signed notes and checkpoints: the vectors are those of c2sp.org, the rules those it states."""

import pytest

from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.merkle import root_of
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

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
    "RKuwHjG1Yu72IneyaQM=\n"
)
"""The example of c2sp.org/signed-note."""
KEY = SecretKey.from_seed(bytes(32))
OTHER = SecretKey.from_seed(b"o" * 32)
TEXT = str(Checkpoint("example.com/log", 1, bytes(32)))
SIGNED = str(Note(TEXT, (sign(TEXT, "example.com/log", KEY),)))


def test_the_example_of_the_specification_verifies_and_is_written_as_it_was_read() -> None:
    key, note = VerifierKey.parse(VKEY), Note.parse(NOTE.encode())
    assert list(note.signed_by([key])) == [key]
    assert (str(key), str(note)) == (VKEY, NOTE)


def test_a_vkey_is_divided_at_its_first_two_plus_signs() -> None:
    seeds = (bytes([each]) * 32 for each in range(256))
    keys = [VerifierKey("n", ED25519, SecretKey.from_seed(seed).public) for seed in seeds]
    with_more = [key for key in keys if str(key).count("+") > 2]
    assert with_more
    assert [VerifierKey.parse(str(key)) for key in keys] == keys


@pytest.mark.parametrize(
    "vkey",
    [
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("example.com/foo", "example.com/foo bar"),
        VKEY.replace("example.com/foo", ""),
        VKEY[:-1],
        VKEY + "=",
        VKEY[:-1] + "l",  # the spare bits are not zero
        str(VerifierKey("n", 0x06, bytes(32))),
        str(VerifierKey("n", ED25519, bytes(31))),
    ],
)
def test_what_is_not_a_vkey_of_a_known_kind_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(vkey)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        NOTE.encode()[:-1],
        NOTE.replace("\n\n", "\n").encode(),
        NOTE.replace("\n", "\r\n").encode(),
        NOTE.replace("message", "mess\x00age").encode(),
        NOTE.replace("message", "mess\tage").encode(),
        NOTE.replace("message", "mess\x7f").encode()[:-1],
        NOTE.encode().replace(b"message", b"\xff"),
        NOTE.replace("— ", "- ").encode(),
        NOTE.replace("example.com/foo", "example.com/f+o").encode(),
        NOTE.replace("example.com/foo", "example.com/f\u00a0o").encode(),
        NOTE.replace("example.com/foo", "example.com/foo ").encode(),
        NOTE.replace("QM=\n", "QM==\n").encode(),
        NOTE.replace("QM=\n", "QN=\n").encode(),
        NOTE.replace("aQM=", "aQM").encode(),
        (NOTE + "\n").encode(),
        (NOTE + "trailing").encode(),
        b"a\n\n" + "— n AAAA\n".encode() + b"x" * 65_536,
        b"a\n\n\xe2\x80\x94 n AAAAAA==\n",  # an id without a signature
    ],
)  # fmt: skip
def test_what_is_not_a_note_is_refused(written: bytes) -> None:
    with pytest.raises(NoteError):
        Note.parse(written)


def test_two_blank_lines_belong_to_the_text_except_for_the_last() -> None:
    text = "one\n\n\ntwo\n\n"
    note = Note.parse(str(Note(text, (sign(text, "n", KEY),))).encode())
    assert note.text == text
    assert note.signed_by([VerifierKey("n", ED25519, KEY.public)])


def test_seventeen_signatures_are_read_and_only_known_ones_are_counted() -> None:
    others = tuple(sign(TEXT, f"other-{number}", OTHER) for number in range(16))
    note = Note.parse(str(Note(TEXT, (*others, sign(TEXT, "n", KEY)))).encode())
    known = VerifierKey("n", ED25519, KEY.public)
    assert list(note.signed_by([known])) == [known]
    with pytest.raises(NoteError):
        Note.parse(str(Note(TEXT, others * 7)).encode())


def test_a_key_of_the_same_name_or_the_same_id_alone_has_not_signed() -> None:
    note = Note.parse(SIGNED.encode())
    assert note.signed_by([VerifierKey("example.com/log", ED25519, OTHER.public)]) == {}
    assert note.signed_by([VerifierKey("example.com/other", ED25519, KEY.public)]) == {}
    assert note.signed_by([VerifierKey("example.com/log", COSIGNATURE, KEY.public)]) == {}


def test_a_wrong_signature_of_a_known_key_makes_the_whole_note_wrong() -> None:
    known = [VerifierKey("a", ED25519, KEY.public), VerifierKey("b", ED25519, OTHER.public)]
    right, wrong = sign(TEXT, "a", KEY), sign("other\n", "b", OTHER)
    with pytest.raises(NoteError):
        Note(TEXT, (right, wrong)).signed_by(known)


def test_a_cosignature_signs_its_time_and_is_not_a_plain_signature() -> None:
    line = cosign(TEXT, "w", KEY, 1_700_000_000)
    witness = VerifierKey("w", COSIGNATURE, KEY.public)
    assert Note(TEXT, (line,)).signed_by([witness])[witness].cosigned_at == 1_700_000_000
    later = line._replace(value=(1_700_000_001).to_bytes(8, "big") + line.value[8:])
    beyond = line._replace(value=(1 << 63).to_bytes(8, "big") + line.value[8:])
    plain = Signature("w", witness.key_id, KEY.sign(TEXT.encode()))
    for each in (later, beyond, plain, line._replace(value=line.value[:-1])):
        with pytest.raises(NoteError):
            Note(TEXT, (each,)).signed_by([witness])


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "extension\n",
        TEXT + "\n",
        TEXT[:-1],
        TEXT.replace("\n1\n", "\n01\n"),
        TEXT.replace("\n1\n", "\n-1\n"),
        TEXT.replace("\n1\n", "\n+1\n"),
        TEXT.replace("\n1\n", "\n1 \n"),
        TEXT.replace("\n1\n", "\n1_0\n"),
        TEXT.replace("\n1\n", "\n\u0661\n"),
        TEXT.replace("\n1\n", f"\n{1 << 63}\n"),
        TEXT.replace("example.com/log", "example.com/l og"),
        TEXT.replace("example.com/log", ""),
        TEXT.replace("=\n", "\n"),
        str(Checkpoint("o", 1, bytes(31))),
    ],
)
def test_what_is_not_a_checkpoint_in_its_one_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_a_checkpoint_is_written_as_it_was_read() -> None:
    empty = Checkpoint("o", 0, root_of(()))
    assert Checkpoint.parse(str(empty)) == empty
    assert str(empty) == "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
