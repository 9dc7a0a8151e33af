"""Reading `dvk_read` as other tools do: the file opened read-only, or a session of PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from shared.web.answers.pagination import Page
from tests.support.databases import psycopg_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.queries.facade import ListName, Queries
    from services.reporting.queries.filters import Filters

LISTS: Mapping[str, ListName] = {
    "registration": "registrations",
    "replication": "replications",
    "award": "awards",
    "outcome": "outcomes",
    "organization": "organizations",
    "figure": "figures",
    "plan": "plans",
    "proposal": "proposals",
    "review": "reviews",
    "commendation": "commendations",
    "inspection": "inspections",
}
"""The list that each view equals."""


def asked_of(url: str, statement: str) -> list[dict[str, Any]]:
    """Return the rows of a statement written for PostgreSQL: `dvk_read.registration`."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(statement.replace("dvk_read.", "dvk_read_"))
            return [dict(row) for row in rows]
    with psycopg.connect(psycopg_address(url), row_factory=dict_row) as session:
        return session.execute(statement).fetchall()  # type: ignore[arg-type]


def rows_of(url: str, view: str) -> list[dict[str, Any]]:
    """Return the rows of a view, sorted, with truth as 1 and dimensions as an object."""
    return _sorted(
        {k: json.loads(v) if k == "dimensions" else _plain(v) for k, v in row.items()}
        for row in asked_of(url, f"SELECT * FROM dvk_read.{view}")  # noqa: S608
    )


def listed(reads: Queries, name: ListName, filters: Filters) -> list[dict[str, Any]]:
    """Return all items of a list as the views write them: objects spread, several as one text."""
    as_of = reads.as_of(None)
    page: Page | None = Page(limit=500)
    found: list[dict[str, Any]] = []
    while page is not None:
        part = reads.listed(name, filters, as_of, page)
        found += [_spread(item) for item in part.items]
        page = Page(500, part.after) if part.after else None
    return _sorted(found)


def _spread(item: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in item.items():
        if name == "source":
            kinds = ("kind", "title", "published_on")
            row |= {f"source_{each}": value.get(each) for each in kinds}
        elif isinstance(value, dict) and name != "dimensions":
            row |= {f"{name}_{member}": each for member, each in value.items()}
        else:
            row[name] = " ".join(value) if isinstance(value, list) else _plain(value)
    return row


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _sorted(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True, default=str))
