"""An outbox in MariaDB."""

from __future__ import annotations

from providers.local.inputs import OutboxInputs
from providers.local.kinds.mysql import connect

_COLUMNS = {
    "id": "uuid",
    "event": "varchar(200)",
    "version": "int(11)",
    "key": "text",
    "payload": "longtext",  # What MariaDB calls json, with a check that it is
    "occurred_at": "timestamp(6)",
    "published_at": "timestamp(6)",
}

# MariaDB has no index on a part of the rows: what waits has no time of publication, and stands together.
_TABLE = """
CREATE TABLE IF NOT EXISTS `{database}`.`{table}` (
    id uuid PRIMARY KEY,
    event varchar(200) NOT NULL,
    version int NOT NULL,
    `key` text,
    payload json NOT NULL,
    occurred_at timestamp(6) NOT NULL DEFAULT current_timestamp(6),
    published_at timestamp(6) NULL DEFAULT NULL,
    INDEX {table}_unpublished (published_at, occurred_at)
)
"""

_FOUND = "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
_INDEXED = "SELECT 1 FROM information_schema.statistics WHERE table_schema = %s AND table_name = %s AND index_name = %s"
_GLANCE, _PATIENCE = 3, 20


def missing(inputs: OutboxInputs) -> list[str]:
    """What of the table is missing. Raises pymysql.MySQLError."""
    place = (inputs.database, inputs.table)
    with (
        connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password, _GLANCE) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_FOUND, place)
        found = dict(cursor.fetchall())
        if not found:
            return [f"table {inputs.table} is not there"]
        left = [f"column {name} is {found.get(name, 'missing')}" for name, kind in _COLUMNS.items() if found.get(name) != kind]
        cursor.execute(_INDEXED, (*place, f"{inputs.table}_unpublished"))
        return left or ([] if cursor.fetchall() else [f"index {inputs.table}_unpublished is not there"])


def make(inputs: OutboxInputs) -> None:
    """Make table and index where they are missing; the database's own account has all rights on them. Raises MySQLError."""
    with (
        connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password, _PATIENCE) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_TABLE.format(database=inputs.database, table=inputs.table))
        cursor.execute(_FOUND, (inputs.database, inputs.table))
        if {name for name, _ in cursor.fetchall()} >= set(_COLUMNS):
            index = f"CREATE INDEX IF NOT EXISTS {inputs.table}_unpublished"
            cursor.execute(f"{index} ON `{inputs.database}`.`{inputs.table}` (published_at, occurred_at)")
