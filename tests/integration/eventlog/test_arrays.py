"""Lists packed here arrive in PostgreSQL as the server itself would read them."""

import struct
from typing import Any

import psycopg
import pytest

from shared.database.postgres.arrays import array
from tests.support.databases import psycopg_address

pytestmark = pytest.mark.postgres

VALUES = [
    ("text", ["registration/r-1", "", None, 'Bắc Kạn, "xã" {Đồng Lạc} \\ NULL', "NULL"]),
    ("bytea", [b"", None, bytes(range(256)), b"{}"]),
    ("bigint", [0, -1, 2**63 - 1, -(2**63)]),
    ("bigint", [None, 5, None]),
    ("integer", [2**31 - 1, -(2**31)]),
    ("boolean", [True, False]),
    ("boolean", [None, True]),
    ("smallint", [2022, None, -(2**15)]),
    *((kind, []) for kind in ("text", "bytea", "bigint", "integer", "smallint", "boolean")),
]


@pytest.mark.parametrize(("kind", "values"), VALUES)
def test_values_arrive_as_they_were_sent(postgres_url: str, kind: str, values: list[Any]) -> None:
    with psycopg.connect(psycopg_address(postgres_url)) as connection:
        query = "SELECT %s, pg_typeof(%s)::text, (SELECT array_agg(v) FROM unnest(%s) v)"
        row = connection.execute(query, [array(kind, values)] * 3).fetchone()
    assert row == (values, f"{kind}[]", values or None)


def test_a_number_that_does_not_fit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(struct.error, match="format requires"):
        array("smallint", [2**15])
