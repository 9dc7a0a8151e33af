"""Figures read in bulk say that the database fails as every other read does: 503, not 500."""

from collections.abc import Callable

import pytest
from sqlalchemy import BigInteger, Text, cast, func, select, text

from shared.database.postgres.int_columns import numbers
from shared.errors import Unavailable
from shared.readmodel.store import Store


@pytest.mark.postgres
def test_a_statement_that_the_server_gives_up_is_a_repeatable_503(
    make_database: Callable[[], str],
) -> None:
    store = Store(make_database())
    slow = select(cast(func.length(cast(func.pg_sleep(60), Text)), BigInteger).label("n")).limit(1)
    with pytest.raises(Unavailable), store.reading() as connection:  # noqa: PT012
        connection.execute(text("SET statement_timeout = 10"))
        numbers(connection, slow)
    store.close()
