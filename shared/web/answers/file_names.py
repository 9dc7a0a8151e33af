"""Names of downloaded files, which describe the content in the reader's language."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from shared.vocabulary.vietnamese import plain

LONGEST_PART = 60
_NO_LETTERS = re.compile(r"[\W_]+")
_NO_ASCII = re.compile(r"[^a-z0-9._-]+")


def attachment(parts: Iterable[str | None], ending: str) -> str:
    """Return a `Content-Disposition` (RFC 6266): the parts joined by `_`, the empty ones left out.

    `filename` is without accents, for clients that do not support `filename*`.
    """
    written = (_NO_LETTERS.sub("-", part.lower()).strip("-") for part in parts if part)
    name = "_".join(part[:LONGEST_PART].strip("-") for part in written if part)
    bare = _NO_ASCII.sub("-", plain(name)).strip("-") or "so-cai"
    return f"attachment; filename=\"{bare}.{ending}\"; filename*=UTF-8''{quote(name)}.{ending}"
