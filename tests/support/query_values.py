"""Values for query parameters, good and forged: moments, maps, cursors, and odd text."""

import base64
import json
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

_ODD = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "%",
    "%00",
    "..",
    "../../etc/passwd",
    "'",
    "' OR 1=1 --",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "\u202e",
    "\ufeff",
    "Đặng Thị Mười",
    "Đặng",
    "\U0001f600",
    "١٢٣",
    "NaN",
    "-1",
    "1e999",
    "9" * 30,
    "9" * 5_000,
    "x" * 9_000,
    "null",
    "true",
]


# By number: Hypothesis writes a strategy out, and some of these are long.
def _odd(number: int) -> str:
    return _ODD[number]


ODD_TEXTS = st.integers(0, len(_ODD) - 1).map(_odd)
OFFSETS = st.sampled_from(["Z", "+07:00", "-14:00", "+23:59", " 07:00", ""])
MOMENTS = st.one_of(
    st.integers(-2, 40).map(str),
    st.sampled_from(
        [
            "recorded",
            "current",
            "0001-01-01",
            "9999-12-31",
            "2022-02-30",
            "2022-12-31",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59.999999-14:00",
            "2022-06-01T00:00:00Z",
            "2022-06-01T00:00:00 07:00",
            "2022-06-01T00:00:00",
            "2022-W01-1T00:00:00Z",
            "20220601T000000Z",
            "2022-06-01T24:00:00Z",
            "2022-06-01T23:59:60Z",
            "٢٠٢٢-٠١-٠١",
            "9007199254740993",
            "9" * 17,
        ]
    ),
    st.dates().map(str),
    st.builds("{}{}".format, st.datetimes().map(datetime.isoformat), OFFSETS),
    ODD_TEXTS,
)


def forged(place: object) -> str:
    """Return a cursor as a service would write it, of any content."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).rstrip(b"=").decode()


_MEMBERS = ("after", "at", "day", "position", "since", "year", "key", "number", "start", "name")
_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.sampled_from([2**31, 2**53, 2**63, 2**64, -(2**63), 10**30, 0.5]),
    st.sampled_from(["", "x-1", "r-1", "2022-01-01", "0001-01-01", "9999-12-31", "\x00", "\ud800"]),
    st.lists(st.integers(-1, 9), max_size=3),
    st.just({}),
)
CURSORS = st.one_of(
    st.dictionaries(st.sampled_from(_MEMBERS), _VALUES, max_size=6).map(forged),
    st.just({"at": 3, "day": "", "after": 0, "position": 0}).map(forged),
    st.just({"at": 3, "day": "2022-01-01", "year": 2022, "after": 1}).map(forged),
    st.sampled_from([[], "x", None, 5]).map(forged),
    st.just("[").map(lambda text: base64.urlsafe_b64encode(text.encode() * 3_000).decode()),
    ODD_TEXTS,
)
