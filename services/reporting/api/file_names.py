"""The names of downloaded files: list, unit, year, and the day or position of the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.reporting.queries.scope import naming_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Queries
    from shared.errors import Language
    from shared.vocabulary.code_words import Both
    from shared.web.answers.as_of_parameters import MapChoice

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def named(
    reads: Queries,
    what: Both,
    as_of: AsOf,
    *,
    known_at: str | None = None,
    unit_id: str | None = None,
    year: int | None = None,
    map_: MapChoice | None = None,
    also: Iterable[str | None] = (),
) -> Callable[[Language], Iterable[str | None]]:
    """Return the parts of a file's name by language."""

    def parts(language: Language) -> Iterable[str | None]:
        vietnamese = language == "vi"
        yield what[0 if vietnamese else 1]
        if unit_id is not None and map_ is not None:
            day = naming_day(map_, year)
            yield reads.called([(unit_id, day)], as_of)[unit_id, day] or unit_id
        elif unit_id is not None:
            yield unit_id
        yield from also
        yield str(year) if year is not None else None
        if map_ is not None and map_.day is not None:
            yield ("bản đồ " if vietnamese else "map ") + map_.day.isoformat()
        if known_at is not None and _DAY.fullmatch(known_at):
            yield ("đến " if vietnamese else "until ") + known_at
        else:
            yield ("vị trí " if vietnamese else "position ") + str(as_of.position)

    return parts
