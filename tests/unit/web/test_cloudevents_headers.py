"""Header values of the binary mode, with the examples of the CloudEvents HTTP binding 1.0.2."""

import pytest

from shared.web.publishing.cloudevents import decode_header


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),  # the binding's own example, 3.1.3.2
        (b"ModelRegistered", "ModelRegistered"),
        (b"100%25", "100%"),
        (b"%2525", "%25"),  # one round only
        (b'"quoted value"', "quoted value"),
        (b'"a \\"quote\\" within"', 'a "quote" within'),
        (b"unit%2Fbac-kan", "unit/bac-kan"),
        ("Bắc Kạn".encode(), "Bắc Kạn"),
    ],
)
def test_a_header_is_unquoted_and_percent_decoded_once(sent: bytes, meant: str) -> None:
    assert decode_header(sent) == meant


@pytest.mark.parametrize("sent", [b"%FF", b"%E2%82", b"\xff"])
def test_a_header_that_is_not_utf_8_is_an_error(sent: bytes) -> None:
    with pytest.raises(ValueError):
        decode_header(sent)
