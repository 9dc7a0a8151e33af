"""The reads of trust: its state, and the lists of publishers, grants, keys and approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from services.reporting.trust.snapshots import AuthoritySnapshots
from shared.clock import rfc3339
from shared.errors import NotFound, Problem, declare
from shared.events.payloads.authority import TrustBegan
from shared.trust.event_signature import SignedRecord
from shared.trust.keys import KEY_PREFIX, to_base64
from shared.vocabulary import Family, Power
from shared.web.answers.pagination import Listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from services.reporting.map_snapshots import MapSnapshots
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.filters import Item
    from services.reporting.readmodels.parts.event_copies import EventCopies
    from services.reporting.trust.snapshots import AuthoritySnapshot
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.store import Store
    from shared.trust.authority import Authority, Grant, PublisherKey
    from shared.web.answers.pagination import Page

TrustListName = Literal["publishers", "grants", "keys", "pending"]
PUBLISHER_COLUMNS = ("publisher_id", "is_root", "grants_in_force", "live_keys", "position")
GRANT_COLUMNS = (
    "grant_id",
    "publisher_id",
    "unit_id",
    "unit_name",
    "families",
    "powers",
    "speaks_from",
    "speaks_to",
    "facts_from",
    "facts_to",
    "id_prefixes",
    "under",
    "given_by",
    "in_force",
    "recordedtime",
    "position",
    "ended_at",
)
KEY_COLUMNS = (
    "key_id",
    "publisher_id",
    "key_use",
    "key",
    "live",
    "added_with",
    "recordedtime",
    "position",
    "revoked_at",
    "why",
    "suspect_from",
)
PENDING_COLUMNS = (
    "position",
    "recordedtime",
    "type",
    "publisher_id",
    "source",
    "id",
    "approved_by",
    "threshold",
)
SUSPECT_COLUMNS = ("position", "recordedtime", "type", "subject", "source", "id")
NO_KNOWN_KEY = declare(
    "no_such_publisher_key",
    404,
    vi="Đến vị trí {position} sổ cái chưa có khóa nào mang mã {key_id}.",
    en="Up to position {position} the ledger has no key with the id {key_id}.",
)
_READ_AT_ONCE = 2_000
_SEARCHED_AT_ONCE = 50_000
"""The most events that one page of suspects looks through; the next page goes on."""


class TrustQuery(NamedTuple):
    """A position, and the day on which grants are in force or not."""

    as_of: AsOf
    day: date


class TrustReads:
    """Answers about trust, each as known at one position."""

    def __init__(self, log: Reader, store: Store, model: EventCopies, maps: MapSnapshots) -> None:
        self._log = log
        self._maps = maps
        self._snapshots = AuthoritySnapshots(store, model)

    def authority(self, as_of: AsOf) -> Authority:
        """Return the keys and grants as known at a position."""
        return self._snapshots.at(as_of.position).authority

    def state(self, as_of: AsOf) -> dict[str, Any]:
        """Return the contract's `/trust`; without a beginning its members are null."""
        authority = self.authority(as_of)
        trust = authority.trust
        stated: dict[str, Any] = {
            "known_at": as_of.as_json(),
            "began": authority.began,
            "began_at": authority.began_at,
            "digest": self._digest() if authority.began else None,
            "realm": authority.realm or None,
            "threshold": authority.threshold if authority.began else None,
            "roots": [],
            "checkpoint_keys": (trust and trust.checkpoint_keys) or [],
            "publishers": len(_publishers(authority)),
            "pending": len(authority.pending),
        }
        if trust is not None:
            roots = [root.publisher_id for root in trust.roots]
            stated["roots"] = [
                {"publisher_id": each, "live_keys": len(authority.live_keys(each))}
                for each in roots
            ]
        return stated

    def began_time(self, as_of: AsOf) -> str | None:
        """Return when trust began, None before."""
        snapshot = self._snapshots.at(as_of.position)
        began_at = snapshot.authority.began_at
        return None if began_at is None else _recorded(snapshot, began_at)

    def items(self, name: TrustListName, query: TrustQuery) -> list[Item]:
        """Return all items of a list; those of trust are few enough to be made at once."""
        snapshot = self._snapshots.at(query.as_of.position)
        if name == "publishers":
            return list(_publisher_items(snapshot.authority, query.day))
        if name == "grants":
            return list(self._grant_items(snapshot, query))
        if name == "keys":
            return [_key_item(key, snapshot) for key in snapshot.authority.keys.values()]
        return list(_pending_items(snapshot))

    def listed(self, name: TrustListName, query: TrustQuery, page: Page) -> Listed:
        """Return a page of a list; its cursor is the number of items before the next."""
        items = self.items(name, query)
        start = page.after("start", 0)
        end = start + page.limit
        place = {"at": query.as_of.position, "start": end, "day": query.day.isoformat()}
        return Listed(items[start:end], place if end < len(items) else None)

    def suspects(self, key_id: str, as_of: AsOf, page: Page) -> Listed:
        """Return a page of the events that a key signed, from where it is in doubt.

        That is the position that its revocation states, else the one at which it was added. A page
        may have fewer items than its limit and still lead on. An unknown key is 404.
        """
        key = self.authority(as_of).keys.get(key_id)
        if key is None:
            params = {"key_id": key_id, "position": as_of.position}
            raise NotFound(Problem(NO_KNOWN_KEY, params))
        first = key.suspect_from or key.added_at
        found: list[RecordedEvent] = []
        after = start = max(page.after("position", 0), first - 1)
        while after < as_of.position and after - start < _SEARCHED_AT_ONCE:
            events = self._log.read(after, min(_READ_AT_ONCE, as_of.position - after))
            for event in events:
                after = event.position
                if _signed_with(event, key_id):
                    found.append(event)
                    if len(found) == page.limit:
                        break
            if len(found) == page.limit or not events:
                break
        more = after < as_of.position
        place = {"at": as_of.position, "position": after} if more else None
        beside = {"suspect_from": first, "revoked_at": key.revoked_at}
        return Listed([_event_item(event) for event in found], place, beside)

    def _digest(self) -> str:
        """Return the digest to pin; the copies of the read model do not have it."""
        return self._log.streams([TrustBegan.STREAM])[0].digest.hex()

    def _grant_items(self, snapshot: AuthoritySnapshot, query: TrustQuery) -> Iterator[Item]:
        authority = snapshot.authority
        named = self._maps.at(query.as_of.position)
        for grant in authority.grants.values():
            name = None
            if grant.unit_id is not None:
                with named.lock:
                    name = named.name(grant.unit_id, query.day)
            yield {
                **_grant_item(grant),
                "unit_name": name,
                "in_force": authority.is_live(grant, query.day),
                "recordedtime": _recorded(snapshot, grant.given_at),
            }


