"""Unicode NFC in linear time: Python's takes quadratic time for a run of combining marks.

64 KiB of combining marks would block a service for more than a second, a batch of them for minutes.
Long runs of marks are therefore sorted first, so that Python's normaliser finds them in order.
"""

import re
from itertools import groupby
from unicodedata import combining, is_normalized, normalize

# A superset of the characters that must be sorted in long runs (their decomposition begins with a
# mark). According to Unicode no text needs more than 30 in a run (UAX #15).
_LONG_RUN = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u302f\u3099\u309a"
    "\ua66f-\uabff\ufb1e\ufe20-\ufe2f\U000101fd-\U0001efff]{31}"
)
_SHORT = 512  # characters; quadratic time is harmless here
_PIECE = 32  # characters decomposed at once


def nfc(text: str) -> str:
    """Return the NFC form of a text."""
    return normalize("NFC", _in_order(text) if _LONG_RUN.search(text) else text)


def is_nfc(text: str) -> bool:
    """Return whether a text is certainly in NFC; long texts are checked in pieces.

    A piece ends before a space or a quotation mark, which do not combine with marks.
    """
    start = 0
    while len(text) - start > _SHORT:
        stop = start + _SHORT
        end = max(text.rfind(" ", start + 1, stop), text.rfind('"', start + 1, stop))
        if end < 0 or not is_normalized("NFC", text[start:end]):
            return False
        start = end
    return is_normalized("NFC", text[start:])


def _in_order(text: str) -> str:
    """Return the canonical decomposition of a text, by a stable sort of each run of marks."""
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    decomposed = "".join(normalize("NFD", piece) for piece in pieces)
    runs = groupby(decomposed, key=lambda letter: combining(letter) > 0)
    return "".join("".join(sorted(run, key=combining) if marks else run) for marks, run in runs)
