"""Brings the database to this release as its owner, and grants each service its own family.

Run before the services start, at every release: `DATABASE_URL` names the owner's address.
"""  # noqa: INP001  a script of its own, copied into the image

from sqlalchemy import create_engine, text

from shared.eventlog.migrations import grants
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family


def main() -> None:
    """Apply the missing steps, then the grants; both may be repeated."""
    url = Settings.from_environment().log_url
    open_log(url, family=None).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        for family in Family:
            for statement in grants(family, f"dvk_{family}"):
                connection.execute(text(statement))
    engine.dispose()


if __name__ == "__main__":
    main()
