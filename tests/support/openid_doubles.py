"""An OpenID provider in process whose tokens are forged at will, and a real one as a process."""

import hmac
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey

from tests.e2e.dvk_command import free_ports
from tests.support.waiting import PAUSE_SECONDS

ISSUER = "https://id.example.vn/realms/dvk"
CLIENT_ID, CLIENT_SECRET = "so-cai", "bí mật: của sổ"
Change = Callable[[dict[str, Any], dict[str, Any]], None]
"""Changes the header and the claims of a token before it is signed."""


def _no_change(_header: dict[str, Any], _claims: dict[str, Any]) -> None:
    return


class ForgingProvider:
    """Answers as a provider does; `change` and `signed` say how its next token is wrong."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now
        self.key = _key("provider")
        self.change: Change = _no_change
        self.signed = self._rightly
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def approve(self, address: str) -> dict[str, str]:
        """Answer an authorisation request as a person who agrees: what is sent back."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return {"code": code, "state": query["state"], "iss": ISSUER}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        match request.url.path.removeprefix("/realms/dvk"):
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.metadata)
            case "/keys":
                public = KeySet([self.key]).as_dict(private=False)
                return httpx.Response(200, json=public)
            case "/token":
                return self._token(request)
        return httpx.Response(404)

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {k: v[0] for k, v in parse_qs(request.content.decode()).items()}
        flow = self._codes.pop(form["code"], None)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        if (
            flow is None
            or challenge.decode().rstrip("=") != flow["code_challenge"]
            or form["redirect_uri"] != flow["redirect_uri"]
            or not request.headers["authorization"].startswith("Basic ")
        ):
            return httpx.Response(400, json={"error": "invalid_grant"})
        seconds = self.now() // 1_000_000
        header = {"alg": "RS256", "kid": "k1"}
        claims = {
            "iss": ISSUER,
            "aud": CLIENT_ID,
            "sub": "person-7",
            "nonce": flow["nonce"],
            "iat": seconds,
            "exp": seconds + 300,
            "preferred_username": "lan.tv",
        }
        self.change(header, claims)
        return httpx.Response(200, json={"id_token": self.signed(header, claims)})

    def _rightly(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    def by_its_public_key(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Sign with HMAC, the provider's public key being the secret."""
        said = f"{_part({**header, 'alg': 'HS256'})}.{_part(claims)}"
        made = hmac.digest(self.key.as_pem(private=False), said.encode(), sha256)
        return f"{said}.{urlsafe_b64encode(made).decode().rstrip('=')}"

    def unsigned(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Sign with nothing at all."""
        return f"{_part({**header, 'alg': 'none'})}.{_part(claims)}."

    def by_another_key(self, **more: Any) -> Callable[[dict[str, Any], dict[str, Any]], str]:
        """Sign with a key of the attacker, named or sent along in the header."""
        own = _key("attacker")

        def signed(header: dict[str, Any], claims: dict[str, Any]) -> str:
            stated = {
                name: own.as_dict(private=False) if value == "own key" else value
                for name, value in more.items()
            }
            registry = jws.JWSRegistry(strict_check_header=False)
            return jwt.encode(
                {**header, **stated}, claims, own, algorithms=["RS256"], registry=registry
            )

        return signed


@cache
def _key(_whose: str) -> RSAKey:
    """Return a key of one of the two, made once."""
    return RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@contextmanager
def provider_process() -> Iterator[str]:
    """Run `oidc-provider-mock`, a provider of its own on Authlib's server; give its issuer."""
    port, host = free_ports(), "127.0.0.1"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", host]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://{host}:{port}"
    try:
        for _ in range(int(60 / PAUSE_SECONDS)):
            if _answers(issuer):
                break
            time.sleep(PAUSE_SECONDS)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def _answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).is_success
    except httpx.TransportError:
        return False
