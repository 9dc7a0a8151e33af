"""The canonical bytes of an event's data: by a quick way where it is plain, else by the thorough.

Most data needs nothing mended. The quick way lets the C encoder write it and then looks at the
text as a whole; it takes nothing for plain that the thorough way would mend or refuse.
"""

import re

from shared.events.acceptance.json_parser import MAX_DEPTH
from shared.events.acceptance.normalization import normalise
from shared.events.acceptance.unicode_nfc import is_nfc
from shared.events.canonical_json import write, write_sorted
from shared.events.payloads.payload import TEXT_LIMIT

# What the one form of plain texts never holds; anything else takes the thorough way.
_OTHER_ESCAPE = re.compile(r'\\[^"\\nt]')


def canonical_data(data: object) -> bytes:
    """Return the RFC 8785 bytes of the data in its one form.

    Raises `BrokenContract` as `normalise` does, with pointers from the event.
    """
    try:
        text = write_sorted(data)
        encoded = text.encode()
    except (TypeError, ValueError, RecursionError):
        pass  # markers, lone surrogates, depth: the thorough way says where
    else:
        if _is_plain(text, encoded):
            return encoded
    return write(normalise(data, under="data")).encode()


def _is_plain(text: str, encoded: bytes) -> bool:
    """Return whether canonical text certainly holds nothing to mend or refuse."""
    if len(text) > TEXT_LIMIT or text.count("{") + text.count("[") > MAX_DEPTH:
        return False
    if "\\" in text and _OTHER_ESCAPE.search(text):
        return False
    return not _holds_control_or_beyond_bmp(encoded) and is_nfc(text)


def _holds_control_or_beyond_bmp(encoded: bytes) -> bool:
    """Look for DEL, and for the bytes that lead C1 control characters and 4-byte letters."""
    return (
        b"\x7f" in encoded
        or b"\xc2" in encoded
        or b"\xf0" in encoded
        or b"\xf1" in encoded
        or b"\xf2" in encoded
        or b"\xf3" in encoded
        or b"\xf4" in encoded
    )
