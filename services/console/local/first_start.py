"""The data loaded at the first start of a ledger: the map of the country, then the sample."""

from collections.abc import Callable
from typing import NamedTuple

import orjson

from services.console.client.delivery import Delivery, Item, Undeliverable
from services.console.datasets.nation import nation_events
from services.console.datasets.sample import sample_events
from services.console.local.ledger import Interrupted, Ledger, log_head


class Filled(NamedTuple):
    """The numbers of sent events; the units of the sample are duplicates of the map's."""

    map_events: int
    sample_events: int


def load_first(ledger: Ledger, advanced: Callable[[int, int], None]) -> Filled | None:
    """Send the map and the sample through the services at the first start, else return None.

    A start that was interrupted while loading is marked, and the next one loads everything.
    """
    # The name dates from when there was only the sample; older ledgers still have it.
    marker = ledger.settings.home / "sample.json"
    begun = marker.exists() and orjson.loads(marker.read_bytes()).get("state") == "loading"
    if not ledger.settings.sample or (log_head(ledger) > 0 and not begun):
        return None
    marker.write_bytes(b'{"state":"loading"}')
    of_map = [orjson.dumps(event) for event in nation_events()]
    of_sample = [orjson.dumps(event) for event in sample_events()]
    total, sent = len(of_map) + len(of_sample), 0
    delivery = Delivery(ledger.client, ledger.addresses, patience_seconds=30)
    for items in delivery.send_all([*of_map, *of_sample]):
        _require_taken(items)
        sent += len(items)
        advanced(sent, total)
        if ledger.stopping.is_set():
            raise Interrupted
    marker.write_bytes(b'{"state":"loaded"}')
    return Filled(len(of_map), len(of_sample))


def _require_taken(items: list[Item]) -> None:
    for item in items:
        if item["status"] not in {"accepted", "duplicate", "parked"}:
            raise Undeliverable(f"{item['id']}: {orjson.dumps(item['problem']).decode()}")
