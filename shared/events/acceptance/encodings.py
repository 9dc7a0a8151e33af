"""Encodings of JSON: UTF-8 (RFC 8259, 8.1), with or without a byte-order mark; no other."""

from shared.events.bilingual import said

MARK = b"\xef\xbb\xbf"
"""The byte-order mark that Windows puts before UTF-8; it is skipped."""

NOT_UTF8 = said(
    "không phải UTF-8, có lẽ là bảng mã cũ như windows-1258: hãy lưu lại dưới dạng UTF-8",
    "not UTF-8, perhaps a code page such as windows-1258: save it as UTF-8",
)
IS_OTHER = said("là {name}: hãy lưu lại dưới dạng UTF-8", "{name}: save it as UTF-8")
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32 LE"),  # before that of UTF-16, with which it begins
    (b"\x00\x00\xfe\xff", "UTF-32 BE"),
    (b"\xff\xfe", "UTF-16 LE"),
    (b"\xfe\xff", "UTF-16 BE"),
)


def without_mark(raw: bytes) -> bytes:
    """Return the bytes without a UTF-8 byte-order mark."""
    return raw.removeprefix(MARK)


def other_encoding(raw: bytes) -> str | None:
    """Return UTF-16 or UTF-32 if bytes begin like one of these; None for all others.

    Without a mark, the zeros around the first character show it, which is ASCII in JSON.
    """
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    return marked or (_by_zeros(raw[:4]) if b"\x00" in raw[:2] else None)


def _by_zeros(first: bytes) -> str | None:
    match [byte == 0 for byte in first]:
        case [True, True, True, False]:
            return "UTF-32 BE"
        case [False, True, True, True]:
            return "UTF-32 LE"
        case [True, False, *_]:
            return "UTF-16 BE"
        case [False, True, *_]:
            return "UTF-16 LE"
        case _:
            return None
