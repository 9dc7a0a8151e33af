"""An OpenID provider that is pinned by its issuer: its metadata, keys, and ID tokens.

Nothing in a token or an answer decides which key, algorithm or address is used.
"""

import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, TypeGuard
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shared.clock import MICROSECONDS, Clock, system_clock
from shared.errors import LedgerError, Problem, Unavailable, declare

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
_FOREIGN_KEYS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})
_LEEWAY_SECONDS = 60
_OLDEST_TOKEN_SECONDS = 600
_KEYS_SECONDS = 3_600
_KEYS_AGAIN_SECONDS = 30
_LARGEST_ANSWER = 256 * 1024
_LONGEST_SUBJECT = 255
_SECONDS = 10.0

PROVIDER_REFUSED = declare(
    "provider_refused",
    401,
    vi="Hệ thống xác thực của cơ quan không xác nhận lần đăng nhập này. Hãy đăng nhập lại.",
    en="The identity provider did not confirm this sign-in. Sign in again.",
)
PROVIDER_UNREACHABLE = declare(
    "provider_unreachable",
    503,
    vi="Không liên hệ được hệ thống xác thực của cơ quan. Hãy thử lại sau ít phút.",
    en="The identity provider does not answer. Try again in a few minutes.",
)


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider as the operator states it; `redirect_uri` is our address for its answers."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """A person as the provider knows them."""

    issuer: str
    subject: str
    user_name: str


class ProviderRefused(LedgerError):  # noqa: N818  named as the other refusals are
    """The sign-in is not confirmed; `reason` is for the log and never for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(Problem(PROVIDER_REFUSED))
        self.reason = reason


class OpenIdProvider:
    """Speaks with the provider; only addresses of the issuer's own host are ever asked."""

    def __init__(
        self, settings: ProviderSettings, client: httpx.Client, clock: Clock = system_clock
    ) -> None:
        self.settings = settings
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None
        self._keys_us = 0

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Return where to send the reader (Authorization Code with PKCE, S256)."""
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = self._address("authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def require_issuer(self, stated: str | None) -> None:
        """Refuse an answer of another issuer (RFC 9207)."""
        is_promised = self._known().get("authorization_response_iss_parameter_supported") is True
        if stated != self.settings.issuer and (stated is not None or is_promised):
            raise ProviderRefused("another issuer answered")

    def identity(self, code: str, verifier: str, nonce: str) -> ProviderIdentity:
        """Exchange a code and return whom its ID token names; else `ProviderRefused`."""
        secret = ":".join(
            quote(each, safe="") for each in (self.settings.client_id, self.settings.client_secret)
        )
        basic = httpx.BasicAuth(*secret.split(":"))
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": verifier,
        }
        try:
            answer = self._client.post(
                self._address("token_endpoint"), data=form, auth=basic, timeout=_SECONDS
            )
        except httpx.HTTPError as error:
            raise Unavailable(Problem(PROVIDER_UNREACHABLE)) from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable(Problem(PROVIDER_UNREACHABLE))
        token = _object(answer).get("id_token") if answer.is_success else None
        if not isinstance(token, str):
            raise ProviderRefused(f"no ID token, status {answer.status_code}")
        return self.verified(token, nonce)

    def verified(self, token: str, nonce: str) -> ProviderIdentity:
        """Return whom an ID token names, after all checks of OpenID Connect Core 3.1.3.7."""
        try:
            claims = self._signed_claims(token)
        except (JoseError, ValueError) as error:
            raise ProviderRefused(f"signature: {type(error).__name__}") from error
        now = self._clock() // MICROSECONDS
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        issued, ends = claims.get("iat"), claims.get("exp")
        subject = claims.get("sub")
        checks = {
            "issuer": claims.get("iss") == self.settings.issuer,
            "audience": self.settings.client_id in audiences,
            "authorized party": claims.get("azp", self.settings.client_id)
            == self.settings.client_id
            and (len(audiences) == 1 or "azp" in claims),
            "nonce": claims.get("nonce") == nonce and bool(nonce),
            "end": _is_number(ends) and ends > now - _LEEWAY_SECONDS,
            "time": _is_number(issued)
            and now - _OLDEST_TOKEN_SECONDS < issued < now + _LEEWAY_SECONDS,
            "subject": isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT,
        }
        wrong = [name for name, is_right in checks.items() if not is_right]
        if wrong:
            raise ProviderRefused(f"claims: {', '.join(wrong)}")
        name = claims.get("preferred_username")
        shown = name if isinstance(name, str) and name else str(subject)
        return ProviderIdentity(self.settings.issuer, str(subject), shown[:100])

    def _signed_claims(self, token: str) -> dict[str, Any]:
        header = jwt.decode(token, self._keys_now, algorithms=list(ALGORITHMS))
        if _FOREIGN_KEYS & header.header.keys():
            raise ProviderRefused("a key in the header")
        return header.claims

    def _keys_now(self, token: Any) -> KeySet:  # noqa: ANN401  joserfc's own type
        """Return the issuer's keys; an unknown key id reads them again, at most twice a minute."""
        keys = self._fetched_keys(_KEYS_SECONDS)
        try:
            keys.get_by_kid(token.headers().get("kid"))
        except InvalidKeyIdError:
            keys = self._fetched_keys(_KEYS_AGAIN_SECONDS)
        return keys

    def _fetched_keys(self, seconds: int) -> KeySet:
        with self._lock:
            now = self._clock()
            if self._keys is None or now - self._keys_us > seconds * MICROSECONDS:
                found = self._read(self._address("jwks_uri")).get("keys")
                keys = [key for key in found or () if isinstance(key, dict) and _is_public(key)]
                self._keys = KeySet.import_key_set({"keys": keys})
                self._keys_us = now
            return self._keys

    def _address(self, name: str) -> str:
        """Return an endpoint, which must be on the issuer's host and scheme."""
        found, issuer = str(self._known().get(name, "")), urlsplit(self.settings.issuer)
        parts = urlsplit(found)
        if (parts.scheme, parts.netloc) != (issuer.scheme, issuer.netloc):
            raise ProviderRefused(f"{name} is not on the issuer's host")
        return found

    def _known(self) -> Mapping[str, Any]:
        if self._metadata is None:
            at = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = self._read(at)
            if found.get("issuer") != self.settings.issuer:
                raise ProviderRefused("the metadata are of another issuer")
            self._metadata = found
        return self._metadata

    def _read(self, address: str) -> Mapping[str, Any]:
        try:
            answer = self._client.get(address, timeout=_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable(Problem(PROVIDER_UNREACHABLE)) from error
        return _object(answer)


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    if len(answer.content) > _LARGEST_ANSWER:
        raise ProviderRefused("an answer is too large")
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise ProviderRefused("an answer is no JSON") from error
    return found if isinstance(found, dict) else {}


def _is_public(key: Mapping[str, Any]) -> bool:
    """Return whether a key is one for signatures by its owner alone: no shared secret."""
    return key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
