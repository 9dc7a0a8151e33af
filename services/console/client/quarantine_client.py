"""The quarantine of the services' rules: listing and retrying over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from services.console.client.http_client import Unanswered, client_for, get_json
from services.console.local.data_directory import CannotStart
from shared.client.addresses import addresses_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.vocabulary import Family

_PAGE = "1000"
_TRY_SECONDS = 120.0
"""A retry folds the map of the country again."""


def quarantined_by_rules(client: httpx.Client, address: str) -> Sequence[Mapping[str, Any]]:
    """Return the items of a service's quarantine that belong to its rules; raises `Unanswered`."""
    found: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": _PAGE, **({"cursor": cursor} if cursor else {})}
        page = get_json(client, f"{address}/quarantine", parameters)
        found += [each for each in page["items"] if each["read_model"] is None]
        cursor = page["next"]
        if cursor is None:
            return found


def require_rules_readable(family: Family, subject: str, to: str) -> None:
    """Make a service read a stream again; raises `CannotStart` when it still cannot.

    A service that does not answer raises `Unanswered`: it retries everything when it starts.
    """
    with client_for(to, _TRY_SECONDS) as client:
        address = addresses_at(to, client).of(family)
        before = [
            each for each in quarantined_by_rules(client, address) if each["subject"] == subject
        ]
        if not before:
            raise CannotStart(
                f"Dịch vụ {family} không cách ly chuỗi {subject}. Xem: dvk quarantine list.",
                f"The service {family} has not set {subject} aside. See: dvk quarantine list.",
            )
        try:
            answer = client.post(f"{address}/quarantine/requeue")
        except httpx.TransportError as error:
            message = f"{address}: {error}"
            raise Unanswered(message) from error
        if not answer.is_success:
            message = f"{address}: HTTP {answer.status_code}: {answer.json()['detail']}"
            raise Unanswered(message)
        after = [
            each for each in quarantined_by_rules(client, address) if each["subject"] == subject
        ]
    if after:
        reason = after[0]["reason"]
        raise CannotStart(
            f"Dịch vụ {family} vẫn không đọc được chuỗi {subject}: {reason}. Chuỗi ở lại trong "
            "cách ly; hãy khởi động lại dịch vụ bằng bản phát hành đã sửa.",
            f"The service {family} still cannot read {subject}: {reason}. It stays in quarantine; "
            "start the service again with a release that fixes it.",
        )
