"""Drafts become CloudEvents: the same content has the same id and the same time for ever."""

from dataclasses import dataclass
from typing import Any

import orjson

from services.lists.kinds.kind import EventDraft
from services.lists.matching.ids import event_id
from shared.events.catalogue import CATALOGUE
from shared.vocabulary import Family

PUBLISHER = "dvk-lists"
SOURCE = f"/publishers/{PUBLISHER}"


@dataclass(frozen=True, slots=True)
class ListEvent:
    """An event of a list, ready to be sent: its service, its key, and its JSON."""

    family: Family
    id: str
    subject: str
    name: str
    raw: bytes


def cloudevent(list_name: str, draft: EventDraft, *, after: object = None) -> ListEvent:
    """Return the event of a draft; `after` tells the same correction at another time apart.

    Its time is the midnight, in Viet Nam, on which it occurred: a clock would make of the same
    list another event each time.
    """
    type_ = f"dvk.{draft.name}.v1"
    data: dict[str, Any] = {name: to for name, to in draft.data.items() if to is not None}
    subject = draft.subject
    identity = event_id(list_name, subject, {"type": type_, "after": after, **data})
    event = {
        "specversion": "1.0",
        "id": identity,
        "source": SOURCE,
        "type": type_,
        "subject": subject,
        "time": f"{data['occurred_on']}T00:00:00+07:00",
        "data": data,
    }
    family = next(iter(CATALOGUE[type_].families))
    return ListEvent(family, identity, subject, draft.name, orjson.dumps(event))
