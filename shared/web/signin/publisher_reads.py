"""Signed requests of publishers: reads of what is their own, and events that a ledger forwards."""

from collections.abc import Callable

from starlette.requests import Request

from shared.clock import MICROSECONDS, Clock
from shared.errors import LedgerError, Problem, declare
from shared.trust.authority import SOURCE_PREFIX, PublisherKey
from shared.trust.problems import KEY_REVOKED
from shared.trust.reads.request_signature import (
    COMPONENTS,
    COMPONENTS_WITH_BODY,
    DIGEST,
    INPUT,
    SIGNATURE,
    RequestSignature,
    SignedRequest,
    digest_of,
)
from shared.vocabulary import Family, KeyUse
from shared.web.server.head_requests import asks_for_head

WINDOW_SECONDS = 300
"""How far `created` may be from our clock. A request may be repeated in it: reads change nothing,
and an event is recorded once."""
_TO_READ = frozenset({KeyUse.EVENTS, KeyUse.RECEIPTS, KeyUse.FORWARDING})
_TO_FORWARD = frozenset({KeyUse.EVENTS, KeyUse.FORWARDING})

UNREADABLE_READ_SIGNATURE = declare(
    "unreadable_read_signature",
    401,
    vi="Chữ ký của yêu cầu không đúng mẫu: Signature-Input phải là "
    'dvk={components};created=<giây>;keyid="<mã khóa>";alg="ed25519", Signature là dvk=:<base64>:; '
    "khi đọc thì yêu cầu không có nội dung, khi gửi thì Content-Digest là sha-256=:<base64>: của "
    "nội dung.",
    en="The signature of the request is not of the profile: Signature-Input is dvk={components};"
    'created=<seconds>;keyid="<key id>";alg="ed25519", Signature is dvk=:<base64>:; a read has no '
    "body, and the Content-Digest of what is sent is sha-256=:<base64>: of the body.",
)
READ_SIGNATURE_NOT_NOW = declare(
    "read_signature_not_now",
    401,
    vi="Yêu cầu được ký lúc {created}, còn đồng hồ của sổ cái là {now}: không được lệch quá "
    "{window} giây.",
    en="The request was signed at {created}, and the ledger's clock is at {now}: they may differ "
    "by {window} seconds.",
)
BAD_READ_SIGNATURE = declare(
    "bad_read_signature",
    401,
    vi="Chữ ký không phải của yêu cầu này. Sổ cái thấy {method} {authority} {path}?{query}: hãy so "
    "với những gì đã ký.",
    en="The signature is not that of this request. The ledger sees {method} {authority} "
    "{path}?{query}: compare it with what was signed.",
)
NO_READING_KEY = declare(
    "no_reading_key",
    403,
    vi="Sổ cái không có khóa nào mang mã {key_id} dùng được cho yêu cầu này: xem kết quả cần khóa "
    "ký sự kiện, khóa đọc biên nhận hoặc khóa chuyển sổ; chuyển sổ cần khóa ký sự kiện hoặc khóa "
    "chuyển sổ.",
    en="The ledger has no key with the id {key_id} for this request: a read needs one for events, "
    "receipts or forwarding, and forwarding one for events or forwarding.",
)
NOT_ITS_OWN = declare(
    "not_its_own",
    403,
    vi="Nơi gửi {publisher} chỉ xem được kết quả của chính mình: hãy ghi source={source}.",
    en="The publisher {publisher} reads only what is its own: state source={source}.",
)


class SignedRequests:
    """Checks signed requests; `key_of` returns a key by its id, as of the head of the log."""

    def __init__(
        self,
        key_of: Callable[[str], PublisherKey | None],
        clock: Clock,
        family: Family,
    ) -> None:
        self._key_of = key_of
        self._clock = clock
        # A proxy takes the prefix of a service away; reporting has none.
        self._prefixes = ("",) if family is Family.REPORTING else ("", f"/{family}")

    def publisher_of(self, request: Request, body: bytes = b"") -> str | None:
        """Return the publisher that signed a request with its body, None if it is not signed.

        Raises `LedgerError` for a signature that is not right.
        """
        inputs, signatures = (request.headers.getlist(name) for name in (INPUT, SIGNATURE))
        if not inputs and not signatures:
            return None
        digest = digest_of(body)
        read = RequestSignature.read(", ".join(inputs), ", ".join(signatures))
        if read is None or read.is_for_body() != bool(body) or not _is_body(request, digest):
            components = COMPONENTS_WITH_BODY if body else COMPONENTS
            raise LedgerError(Problem(UNREADABLE_READ_SIGNATURE, {"components": components}))
        now = self._clock() // MICROSECONDS
        if not _is_now(read.created, now):
            times = {"created": read.created, "now": now, "window": WINDOW_SECONDS}
            raise LedgerError(Problem(READ_SIGNATURE_NOT_NOW, times))
        key = self._key_of(read.key_id)
        if key is None or key.use not in (_TO_FORWARD if body else _TO_READ):
            raise LedgerError(Problem(NO_READING_KEY, {"key_id": read.key_id}))
        if key.is_revoked():
            named = {"key_id": key.key_id, "revoked_at": key.revoked_at or 0}
            raise LedgerError(Problem(KEY_REVOKED, named))
        seen = _seen(request)._replace(digest=digest)
        if not any(
            read.is_of(key.public, seen._replace(path=prefix + seen.path))
            for prefix in self._prefixes
        ):
            raise LedgerError(Problem(BAD_READ_SIGNATURE, seen._asdict()))
        return key.publisher


class PublisherReads:
    """Checks signed reads: a publisher reads only what is its own."""

    def __init__(
        self,
        key_of: Callable[[str], PublisherKey | None],
        clock: Clock,
        family: Family,
    ) -> None:
        self._signed = SignedRequests(key_of, clock, family)

    def passes(self, request: Request) -> bool:
        """Return whether a signed request may be answered; False if it is not signed at all.

        Raises `LedgerError` for a signature that is not right, and for what is another's.
        """
        publisher = self._signed.publisher_of(request)
        if publisher is None:
            return False
        own = f"{SOURCE_PREFIX}{publisher}"
        if not _asks_for(request, own):
            raise LedgerError(Problem(NOT_ITS_OWN, {"publisher": publisher, "source": own}))
        return True


def _seen(request: Request) -> SignedRequest:
    """Return what is signed of a request, as it was sent."""
    return SignedRequest(
        "HEAD" if asks_for_head(request) else request.method,
        request.headers.get("host", ""),
        request.scope["raw_path"].partition(b"?")[0].decode("latin-1"),
        request.scope["query_string"].decode("latin-1"),
    )


def _asks_for(request: Request, source: str) -> bool:
    """Return whether a request is for the events of one publisher, stated each time.

    Or for those that it forwarded, as a ledger.
    """
    stated = (request.query_params.getlist(name) for name in ("source", "origin"))
    return any(set(each) == {source} for each in stated)


def _is_now(created: int, now: int) -> bool:
    return abs(now - created) <= WINDOW_SECONDS


def _is_body(request: Request, digest: str) -> bool:
    """Return whether a request has the body of a digest, none for an empty one, and says so."""
    if digest:
        return request.headers.getlist(DIGEST) == [digest]
    return (
        "transfer-encoding" not in request.headers
        and request.headers.get("content-length", "0") == "0"
    )
