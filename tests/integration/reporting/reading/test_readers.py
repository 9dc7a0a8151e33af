"""Other tools on PostgreSQL: their rights, Grafana's dashboard, and the examples of the guide."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from services.console.datasets.sample import sample_events
from tests.support.data_centre import REPOSITORY, address_of, make_roles, prepare
from tests.support.postgres_server import own_postgres_server
from tests.support.reading_views import rows_of
from tests.support.rebuildable_ledger import Rebuilding
from tests.support.sample_ledger import received
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.postgres

DASHBOARD = REPOSITORY / "deploy/grafana/dashboards/movement.json"
GUIDE = REPOSITORY / "docs/reading.md"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run reporting as its own role on a server as deploy/ makes it; give Grafana's address."""
    with own_postgres_server() as server:
        make_roles(server)
        prepare(server)
        reporting = address_of(server, "reporting").replace("postgresql:", "postgresql+psycopg:")
        ledger = Rebuilding(reporting, History().given(*map(received, sample_events())))
        ledger.project().store.close()
        make_roles_again(server)
        yield address_of(server, "grafana")


def make_roles_again(server: Any) -> None:
    """Run the script of the readers a second time, as on a server that is older than it."""
    make_roles(server, only="20-readers.sql")


def _asked(address: str, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(address, row_factory=dict_row) as session:
        return session.execute(statement).fetchall()  # type: ignore[arg-type]


def test_a_reader_reads_the_views(address: str) -> None:
    # The account of Bắc Kạn city: 191 registered and 129 recognised in 2022.
    assert len(rows_of(address, "registration")) == 191
    assert len(rows_of(address, "recognition")) == 129


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.log_events",
        "SELECT * FROM dvk_reporting.rm_registrations_things",
        "SELECT * FROM dvk_reporting.read_models",
        "UPDATE dvk_read.registration SET title = ''",
        "DELETE FROM dvk_read.projection",
        "CREATE TABLE dvk_read.own (id int)",
        "CREATE VIEW public.own AS SELECT 1",
        "CREATE TEMPORARY TABLE own (id int)",
        "DROP VIEW dvk_read.registration",
    ],
)
def test_a_reader_may_do_nothing_else(address: str, statement: str) -> None:
    refused = (
        errors.InsufficientPrivilege,
        errors.ReadOnlySqlTransaction,
        errors.ObjectNotInPrerequisiteState,  # a view that joins takes no rows
    )
    with psycopg.connect(address) as session, pytest.raises(refused):
        session.execute(statement)  # type: ignore[call-overload]
    # It may lift its own setting, but that gives it no right.
    with psycopg.connect(address) as session:
        session.execute("SET transaction_read_only = off")
        with pytest.raises(refused):
            session.execute(statement)  # type: ignore[call-overload]


def test_a_reader_has_thirty_seconds_for_a_statement(address: str) -> None:
    assert _asked(address, "SHOW statement_timeout") == [{"statement_timeout": "30s"}]
    assert _asked(address, "SHOW search_path") == [{"search_path": "dvk_read"}]


def _queries() -> dict[str, str]:
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    asked = {p["title"]: t["rawSql"] for p in dashboard["panels"] for t in p["targets"]}
    return asked | {f"${each['name']}": each["query"] for each in dashboard["templating"]["list"]}


def test_every_query_of_the_dashboard_runs_and_the_first_give_the_published_figures(
    address: str,
) -> None:
    rows = {
        title: _asked(address, query.replace("$year", "2022"))
        for title, query in _queries().items()
    }
    assert len(rows) > 10
    assert rows["$year"] == [{"plan_year": 2022}]
    assert rows["Đăng ký · Registered"] == [{"registered": 191}]
    assert rows["Đủ điều kiện · Eligible"] == [{"eligible": 160}]
    assert rows["Công nhận · Recognised"] == [{"recognized": 129}]
    assert [row["registered"] for row in rows["Theo lĩnh vực · By field"]] == [164, 20, 4, 3]
    by_year = rows["Đăng ký theo năm · Registrations by year"]
    assert by_year == [{"year": "2022", "new": 118, "maintained": 73, "pre_existing": 0}]
    (province,) = rows["Theo tỉnh ngày nay · By province of today"]
    assert (province["registered"], province["recognized"]) == (191, 129)
    # Of 68 figures four are of 2020 or of 2021 alone.
    assert len(rows["Số liệu đã công bố · Published figures"]) == 64


def test_every_statement_of_the_guide_runs(address: str) -> None:
    statements = re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len(statements) >= 5
    for statement in statements:
        plain = re.sub(r"\{\{(\w+)\}\}", "2022", statement).replace("$year", "2022")
        assert _asked(address, plain), statement


def test_the_guide_names_every_column_of_every_view(address: str) -> None:
    columns = _asked(
        address,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'dvk_read'",
    )
    guide = GUIDE.read_text("utf-8")
    views = dict.fromkeys(row["table_name"] for row in columns)
    for view in views:
        part = re.search(rf"^### `{view}`$(.*?)(?=^##|\Z)", guide, re.MULTILINE | re.DOTALL)
        assert part, view
        named = set(re.findall(r"`(\w+)`", part[1]))
        missing = [
            row["column_name"]
            for row in columns
            if row["table_name"] == view and row["column_name"] not in named
        ]
        assert missing == [], view
