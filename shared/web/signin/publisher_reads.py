"""The reads of publishers: their own receipts, parked and refused events, by signed requests."""

from collections.abc import Callable

from starlette.requests import Request

from shared.clock import MICROSECONDS, Clock
from shared.errors import LedgerError, Problem, declare
from shared.trust.authority import SOURCE_PREFIX, PublisherKey
from shared.trust.problems import KEY_REVOKED
from shared.trust.reads.request_signature import (
    COMPONENTS,
    INPUT,
    SIGNATURE,
    RequestSignature,
    SignedRequest,
)
from shared.vocabulary import Family, KeyUse
from shared.web.server.head_requests import asks_for_head

WINDOW_SECONDS = 300
"""How far `created` may be from our clock. Reads change nothing, so one may be repeated in it."""
_USES = frozenset({KeyUse.EVENTS, KeyUse.RECEIPTS})

UNREADABLE_READ_SIGNATURE = declare(
    "unreadable_read_signature",
    401,
    vi="Chữ ký của yêu cầu không đúng mẫu: Signature-Input phải là "
    'dvk={components};created=<giây>;keyid="<mã khóa>";alg="ed25519", Signature là dvk=:<base64>:, '
    "và yêu cầu không có nội dung.",
    en="The signature of the request is not of the profile: Signature-Input is dvk={components};"
    'created=<seconds>;keyid="<key id>";alg="ed25519", Signature is dvk=:<base64>:, and the '
    "request has no body.",
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
    vi="Sổ cái không có khóa nào mang mã {key_id} để gửi sự kiện hoặc xem kết quả.",
    en="The ledger has no key with the id {key_id} for events or receipts.",
)
NOT_ITS_OWN = declare(
    "not_its_own",
    403,
    vi="Nơi gửi {publisher} chỉ xem được kết quả của chính mình: hãy ghi source={source}.",
    en="The publisher {publisher} reads only what is its own: state source={source}.",
)


class PublisherReads:
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

    def passes(self, request: Request) -> bool:
        """Return whether a signed request may be answered; False if it is not signed at all.

        Raises `LedgerError` for a signature that is not right, and for what is another's.
        """
        inputs, signatures = (request.headers.getlist(name) for name in (INPUT, SIGNATURE))
        if not inputs and not signatures:
            return False
        publisher = self._publisher(request, ", ".join(inputs), ", ".join(signatures))
        own = f"{SOURCE_PREFIX}{publisher}"
        if not _asks_for(request, own):
            raise LedgerError(Problem(NOT_ITS_OWN, {"publisher": publisher, "source": own}))
        return True

    def _publisher(self, request: Request, stated_input: str, stated_signature: str) -> str:
        """Return the publisher that signed a request."""
        read = RequestSignature.read(stated_input, stated_signature)
        if read is None or _has_body(request):
            raise LedgerError(Problem(UNREADABLE_READ_SIGNATURE, {"components": COMPONENTS}))
        now = self._clock() // MICROSECONDS
        if not _is_now(read.created, now):
            times = {"created": read.created, "now": now, "window": WINDOW_SECONDS}
            raise LedgerError(Problem(READ_SIGNATURE_NOT_NOW, times))
        key = self._key_of(read.key_id)
        if key is None or key.use not in _USES:
            raise LedgerError(Problem(NO_READING_KEY, {"key_id": read.key_id}))
        if key.is_revoked():
            named = {"key_id": key.key_id, "revoked_at": key.revoked_at or 0}
            raise LedgerError(Problem(KEY_REVOKED, named))
        seen = _seen(request)
        if not any(
            read.is_of(key.public, seen._replace(path=prefix + seen.path))
            for prefix in self._prefixes
        ):
            raise LedgerError(Problem(BAD_READ_SIGNATURE, seen._asdict()))
        return key.publisher


def _seen(request: Request) -> SignedRequest:
    """Return what is signed of a request, as it was sent."""
    return SignedRequest(
        "HEAD" if asks_for_head(request) else request.method,
        request.headers.get("host", ""),
        request.scope["raw_path"].partition(b"?")[0].decode("latin-1"),
        request.scope["query_string"].decode("latin-1"),
    )


def _asks_for(request: Request, source: str) -> bool:
    """Return whether a request is for the events of one publisher, stated each time."""
    return set(request.query_params.getlist("source")) == {source}


def _is_now(created: int, now: int) -> bool:
    return abs(now - created) <= WINDOW_SECONDS


def _has_body(request: Request) -> bool:
    return (
        "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
    )
