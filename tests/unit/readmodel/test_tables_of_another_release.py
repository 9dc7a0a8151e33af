"""A read of a column that the tables lack: the answer names the cause and the command."""

from pathlib import Path

import pytest
from psycopg.errors import UndefinedColumn, UndefinedTable
from sqlalchemy import Column, MetaData, Table, text

from shared.database.bulk_write import insert
from shared.database.errors import other_columns
from shared.errors import Unavailable
from shared.readmodel.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'reporting.db'}")
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE rm_plans_statements (position INTEGER)"))
    return store


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT participants FROM rm_plans_statements",
        "INSERT INTO rm_plans_statements (participants) VALUES (1)",
    ],
)
@pytest.mark.parametrize("opened", ["reading", "writing", "folding", "snapshot"])
def test_a_missing_column_is_no_database_that_does_not_answer(
    store: Store, opened: str, statement: str
) -> None:
    with pytest.raises(Unavailable) as raised, getattr(store, opened)() as connection:
        connection.execute(text(statement))
    problem = raised.value.problem
    assert problem.rule.code == "read_models_of_other_columns"
    assert "participants" in str(raised.value)
    for language in ("vi", "en"):
        assert "dvk rebuild" in problem.rule.words(language, problem.params)


def test_the_fold_that_meets_other_columns_blames_no_event(store: Store) -> None:
    table = Table("rm_plans_statements", MetaData(), Column("position"), Column("participants"))
    with (
        pytest.raises(Unavailable, match="of this release: table rm_plans"),
        store.folding() as connection,
    ):
        insert(connection, table, [(1, 2)])


def test_postgres_has_a_code_for_it() -> None:
    said = "column rm_plans.participants does not exist"
    assert other_columns(UndefinedColumn(f"{said}\nLINE 1: SELECT …")) == said
    assert other_columns(UndefinedTable("relation rm_plans does not exist")) is None


def test_a_table_that_was_dropped_meanwhile_is_asked_for_again(store: Store) -> None:
    with pytest.raises(Unavailable) as raised, store.reading() as connection:
        connection.execute(text("SELECT position FROM rm_plans_g7_statements"))
    assert raised.value.problem.rule.code == "read_models_unavailable"
