"""A key of this machine, made the first time: the sealer's, and a witness's."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shared.trust.keys import SecretKey

if TYPE_CHECKING:
    from pathlib import Path


def key_at(path: Path) -> SecretKey:
    """Return the key in a file that only its owner reads, making it if there is none."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process has made it meanwhile
            SecretKey.new().save(path)
    return SecretKey.load(path)
