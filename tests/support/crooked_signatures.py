"""Crooked Ed25519 signatures and keys: of small order, in other encodings, with S + L.

The crooked ones are made with the arithmetic of RFC 8032 in the tests' own few lines.
"""

from collections.abc import Iterator
from hashlib import sha512
from random import Random
from typing import NamedTuple

from shared.trust.keys import SecretKey

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, PRIME) % PRIME
Point = tuple[int, int]


class Case(NamedTuple):
    """A key, a message and a signature."""

    public: bytes
    message: bytes
    signature: bytes


def plus(one: Point, other: Point) -> Point:
    """Add two points in plain coordinates (RFC 8032, 5.1.4)."""
    (x, y), (u, v) = one, other
    product = _D * x * u * y * v % PRIME
    left = (x * v + u * y) * pow(1 + product, -1, PRIME) % PRIME
    return left, (y * v + x * u) * pow(1 - product, -1, PRIME) % PRIME


def times(number: int, point: Point) -> Point:
    """Return a multiple of a point."""
    total = (0, 1)
    while number:
        total = plus(total, point) if number % 2 else total
        point, number = plus(point, point), number // 2
    return total


def written(point: Point) -> bytes:
    """Return the canonical 32 bytes."""
    return (point[1] + ((point[0] % 2) << 255)).to_bytes(32, "little")


def _with(y: int) -> Point | None:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    for root in (x, x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
        if root * root % PRIME == square:
            return root - root % 2 * (2 * root - PRIME), y  # the even one
    return None


BASE = _with(4 * pow(5, -1, PRIME) % PRIME) or (0, 0)


def _torsion() -> list[Point]:
    """Return the 8 points of small order."""
    y = 2
    while True:
        point = _with(y)
        if point is not None:
            small = times(ORDER, point)
            if times(4, small) != (0, 1):
                return [times(number, small) for number in range(8)]
        y += 1


TORSION = _torsion()


def _encodings() -> list[bytes]:
    """Return every 32 bytes that a careless reader takes for a point of small order."""
    found = set()
    for x, y in TORSION:
        for number in (y, y + PRIME):
            for sign in (0, 1) if x == 0 else (x % 2,):
                if number < 1 << 255:
                    found.add((number + (sign << 255)).to_bytes(32, "little"))
    return sorted(found)


SMALL_ORDER = _encodings()


def _number(random: Random) -> int:
    return random.randrange(1, ORDER)


def signed(random: Random, *, key: int = 0, commitment: int = 0) -> Case:
    """Sign a message with a random key; points of small order may be added to key and R."""
    secret, nonce = _number(random), _number(random)
    public = written(plus(times(secret, BASE), TORSION[key]))
    first = written(plus(times(nonce, BASE), TORSION[commitment]))
    text = random.randbytes(random.randrange(80))
    hashed = int.from_bytes(sha512(first + public + text).digest(), "little")
    return Case(public, text, first + ((nonce + hashed * secret) % ORDER).to_bytes(32, "little"))


def under_a_small_key(random: Random) -> Case:
    """Sign without any secret: the equation holds under a key of small order."""
    place = random.randrange(8)
    public = written(TORSION[place])
    while True:
        nonce, small = _number(random), random.randrange(8)
        first, text = written(plus(times(nonce, BASE), TORSION[small])), random.randbytes(40)
        hashed = int.from_bytes(sha512(first + public + text).digest(), "little") % ORDER
        if (hashed * place + small) % 8 == 0:
            return Case(public, text, first + nonce.to_bytes(32, "little"))


def without_commitment(random: Random) -> Case:
    """Sign with R of small order: the equation holds."""
    secret, text, first = _number(random), random.randbytes(40), written((0, 1))
    public = written(times(secret, BASE))
    hashed = int.from_bytes(sha512(first + public + text).digest(), "little")
    return Case(public, text, first + (hashed * secret % ORDER).to_bytes(32, "little"))


def right_and_wrong(random: Random, count: int) -> Iterator[Case]:
    """Yield right signatures, and as many with one bit of key, message or signature changed."""
    for number in range(count):
        key, text = SecretKey.from_seed(random.randbytes(32)), random.randbytes(number % 79 + 1)
        case = Case(key.public, text, key.sign(text))
        if number % 2:
            place = random.randrange(3)
            changed = bytearray(case[place])
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            values = list(case)
            values[place] = bytes(changed)
            case = Case(*values)
        yield case


def crooked(random: Random, count: int) -> Iterator[Case]:
    """Yield signatures that only strict verifiers refuse, or that only sloppy ones accept."""
    for number in range(count):
        right = signed(random)
        first, s = right.signature[:32], int.from_bytes(right.signature[32:], "little")
        small = random.choice(SMALL_ORDER)
        match number % 8:
            case 0:  # S + L
                yield right._replace(signature=first + (s + ORDER).to_bytes(32, "little"))
            case 1:  # a key of small order: S = 0 and R of small order
                yield Case(small, right.message, random.choice(SMALL_ORDER) + bytes(32))
            case 2:
                yield under_a_small_key(random)
            case 3:
                yield without_commitment(random)
            case 4:  # R with a point of small order added
                yield signed(random, commitment=random.randrange(1, 8))
            case 5:  # a key with a point of small order added
                yield signed(random, key=random.randrange(1, 8))
            case 6:  # a key that is not canonical
                y = int.from_bytes(right.public, "little") % (1 << 255) % 19
                yield right._replace(public=(y + PRIME).to_bytes(32, "little"))
            case _:  # S of the order itself, and above
                above = ORDER + random.choice((0, 1, ORDER, 2 * ORDER))
                yield right._replace(signature=first + above.to_bytes(32, "little"))
