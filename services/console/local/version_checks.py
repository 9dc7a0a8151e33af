"""Checks before the ledger starts: this release must know the versions in its databases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, make_url

from services.console.local.data_directory import CannotStart
from services.reporting.readmodels.catalog import Catalog
from shared.database.errors import unavailable_as
from shared.errors import LedgerError, Unavailable
from shared.eventlog.dialects import LOG_UNAVAILABLE, dialect_for
from shared.eventlog.migrations import require_known
from shared.readmodel import generations
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from shared.settings import Settings


def require_own_versions(settings: Settings) -> None:
    """Refuse to start on read models of another version, with the command to run.

    Nothing is refused when there are no tables yet or the database does not answer.
    """
    if settings.database_url is None and not file_of(settings.reporting_url).exists():
        return
    store = Store(settings.reporting_url)
    try:
        with store.reading() as connection:
            if not inspect(connection).has_table(generations.READ_MODELS.name):
                return
            pointers = generations.load(connection)
    except LedgerError:
        return  # a service waits for its database, and reports that
    finally:
        store.close()
    own = {model.name: model.version for model in Catalog().all()}
    other = [p.name for p in pointers.values() if own.get(p.name, p.version) != p.version]
    if other:
        commands = "\n".join(f"  dvk rebuild {name}" for name in other)
        raise CannotStart(
            f"Các bảng {', '.join(other)} được lập bởi bản phát hành khác. Nếu bản này mới hơn, "
            f"hãy chạy lệnh sau rồi khởi động lại:\n{commands}",
            f"The read models {', '.join(other)} were filled by another release. If this one is "
            f"newer, run this and start again:\n{commands}",
        )


def require_known_log(settings: Settings) -> None:
    """Refuse to start on the log of a newer release, whose schema this one does not know."""
    if settings.database_url is None and not file_of(settings.log_url).exists():
        return
    dialect = dialect_for(settings.log_url, None)
    try:
        with unavailable_as(LOG_UNAVAILABLE):
            require_known(dialect)
    except Unavailable:
        return  # a service waits for its database, and reports that
    except LedgerError as error:
        raise CannotStart.for_reason(error) from error
    finally:
        dialect.reader.dispose()


def file_of(url: str) -> Path:
    """Return the file of a SQLite address."""
    return Path(make_url(url).database or "")
