"""References to persons: once trust has begun, only those that a vault gives (events.md)."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from shared.errors import Problem, declare
from shared.events.payloads.payload import Payload
from shared.events.payloads.persons import PERSON_REF_PATTERN

NOT_A_REFERENCE = declare(
    "not_a_reference",
    422,
    vi="{field} phải là mã ngẫu nhiên do hệ thống giữ họ tên cấp (p- và 26 ký tự), không phải họ "
    "tên, số định danh hay mã băm của chúng.",
    en="{field} must be a random reference given by a vault (p- and 26 characters), never a name, "
    "a citizen number or a hash of one.",
)
_REFERENCE = re.compile(PERSON_REF_PATTERN)
_FIELD = "person_ref"


def not_a_reference(payload: Payload) -> Problem | None:
    """Refuse an event that names a person by anything but a reference of a vault."""
    for path in fields_of(type(payload)):
        value: Any = payload
        for name in path:
            value = None if value is None else getattr(value, name)
        if value is not None and not _REFERENCE.fullmatch(value):
            # The problem does not repeat the value, which may be a name.
            return Problem(NOT_A_REFERENCE, {"field": ".".join(path)})
    return None


@cache
def fields_of(part: type[BaseModel]) -> tuple[tuple[str, ...], ...]:
    """Return the paths of all fields of a type of data that name a person."""
    return tuple(_paths(part))


def _paths(part: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, field in part.model_fields.items():
        if name.endswith(_FIELD):
            yield (name,)
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from ((name, *rest) for rest in fields_of(inner))
