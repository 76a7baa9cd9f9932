"""`platlocal:index:PostgresFence`: what PostgreSQL leaves open to everybody, closed for one database.

PUBLIC, which is every role, may connect to any new database and make temporary tables there, and execute every new
function (https://www.postgresql.org/docs/16/ddl-priv.html). docs/adr/0005 says why this is not pulumi-postgresql's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import psycopg
from psycopg import sql

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local.errors import Unusable
from providers.local.inputs import PostgresFenceInputs
from providers.local.machine import Machine
from providers.local.postgres import GLANCE, STAYS, Connection, again, connected, where, with_lock, words

_SHARED_DATABASES = ("postgres", "template1")

_OPEN_DATABASES = """
SELECT format('PUBLIC may %%s on database %%s', acl.privilege_type, db.datname)
FROM pg_database db, aclexplode(coalesce(db.datacl, acldefault('d', db.datdba))) acl
WHERE acl.grantee = 0 AND db.datname = ANY(%(databases)s) ORDER BY 1
"""

_OPEN_SCHEMA = """
SELECT format('PUBLIC may %%s on schema public', acl.privilege_type)
FROM pg_namespace ns, aclexplode(coalesce(ns.nspacl, acldefault('n', ns.nspowner))) acl
WHERE ns.nspname = 'public' AND acl.grantee = 0
UNION ALL
SELECT format('schema public belongs to %%s', pg_get_userbyid(ns.nspowner))
FROM pg_namespace ns WHERE ns.nspname = 'public' AND pg_get_userbyid(ns.nspowner) <> %(owner)s ORDER BY 1
"""

_OPEN_FUNCTIONS = """
SELECT format('PUBLIC may execute %%s', fn.oid::regprocedure)
FROM pg_proc fn, aclexplode(coalesce(fn.proacl, acldefault('f', fn.proowner))) acl
WHERE acl.grantee = 0 AND pg_get_userbyid(fn.proowner) = %(owner)s ORDER BY 1
"""

_OPEN_FUTURE = """
SELECT format('PUBLIC may execute what %%s makes', %(owner)s::text)
WHERE NOT EXISTS (
  SELECT FROM pg_default_acl d
  WHERE pg_get_userbyid(d.defaclrole) = %(owner)s AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'
    AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) acl WHERE acl.grantee = 0))
"""


class PostgresFence:
    """The type of resource. Deleting one leaves the fence standing."""

    model = PostgresFenceInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword"})
    fixed: ClassVar[Mapping[str, str]] = {"server": STAYS}
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: PostgresFenceInputs) -> None:
        """Raise Unusable for a database that is everybody's."""
        del machine
        if inputs.database in {*_SHARED_DATABASES, "template0"}:
            msg = f"`{inputs.database}` is no database of a context: it is closed along with every other one's fence"
            raise Unusable(msg)

    def drift(self, machine: Machine, inputs: PostgresFenceInputs, known: Outputs) -> Drift:
        """Return `drift` where the fence has a hole, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: PostgresFenceInputs) -> tuple[str, Outputs]:
        """Put up the fence."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.database}", _put_up(inputs)

    def update(self, machine: Machine, order: Order, old: PostgresFenceInputs | None, new: PostgresFenceInputs) -> Outputs:
        """Mend the fence."""
        del machine, order, old
        return _put_up(new)

    def read(self, machine: Machine, inputs: PostgresFenceInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return the holes in the fence; None where the server does not answer."""
        del machine, known
        try:
            return {"drift": _holes(inputs)}
        except psycopg.Error as error:
            warn(f"the fence of {inputs.database} could not be looked at: {where(inputs)} says: {words(error)}")
            return None

    def delete(self, machine: Machine, resource_id: str, inputs: PostgresFenceInputs) -> None:
        """Do nothing: a fence is never opened."""


def _put_up(inputs: PostgresFenceInputs) -> Outputs:
    try:
        with with_lock(inputs) as shared:
            again(lambda: _close_databases(shared, inputs))
            with connected(inputs, inputs.database) as own:
                again(lambda: _close_inside(own, inputs))
        return {"drift": _holes(inputs)}
    except psycopg.Error as error:
        msg = f"the fence of {inputs.database} cannot be put up: {where(inputs)} says: {words(error)}"
        raise Unusable(msg) from None


def _close_databases(connection: Connection, inputs: PostgresFenceInputs) -> None:
    for name in (inputs.database, *_SHARED_DATABASES):
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _close_inside(connection: Connection, inputs: PostgresFenceInputs) -> None:
    keeper = sql.Identifier(_keeper(inputs))
    connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(keeper))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    if inputs.owner is None:
        return
    default = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} REVOKE EXECUTE ON ROUTINES FROM PUBLIC")
    connection.execute(default.format(keeper))
    connection.execute("REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC")
    for (name,) in connection.execute(_OWN_FUNCTIONS, (inputs.owner,)).fetchall():
        # The server has quoted the name itself.
        connection.execute(sql.SQL("REVOKE EXECUTE ON ROUTINE {} FROM PUBLIC").format(sql.SQL(name)))


_OWN_FUNCTIONS = "SELECT fn.oid::regprocedure::text FROM pg_proc fn WHERE pg_get_userbyid(fn.proowner) = %s ORDER BY 1"


def _holes(inputs: PostgresFenceInputs) -> list[str]:
    values = {"databases": [inputs.database, *_SHARED_DATABASES], "owner": _keeper(inputs)}
    queries = (_OPEN_DATABASES, _OPEN_SCHEMA, *((_OPEN_FUNCTIONS, _OPEN_FUTURE) if inputs.owner else ()))
    with connected(inputs, inputs.database, GLANCE) as connection:
        return [row[0] for query in queries for row in connection.execute(query, values)]


def _keeper(inputs: PostgresFenceInputs) -> str:
    """Whose the schema `public` is: nobody's but the administrator's where contexts have schemas of their own."""
    return inputs.owner or inputs.admin_user
