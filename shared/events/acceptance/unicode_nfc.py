"""Unicode NFC in a time that grows as the text: Python's own takes the square of a run of marks.

64 KiB of combining marks would hold a service up for more than a second, a batch of them for
minutes. Marks of a long run are therefore put in their order first, by a sort that is none of
Python's normaliser, which then finds nothing left to move.
"""

import re
from itertools import groupby
from unicodedata import combining, is_normalized, normalize

# Whatever may stand in a row without end and must be sorted (its decomposition begins with a mark);
# a little too much is no harm. Unicode itself calls 30 the most that a text ever needs (UAX #15).
_LONG_RUN = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u302f\u3099\u309a"
    "\ua66f-\uabff\ufb1e\ufe20-\ufe2f\U000101fd-\U0001efff]{31}"
)
_SHORT = 512  # characters; the square of so few is no harm
_PIECE = 32  # characters that are decomposed at once


def nfc(text: str) -> str:
    """Return the NFC form of a text."""
    return normalize("NFC", _in_order(text) if _LONG_RUN.search(text) else text)


def is_nfc(text: str) -> bool:
    """Return whether a text certainly is its own NFC form; one of JSON is asked piece by piece.

    A piece ends before a space or a quotation mark, which no mark behind it changes.
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
