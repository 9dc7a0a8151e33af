"""Logs as earlier releases made them."""

from sqlalchemy import Connection

from shared.eventlog.tables import ORIGIN_PLACE, REFUSED


def as_of_an_earlier_release(connection: Connection) -> None:
    """Undo the migrations that let redactions and forwarded events in."""
    connection.exec_driver_sql("DELETE FROM log_schema WHERE version >= 3")
    for table in ("log_origins", "log_origin_chains"):
        connection.exec_driver_sql(f"DROP TABLE {table}")
    for table in REFUSED.values():
        for column in ORIGIN_PLACE:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP COLUMN {column}")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER log_events_by_redaction")
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, ', ''dvk.EventRedacted.v1''', '') "
            "WHERE name = 'log_events'"
        )
        connection.exec_driver_sql("PRAGMA writable_schema = OFF")
        return
    connection.exec_driver_sql("DROP TRIGGER log_events_no_update ON log_events")
    connection.exec_driver_sql("DROP FUNCTION log_events_no_update")
    connection.exec_driver_sql(
        "ALTER TABLE log_events DROP CONSTRAINT registry_types, ADD CONSTRAINT registry_types "
        "CHECK (registry_type <> 'dvk.EventRedacted.v1')"
    )
