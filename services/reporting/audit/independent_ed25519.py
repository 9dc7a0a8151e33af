"""Ed25519 verification for the independent reading (RFC 8032), with the verdict of libsodium.

Strict: S below the order, the key canonical, neither the key nor R of small order, and the equation
without the cofactor. It uses only the standard library.
"""

from __future__ import annotations

from hashlib import sha512

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, PRIME) % PRIME
_ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
_SIGN = 1 << 255

Point = tuple[int, int, int, int]
"""Extended coordinates: X, Y, Z, T with x = X/Z, y = Y/Z and x·y = T/Z."""
_NEUTRAL: Point = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * _D % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def _point(encoded: bytes) -> Point | None:
    """Return the point of 32 bytes, None if it is none or not canonically written."""
    number = int.from_bytes(encoded, "little")
    y, odd = number % _SIGN, number // _SIGN
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * _ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME or (x == 0 and odd):
        return None
    x = PRIME - x if x % 2 != odd else x
    return x, y, 1, x * y % PRIME


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], -1, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y + _SIGN * (x % 2)).to_bytes(32, "little")


def _is_neutral(point: Point) -> bool:
    return point[0] == 0 and point[1] == point[2]


def _is_small(point: Point) -> bool:
    """Return whether eight times the point is nothing."""
    for _ in range(3):
        point = _add(point, point)
    return _is_neutral(point)


def _sum_of(s: int, h: int, key: Point) -> Point:
    """Return s times the base point plus h times another."""
    table = (_NEUTRAL, _BASE, key, _add(_BASE, key))
    total = _NEUTRAL
    for bit in range(max(s.bit_length(), h.bit_length()) - 1, -1, -1):
        total = _add(total, total)
        if chosen := (s >> bit & 1) + 2 * (h >> bit & 1):
            total = _add(total, table[chosen])
    return total


_BASE: Point = _point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little")) or _NEUTRAL


def is_weak(public: bytes) -> bool:
    """Return whether 32 bytes are no key: no point of the main group, or not canonical."""
    point = _point(public)
    return point is None or _is_small(point) or not _is_neutral(_sum_of(0, ORDER, point))


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature (64 bytes) of a message is right under a key (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s, point = int.from_bytes(signature[32:], "little"), _point(public)
    if s >= ORDER or point is None or _is_small(point):
        return False
    hashed = sha512(signature[:32] + public + message).digest()
    minus = (PRIME - point[0], point[1], 1, PRIME - point[3])
    found = _sum_of(s, int.from_bytes(hashed, "little") % ORDER, minus)
    return _encoded(found) == signature[:32] and not _is_small(found)
