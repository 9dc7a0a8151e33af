"""Secrets that people carry: random, and kept by their SHA-256 alone."""

import base64
import hmac
import secrets
from hashlib import sha256

SECRET_BYTES = 32


def new_secret() -> str:
    """Return 256 random bits, as base64url without padding (43 characters)."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """Return the SHA-256 by which a secret is found again."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def form_token_of(session_token: str) -> str:
    """Return the token of a session's forms, from which the session's own cannot be had."""
    made = hmac.digest(session_token.encode("utf-8", "surrogatepass"), b"dvk-form/v1", sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def new_officer_ref() -> str:
    """Return a random reference to an officer: `o-` and 128 bits in 26 characters."""
    return "o-" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
