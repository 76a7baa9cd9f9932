"""Views with promised columns: made empty, never made otherwise than promised.

PostgreSQL lets a view be replaced only by one with the same columns, in the same order and of the same types, and more at
the end (https://www.postgresql.org/docs/16/sql-createview.html): its owner fills it with meaning and cannot break the promise.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from providers.local.errors import Unusable
from providers.local.inputs import PublishedView, ViewColumn
from providers.local.postgres import Connection

_Column = tuple[str, int, int]
"""A column's name, the id of its type, and the type's modifier."""

_FOUND = """
SELECT a.attname, a.atttypid, a.atttypmod FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

_KIND = """
SELECT c.relkind::text, pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""


def publish(connection: Connection, schema: str, view: PublishedView, owner: str) -> None:
    """Make `view` where it is missing, add the columns that it lacks, give it to `owner`. Raises Unusable, psycopg.Error."""
    found, wanted = _columns(connection, schema, view), _promised(connection, view)
    refusal = _difference(connection, schema, view, found, wanted)
    if refusal:
        raise Unusable(refusal)
    called = sql.Identifier(schema, view.name)
    added = view.columns[len(found) :]
    if not found:
        empty = sql.SQL("CREATE VIEW {} AS SELECT {} WHERE false").format(called, _nothing(view.columns))
        connection.execute(empty)
    elif added:
        # What the provider has defined stays: the new columns are empty until it defines them too.
        place = sql.Literal(_literal(schema, view.name))
        row = connection.execute(sql.SQL("SELECT pg_get_viewdef({}::regclass)").format(place)).fetchone()
        old = sql.SQL(str(row[0] if row else "").rstrip("; \n"))
        replaced = sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT before.*, {} FROM ({}) before")
        connection.execute(replaced.format(called, _nothing(added), old))
    connection.execute(sql.SQL("ALTER VIEW {} OWNER TO {}").format(called, sql.Identifier(owner)))


def differences(connection: Connection, schema: str, view: PublishedView, owner: str) -> Iterator[str]:
    """What of `view` is not as promised, for a person to read. Raises psycopg.Error."""
    found, wanted = _columns(connection, schema, view), _promised(connection, view)
    if not found:
        yield f"view {view.name} is not there"
        return
    if found[: len(wanted)] != wanted:
        yield f"view {view.name} {'lacks columns' if len(found) < len(wanted) else 'has other columns'}"
    row = connection.execute(_KIND, (schema, view.name)).fetchone()
    if row and row[1] != owner:
        yield f"view {view.name} belongs to {row[1]}"


def _difference(connection: Connection, schema: str, view: PublishedView, found: list[_Column], wanted: list[_Column]) -> str:
    row = connection.execute(_KIND, (schema, view.name)).fetchone()
    beside = (
        "publish another view beside it, or make a contract beside this one, and take the old one out when nobody reads it"
    )
    if row and row[0] != "v":
        return f"{schema}.{view.name} is no view: rename it, or call the view in the contract otherwise"
    for (name, *kind), (promised, *promised_kind) in zip(found, wanted, strict=False):
        if name != promised:
            return f"view {schema}.{view.name} has a column {name} where the contract says {promised}: {beside}"
        if kind != promised_kind:
            has, says = (_type_name(connection, *one) for one in (kind, promised_kind))
            return f"column {name} of view {schema}.{view.name} is {has}, and the contract says {says}: {beside}"
    return ""


def _columns(connection: Connection, schema: str, view: PublishedView) -> list[_Column]:
    return [(name, kind, modifier) for name, kind, modifier in connection.execute(_FOUND, (schema, view.name)).fetchall()]


def _promised(connection: Connection, view: PublishedView) -> list[_Column]:
    """The columns as the server understands their types."""
    cursor = connection.execute(sql.SQL("SELECT {} WHERE false").format(_nothing(view.columns)))
    result = cursor.pgresult
    assert result is not None  # noqa: S101 - a SELECT has one
    return [(column.name, result.ftype(index), result.fmod(index)) for index, column in enumerate(view.columns)]


def _type_name(connection: Connection, kind: int, modifier: int) -> str:
    row = connection.execute("SELECT format_type(%s, %s)", (kind, modifier)).fetchone()
    return str(row[0]) if row else str(kind)


def _nothing(columns: list[ViewColumn]) -> sql.Composable:
    # A type is one of PostgreSQL's own names, with digits: its form has been checked.
    parts = (sql.SQL("NULL::{} AS {}").format(sql.SQL(column.type), sql.Identifier(column.name)) for column in columns)
    return sql.SQL(", ").join(parts)


def _literal(schema: str, view: str) -> str:
    return f'"{schema}"."{view}"'
