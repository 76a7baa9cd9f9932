"""An outbox in PostgreSQL."""

from __future__ import annotations

from psycopg import sql

from providers.local.inputs import OutboxInputs
from providers.local.postgres import GLANCE, connected

_COLUMNS = {
    "id": "uuid",
    "event": "text",
    "version": "integer",
    "key": "text",
    "payload": "jsonb",
    "occurred_at": "timestamp with time zone",
    "published_at": "timestamp with time zone",
}

_TABLE = """
CREATE TABLE IF NOT EXISTS {table} (
    id uuid PRIMARY KEY,
    event text NOT NULL,
    version integer NOT NULL,
    key text,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
)
"""

# What has been published is no longer looked for: the index holds what waits, however long the table grows.
_INDEX = "CREATE INDEX IF NOT EXISTS {index} ON {table} (occurred_at) WHERE published_at IS NULL"

_FOUND = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""

_OWNER = """
SELECT pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""

_INDEXED = "SELECT 1 FROM pg_indexes WHERE schemaname = %s AND tablename = %s AND indexname = %s"


def missing(inputs: OutboxInputs) -> list[str]:
    """What of the table is missing or not its owner's. Raises psycopg.Error."""
    place = (inputs.table_schema, inputs.table)
    with connected(inputs, inputs.database, GLANCE) as connection:
        found = dict(connection.execute(_FOUND, place).fetchall())
        if not found:
            return [f"table {inputs.table} is not there"]
        left = [f"column {name} is {found.get(name, 'missing')}" for name, kind in _COLUMNS.items() if found.get(name) != kind]
        (owner,) = connection.execute(_OWNER, place).fetchone() or ("",)
        left += [] if owner == inputs.owner else [f"it belongs to {owner}"]
        indexed = connection.execute(_INDEXED, (*place, _index(inputs))).fetchone()
        return left if indexed or left else [f"index {_index(inputs)} is not there"]


def make(inputs: OutboxInputs) -> None:
    """Make table and index where they are missing, and give both to the owner. Raises psycopg.Error."""
    table = sql.Identifier(inputs.table_schema, inputs.table)
    with connected(inputs, inputs.database) as connection, connection.transaction():
        connection.execute(sql.SQL(_TABLE).format(table=table))
        known = {name for name, _ in connection.execute(_FOUND, (inputs.table_schema, inputs.table)).fetchall()}
        if set(_COLUMNS) <= known:  # Else it is a table of another form, which nothing is done to.
            connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(table, sql.Identifier(inputs.owner)))
            connection.execute(sql.SQL(_INDEX).format(table=table, index=sql.Identifier(_index(inputs))))


def _index(inputs: OutboxInputs) -> str:
    return f"{inputs.table}_unpublished"
