"""Migrates the database as its owner, and grants each service its own family.

Run before the services start, at every release, with the owner's `DATABASE_URL`.
"""  # noqa: INP001  a standalone script, copied into the image

from sqlalchemy import text

from shared.eventlog.dialects import dialect_for
from shared.eventlog.migrations import grants, migrate, seal_grants
from shared.settings import Settings
from shared.vocabulary import Family


def main() -> None:
    """Apply the missing migrations, then the grants; both may be repeated."""
    dialect = dialect_for(Settings.from_environment().log_url, family=None)
    migrate(dialect)
    with dialect.locked() as connection:
        for family in Family:
            for statement in grants(family, f"dvk_{family}"):
                connection.execute(text(statement))
        for statement in seal_grants("dvk_sealer", "dvk_reporting"):
            connection.execute(text(statement))
    dialect.writer.dispose()
    dialect.reader.dispose()


if __name__ == "__main__":
    main()
