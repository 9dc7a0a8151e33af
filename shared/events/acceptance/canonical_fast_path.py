"""The canonical bytes of an event's data, with a fast path for plain data.

Most data needs no normalisation. The fast path writes it with the C encoder and then checks the
text as a whole; it never accepts data that `normalise` would change or refuse.
"""

import re

from shared.events.acceptance.json_parser import MAX_DEPTH
from shared.events.acceptance.normalization import normalise
from shared.events.acceptance.unicode_nfc import is_nfc
from shared.events.canonical_json import write, write_sorted
from shared.events.payloads.payload import TEXT_LIMIT

# Escapes that plain canonical text never has; they take the slow path.
_OTHER_ESCAPE = re.compile(r'\\[^"\\nt]')


def canonical_data(data: object) -> bytes:
    """Return the RFC 8785 bytes of the data in canonical form.

    Raises `BrokenContract` as `normalise` does, with pointers from the event.
    """
    try:
        text = write_sorted(data)
        encoded = text.encode()
    except (TypeError, ValueError, RecursionError):
        pass  # markers, lone surrogates, depth: `normalise` finds the place
    else:
        if _is_plain(text, encoded):
            return encoded
    return write(normalise(data, under="data")).encode()


def _is_plain(text: str, encoded: bytes) -> bool:
    """Return whether canonical text certainly has nothing to normalise or refuse."""
    if len(text) > TEXT_LIMIT or text.count("{") + text.count("[") > MAX_DEPTH:
        return False
    if "\\" in text and _OTHER_ESCAPE.search(text):
        return False
    return not _holds_control_or_beyond_bmp(encoded) and is_nfc(text)


def _holds_control_or_beyond_bmp(encoded: bytes) -> bool:
    """Return whether the bytes have DEL or lead bytes of C1 controls or 4-byte characters."""
    return (
        b"\x7f" in encoded
        or b"\xc2" in encoded
        or b"\xf0" in encoded
        or b"\xf1" in encoded
        or b"\xf2" in encoded
        or b"\xf3" in encoded
        or b"\xf4" in encoded
    )
