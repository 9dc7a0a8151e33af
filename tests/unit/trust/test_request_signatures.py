"""Signed requests in the one profile of RFC 9421, beside another implementation of it."""

from base64 import b64encode, urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from shared.client.signed_reads import SignedReads
from shared.trust.keys import SecretKey
from shared.trust.reads.request_signature import RequestSignature, SignedRequest

# The Ed25519 key of RFC 9421, B.1.4.
KEY = SecretKey.from_seed(urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="))
PUBLIC = urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
CREATED = 1_750_000_000
ADDRESS = "https://Ledger.example:443/registry/receipts?source=%2Fpublishers%2Fa&id=e%2D1"
SEEN = SignedRequest(
    "GET", "ledger.example", "/registry/receipts", "source=%2Fpublishers%2Fa&id=e%2D1"
)
COMPONENTS = ("@method", "@authority", "@path", "@query")


class _Keys(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Any:
        return Ed25519PrivateKey.from_private_bytes(KEY.secret[:32])

    def resolve_public_key(self, key_id: str) -> Any:
        return Ed25519PublicKey.from_public_bytes(PUBLIC)


def request_signed() -> httpx.Request:
    request = httpx.Request("GET", ADDRESS)
    next(SignedReads(KEY, lambda: CREATED).auth_flow(request))
    return request


def headers_of(request: httpx.Request) -> tuple[str, str]:
    return request.headers["signature-input"], request.headers["signature"]


def test_the_key_is_that_of_the_standard() -> None:
    assert KEY.public == PUBLIC


def test_another_implementation_verifies_what_we_sign() -> None:
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys())
    (found,) = verifier.verify(request_signed(), max_age=timedelta(days=20_000))
    assert tuple(found.covered_components) == tuple(
        f'"{each}"' for each in (*COMPONENTS, "@signature-params")
    )


def test_we_verify_what_another_implementation_signs() -> None:
    request = httpx.Request("GET", ADDRESS)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Keys())
    signer.sign(
        request,
        key_id=KEY.key_id,
        created=datetime.fromtimestamp(CREATED),  # noqa: DTZ006  as the library takes it
        label="sig1",
        covered_component_ids=COMPONENTS,
    )
    read = RequestSignature.read(*headers_of(request))
    assert read is not None
    assert (read.key_id, read.created) == (KEY.key_id, CREATED)
    assert read.is_of(PUBLIC, SEEN)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "HEAD"},
        {"authority": "ledger.example:8443"},
        {"authority": "other.example"},
        {"path": "/evaluation/receipts"},
        {"query": "source=%2Fpublishers%2Fb&id=e%2D1"},
        {"query": "source=/publishers/a&id=e-1"},
        {"query": ""},
    ],
)
def test_a_signature_is_of_its_request_alone(changed: dict[str, str]) -> None:
    read = RequestSignature.read(*headers_of(request_signed()))
    assert read is not None
    assert read.is_of(PUBLIC, SEEN)
    assert not read.is_of(PUBLIC, SEEN._replace(**changed))
    assert not read.is_of(SecretKey.new().public, SEEN)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ('("@method" ', '("@method"  '),
        ('"@method" "@authority"', '"@authority" "@method"'),
        (' "@query")', ")"),
        ('"@query")', '"@query" "date")'),
        ('"@query")', '"@query";req)'),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        ('alg="ed25519"', 'alg="rsa-v1_5-sha256"'),
        ('alg="ed25519"', "alg=ed25519"),
        ('alg="ed25519"', 'nonce="x"'),
        ('alg="ed25519"', "expires=1900000000"),
        ('alg="ed25519"', f"created={CREATED}"),
        (f";created={CREATED}", ""),
        (f"created={CREATED}", f"created=-{CREATED}"),
        (f"created={CREATED}", f"created={CREATED}.0"),
        (f"created={CREATED}", "created=１８００００００００"),
        (f';keyid="{KEY.key_id}"', ""),
        (f'keyid="{KEY.key_id}"', 'keyid="x"'),
        (f'keyid="{KEY.key_id}"', f'keyid="{KEY.key_id}";keyid="{KEY.key_id}"'),
        ("dvk=", "DVK="),
        ("dvk=", "other="),
        ("dvk=", "dvk=(), dvk="),
    ],
)
def test_every_other_form_of_signature_input_is_refused(part: str, other: str) -> None:
    stated, signature = headers_of(request_signed())
    assert part in stated
    assert RequestSignature.read(stated.replace(part, other), signature) is None


@pytest.mark.parametrize(
    "other",
    [
        "",
        "dvk=::",
        f"dvk=:{b64encode(bytes(63)).decode()}:",
        f"dvk=:{b64encode(bytes(65)).decode()}:",
        f"dvk=:{b64encode(bytes(64)).decode().replace('A==', 'B==')}:",
        f"other=:{b64encode(bytes(64)).decode()}:",
        f"dvk=:{b64encode(bytes(64)).decode()}:, b=:{b64encode(bytes(64)).decode()}:",
    ],
)
def test_every_other_form_of_signature_is_refused(other: str) -> None:
    stated, _ = headers_of(request_signed())
    right = f"dvk=:{b64encode(bytes(64)).decode()}:"
    assert RequestSignature.read(stated, right) is not None
    assert RequestSignature.read(stated, other) is None
