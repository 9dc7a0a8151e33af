"""Which logs and which cosignatures count (c2sp.org/tlog-policy)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import COSIGNATURE, ED25519, Note, NoteError, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NONE = "none"
AHEAD_SECONDS = 60
"""By how much the clock of a witness may be ahead."""
_OTHER_OCTETS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Group(NamedTuple):
    """At least `least` of the members, which are witnesses and groups, have cosigned."""

    least: int
    members: tuple[str, ...]


class Witnessed(NamedTuple):
    """A note judged by a policy: its checkpoint, and when each witness (by name) cosigned it.

    `enough` says whether these are a quorum. Times are seconds since 1970 UTC.
    """

    checkpoint: Checkpoint
    cosigned: Mapping[str, int]
    enough: bool


class Policy(NamedTuple):
    """Logs and witnesses by their keys, groups of witnesses, and the quorum."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Return the policy of a text; raises `NoteError` with the number of the line."""
        reading = _Reading()
        for at, line in enumerate(text.split("\n"), start=1):
            words = line.strip(" \t").replace("\t", " ").split()
            if _OTHER_OCTETS.search(line):
                raise NoteError(f"policy, line {at}: control characters")
            if words and not words[0].startswith("#"):
                try:
                    reading.take(words[0], words[1:])
                except NoteError as error:
                    raise NoteError(f"policy, line {at}: {error}") from None
        if reading.quorum is None:
            raise NoteError("policy: no quorum is stated")
        return cls(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)

    def judge(self, note: Note, now: int) -> Witnessed:
        """Return which cosignatures of a note count; `now` is in seconds since 1970 UTC.

        Raises `NoteError` if no log of the policy has signed it under its own name, or if a line
        of a log or witness of the policy is wrong. One from the future does not count.
        """
        checkpoint = Checkpoint.parse(note.text)
        signed = note.signed_by([*self.logs, *self.witnesses.values()])
        if not any(log in signed and log.name == checkpoint.origin for log in self.logs):
            raise NoteError(f"no known log has signed the checkpoint of {checkpoint.origin}")
        cosigned = {
            name: signed[key].cosigned_at
            for name, key in self.witnesses.items()
            if key in signed and signed[key].cosigned_at <= now + AHEAD_SECONDS
        }
        return Witnessed(checkpoint, cosigned, self.is_quorum(cosigned))

    def is_quorum(self, names: Mapping[str, object]) -> bool:
        """Return whether these witnesses are enough."""
        return self.quorum == NONE or self._has(self.quorum, names)

    def least(self, name: str | None = None) -> int:
        """Return the smallest number of witnesses that can be a quorum."""
        wanted = self.quorum if name is None else name
        if wanted == NONE:
            return 0
        group = self.groups.get(wanted)
        if group is None:
            return 1
        return sum(sorted(map(self.least, group.members))[: group.least])

    def _has(self, name: str, names: Mapping[str, object]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in names
        return sum(self._has(each, names) for each in group.members) >= group.least


class _Reading:
    """A policy as far as it was read."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._used: set[str] = set()
        self._keys: set[tuple[int, bytes]] = set()

    def take(self, what: str, words: Sequence[str]) -> None:
        known: dict[str, tuple[Callable[[Sequence[str]], None], range]] = {
            "log": (self._log, range(1, 3)),
            "witness": (self._witness, range(2, 4)),
            "group": (self._group, range(3, 1000)),
            "quorum": (self._quorum, range(1, 2)),
        }
        if what not in known or len(words) not in known[what][1]:
            raise NoteError(f"not a line of a policy: {what[:40]!r}")
        known[what][0](words)

    def _log(self, words: Sequence[str]) -> None:
        self.logs.append(self._key(words[0], ED25519))

    def _witness(self, words: Sequence[str]) -> None:
        self._name(words[0])
        self.witnesses[words[0]] = self._key(words[1], COSIGNATURE)

    def _group(self, words: Sequence[str]) -> None:
        name, stated, *members = words
        self._name(name)
        known = self.witnesses.keys() | self.groups.keys()
        if not known.issuperset(members) or len(set(members)) < len(members):
            raise NoteError("members of a group are known names, each once")
        if self._used.intersection(members):
            raise NoteError("a name is a member of one group only")
        self._used.update(members)
        shorthand = {"any": "1", "all": str(len(members))}.get(stated, stated)
        if not re.fullmatch(r"[1-9][0-9]{0,3}", shorthand) or int(shorthand) > len(members):
            raise NoteError("a group needs 'any', 'all' or a number up to that of its members")
        self.groups[name] = Group(int(shorthand), tuple(members))

    def _quorum(self, words: Sequence[str]) -> None:
        if self.quorum is not None:
            raise NoteError("a second quorum")
        if words[0] not in {NONE, *self.witnesses, *self.groups}:
            raise NoteError("the quorum is 'none', or a name stated before")
        self.quorum = words[0]

    def _name(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise NoteError("a name is stated once, and is not 'none'")

    def _key(self, vkey: str, kind: int) -> VerifierKey:
        key = VerifierKey.parse(vkey)
        if key.kind != kind:
            raise NoteError("the key is of the other kind: logs have 0x01, witnesses 0x04")
        if (kind, key.public) in self._keys:
            raise NoteError("a key is stated once")
        self._keys.add((kind, key.public))
        return key