def _publishers(authority: Authority) -> list[str]:
    """Return the roots, then the others, in the order in which they were first authorised."""
    return list(dict.fromkeys(grant.publisher for grant in authority.grants.values()))


def _publisher_items(authority: Authority, day: date) -> Iterator[Item]:
    for publisher in _publishers(authority):
        grants = list(authority.grants_of(publisher))
        yield {
            "publisher_id": publisher,
            "is_root": authority.is_root(publisher),
            "grants_in_force": sum(authority.is_live(grant, day) for grant in grants),
            "live_keys": len(authority.live_keys(publisher)),
            "position": min(grant.given_at for grant in grants),
        }


def _grant_item(grant: Grant) -> Item:
    days = {
        name: (day := getattr(grant, name)) and day.isoformat()
        for name in ("speaks_from", "speaks_to", "facts_from", "facts_to")
    }
    item = {
        "grant_id": grant.grant_id,
        "publisher_id": grant.publisher,
        "unit_id": grant.unit_id,
        "families": [each.value for each in Family if each in grant.families],
        "powers": [each.value for each in Power if each in grant.powers],
        **days,
        "id_prefixes": list(grant.id_prefixes),
        "under": grant.under,
        "given_by": grant.given_by or None,
        "position": grant.given_at,
        "ended_at": grant.ended_at,
    }
    return {column: item.get(column) for column in GRANT_COLUMNS}


def _key_item(key: PublisherKey, snapshot: AuthoritySnapshot) -> Item:
    return {
        "key_id": key.key_id,
        "publisher_id": key.publisher,
        "key_use": key.use.value,
        "key": KEY_PREFIX + to_base64(key.public),
        "live": key.revoked_at is None,
        "added_with": key.added_with,
        "recordedtime": _recorded(snapshot, key.added_at),
        "position": key.added_at,
        "revoked_at": key.revoked_at,
        "why": key.why and key.why.value,
        "suspect_from": key.suspect_from,
    }


def _pending_items(snapshot: AuthoritySnapshot) -> Iterator[Item]:
    authority = snapshot.authority
    for (source, event_id), waiting in authority.pending.items():
        yield {
            "position": waiting.position,
            "recordedtime": _recorded(snapshot, waiting.position),
            "type": snapshot.events[waiting.position].type,
            "publisher_id": waiting.publisher,
            "source": source,
            "id": event_id,
            "approved_by": sorted(waiting.approved_by),
            "threshold": authority.threshold,
        }


def _recorded(snapshot: AuthoritySnapshot, position: int) -> str:
    return rfc3339(snapshot.events[position].recorded_us)


def _signed_with(event: RecordedEvent, key_id: str) -> bool:
    if key_id.encode() not in event.body:  # most events are another's: they are not parsed
        return False
    signed = SignedRecord.of(event.body)
    return signed is not None and signed.key_id == key_id


def _event_item(event: RecordedEvent) -> Item:
    return {
        "position": event.position,
        "recordedtime": rfc3339(event.recorded_us),
        "type": event.type,
        "subject": event.subject,
        "source": event.key.source,
        "id": event.key.id,
    }
