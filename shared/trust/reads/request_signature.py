"""RFC 9421 in one fixed profile: the signature of a request.

Signed are method, authority, path and query, the digest of a body (RFC 9530), the time (`created`)
and the key's id. Anything else in the two headers is refused: another order, more components,
another algorithm.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from shared.trust.keys import SIGNATURE_BYTES, verifies

if TYPE_CHECKING:
    from shared.trust.keys import SecretKey

INPUT, SIGNATURE = "Signature-Input", "Signature"
DIGEST = "Content-Digest"
COMPONENTS = '("@method" "@authority" "@path" "@query")'
COMPONENTS_WITH_BODY = '("@method" "@authority" "@path" "@query" "content-digest")'
LABEL = "dvk"
_PARAMETER = r';(?:created=[0-9]{1,11}|keyid="[A-Za-z0-9_-]{22}"|alg="ed25519")'
_LABEL = "([a-z][a-z0-9_-]{0,31})="
_COVERED = "|".join(map(re.escape, (COMPONENTS, COMPONENTS_WITH_BODY)))
_INPUT = re.compile(rf"{_LABEL}((?:{_COVERED})((?:{_PARAMETER}){{2,3}}))")
_NAMED = re.compile(r';([a-z]+)="?([A-Za-z0-9_-]+)"?')
_SIGNATURE = re.compile(rf"{_LABEL}:([A-Za-z0-9+/]{{86}}==):")
_DEFAULT_PORT = re.compile(r":(?:80|443)$")


class SignedRequest(NamedTuple):
    """The parts of a request that are signed; `query` as sent, without its question mark.

    `digest` is the text of `Content-Digest`, empty for a request without a body.
    """

    method: str
    authority: str
    path: str
    query: str
    digest: str = ""

    def base(self, parameters: str) -> bytes:
        """Return the signature base: the bytes that are signed."""
        host = _DEFAULT_PORT.sub("", self.authority.lower())
        lines = (
            f'"@method": {self.method}',
            f'"@authority": {host}',
            f'"@path": {self.path}',
            f'"@query": ?{self.query}',
            *((f'"content-digest": {self.digest}',) if self.digest else ()),
            f'"@signature-params": {parameters}',
        )
        return "\n".join(lines).encode()

    def signed(self, key: SecretKey, created: int) -> dict[str, str]:
        """Return the headers of the request; `created` in seconds since 1970."""
        components = COMPONENTS_WITH_BODY if self.digest else COMPONENTS
        parameters = f'{components};created={created};keyid="{key.key_id}";alg="ed25519"'
        signature = b64encode(key.sign(self.base(parameters))).decode()
        signed = {INPUT: f"{LABEL}={parameters}", SIGNATURE: f"{LABEL}=:{signature}:"}
        return {DIGEST: self.digest, **signed} if self.digest else signed


class RequestSignature(NamedTuple):
    """The signature of a request as read; `created` in seconds since 1970."""

    parameters: str
    key_id: str
    created: int
    signature: bytes

    @classmethod
    def read(cls, stated_input: str, stated_signature: str) -> RequestSignature | None:
        """Read the two headers; None for anything but the one profile."""
        inputs, signature = _INPUT.fullmatch(stated_input), _SIGNATURE.fullmatch(stated_signature)
        if inputs is None or signature is None or inputs[1] != signature[1]:
            return None
        named = _NAMED.findall(inputs[3])
        values = dict(named)
        raw = b64decode(signature[2])
        if len(values) != len(named) or not {"created", "keyid"} <= values.keys():
            return None
        if len(raw) != SIGNATURE_BYTES or b64encode(raw).decode() != signature[2]:
            return None
        return cls(inputs[2], values["keyid"], int(values["created"]), raw)

    def is_for_body(self) -> bool:
        """Return whether it covers the digest of a body."""
        return self.parameters.startswith(COMPONENTS_WITH_BODY)

    def is_of(self, public: bytes, request: SignedRequest) -> bool:
        """Return whether it is the signature of a request by a public key."""
        return verifies(public, request.base(self.parameters), self.signature)


def digest_of(body: bytes) -> str:
    """Return the `Content-Digest` of a body, empty for none (RFC 9530, SHA-256)."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:" if body else ""
