"""Units, taxonomies, organisations and registrations as the ledger lists them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import orjson

from services.lists.matching.codes import ListedTaxonomies, NamedCode, PublishedTaxonomy
from services.lists.matching.unit_aliases import aliases_on
from services.lists.matching.units import ListUnit, UnitsOfDay
from shared.client.addresses import Addresses
from shared.client.delivery import Undeliverable

Row = Mapping[str, Any]
"""One item of a list of the ledger, as its interface describes it."""

_DAYS_KEPT = 8
_TRIES = 10
_PAUSE_SECONDS = 0.5


@dataclass(slots=True)
class LedgerReader:
    """Reads over HTTP; raises `Undeliverable` when the ledger does not answer as it should."""

    client: httpx.Client
    addresses: Addresses
    pause: Callable[[float], None] = time.sleep
    _units: dict[tuple[date, int], UnitsOfDay] = field(default_factory=dict)

    def units_on(self, day: date) -> UnitsOfDay:
        """Return the map of a day, as the ledger knows it now."""
        head = self.head()
        kept = self._units.get((day, head))
        if kept is None:
            rows = self._all(f"{self.addresses.registry}/units", {"map": day.isoformat()})
            units = (
                ListUnit(row["unit_id"], row["name"], row["level"], row["parent_id"])
                for row in rows
            )
            kept = UnitsOfDay(units, aliases_on(day))
            while len(self._units) >= _DAYS_KEPT:
                del self._units[next(iter(self._units))]
            self._units[day, head] = kept
        return kept

    def taxonomies(self) -> ListedTaxonomies:
        """Return every version of every taxonomy."""
        rows = self._all(f"{self.addresses.registry}/taxonomies", {})
        return ListedTaxonomies([_taxonomy(row) for row in rows])

    def organizations(self, unit_id: str) -> list[Row]:
        """Return the organisations of a unit and of those below it, with all that the log holds."""
        asked = {"unit_id": unit_id, "known_at": str(self.head())}
        return self._all(f"{self.addresses.reporting}/organizations", asked)

    def registrations(self, unit_id: str, year: int) -> list[Row]:
        """Return the registrations of a year within a unit, with all that the log holds now."""
        return self._all(
            f"{self.addresses.reporting}/registrations",
            {"unit_id": unit_id, "year": str(year), "known_at": str(self.head())},
        )

    def model(self, model_id: str) -> Row | None:
        """Return a model with its registrations as amended, None when there is none."""
        answer = self._get(f"{self.addresses.registry}/models/{model_id}", {})
        return None if answer.status_code == httpx.codes.NOT_FOUND else _json(answer)

    def registration(self, registration_id: str, model_id: str) -> Row | None:
        """Return a registration as amended, None when the model has none of that id."""
        model = self.model(model_id)
        of_model = model["registrations"] if model is not None else ()
        return next((r for r in of_model if r["registration_id"] == registration_id), None)

    def head(self) -> int:
        """Return the last position of the log."""
        answer = _json(self._get(f"{self.addresses.reporting}/completeness", {}))
        return int(answer["log"]["head"])

    def _all(self, url: str, parameters: Mapping[str, str]) -> list[Row]:
        """Return a whole list, of one position."""
        answer = _json(self._get(url, {**parameters, "format": "json"}))
        return list(answer["items"])

    def _get(self, url: str, parameters: Mapping[str, str]) -> httpx.Response:
        """Read, and again while the read models catch up with what was asked for."""
        for _ in range(_TRIES):
            try:
                answer = self.client.get(url, params=parameters)
            except httpx.TransportError as error:
                message = f"{url}: {type(error).__name__}"
                raise Undeliverable(message) from error
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            self.pause(_PAUSE_SECONDS)
        return answer


def _json(answer: httpx.Response) -> Any:  # noqa: ANN401  JSON
    if answer.status_code != httpx.codes.OK:
        message = f"{answer.url}: HTTP {answer.status_code}: {answer.text[:500]}"
        raise Undeliverable(message)
    return orjson.loads(answer.content)


def _taxonomy(row: Row) -> PublishedTaxonomy:
    return PublishedTaxonomy(
        row["taxonomy"],
        row["jurisdiction_unit_id"],
        date.fromisoformat(row["valid_from"]),
        date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        tuple(NamedCode(entry["code"], entry["name"]) for entry in row["entries"]),
        row["position"],
    )
