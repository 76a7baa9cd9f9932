"""`platlocal:index:PostgresSchema`: a schema for one role, in a database where other roles have schemas of their own.

The schema belongs to the administrator: its owner could open it to others (docs/adr/0011). The role may come into the
database, make and use what is in its schema, and nothing else; names without a schema are looked up in its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import psycopg
from psycopg import sql

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local.errors import Unusable
from providers.local.inputs import PostgresSchemaInputs
from providers.local.machine import Machine
from providers.local.postgres import GLANCE, STAYS, Connection, again, connected, where, with_lock, words

_ABSENT = """
SELECT format('schema %%I is not there', %(name)s::text)
WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = %(name)s)
"""

_OWNED = """
SELECT format('schema %%I belongs to %%s', nspname, pg_get_userbyid(nspowner))
FROM pg_namespace WHERE nspname = %(name)s AND pg_get_userbyid(nspowner) <> %(admin)s
"""

_OPEN = """
SELECT format('%%s may %%s on schema %%I', coalesce(grantee.rolname, 'PUBLIC'), acl.privilege_type, ns.nspname)
FROM pg_namespace ns
CROSS JOIN aclexplode(coalesce(ns.nspacl, acldefault('n', ns.nspowner))) acl
LEFT JOIN pg_roles grantee ON grantee.oid = acl.grantee
WHERE acl.grantee <> ns.nspowner AND (
  (ns.nspname = %(name)s AND (grantee.rolname IS DISTINCT FROM %(role)s OR acl.is_grantable))
  OR (ns.nspname = 'public' AND grantee.rolname = %(role)s))
ORDER BY 1
"""

_LACKING = """
SELECT format('%%s may not %%s on schema %%I', %(role)s::text, wanted, ns.nspname)
FROM pg_namespace ns, unnest(ARRAY['USAGE', 'CREATE']) wanted
WHERE ns.nspname = %(name)s AND NOT has_schema_privilege(%(role)s, ns.oid, wanted) ORDER BY 1
"""

_DATABASE = """
SELECT format('%%s may %%s on database %%I', %(role)s::text, acl.privilege_type, db.datname)
FROM pg_database db, aclexplode(db.datacl) acl
WHERE db.datname = %(database)s AND acl.grantee = %(role)s::regrole
  AND (acl.privilege_type <> 'CONNECT' OR acl.is_grantable)
UNION ALL
SELECT format('%%s may not connect to database %%I', %(role)s::text, %(database)s::text)
WHERE NOT has_database_privilege(%(role)s, %(database)s, 'CONNECT') ORDER BY 1
"""

_MEMBERS = """
SELECT format('%%s is a member of %%s', pg_get_userbyid(member), pg_get_userbyid(roleid))
FROM pg_auth_members WHERE %(role)s::regrole IN (member, roleid) ORDER BY 1
"""

_PATH = """
SELECT format('%%s does not look for its tables in %%I first', %(role)s::text, %(name)s::text)
WHERE NOT EXISTS (
  SELECT FROM pg_db_role_setting s JOIN pg_database db ON db.oid = s.setdatabase
  WHERE db.datname = %(database)s AND s.setrole = %(role)s::regrole
    AND 'search_path=' || quote_ident(%(name)s) = ANY(s.setconfig))
"""

_HOLES = (_ABSENT, _OWNED, _OPEN, _LACKING, _DATABASE, _MEMBERS, _PATH)

_STATEMENTS = (
    "CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {admin}",
    "ALTER SCHEMA {name} OWNER TO {admin}",
    "GRANT USAGE, CREATE ON SCHEMA {name} TO {role}",
    "REVOKE GRANT OPTION FOR ALL ON SCHEMA {name} FROM {role} CASCADE",
    "REVOKE ALL ON SCHEMA public FROM {role} CASCADE",
    "REVOKE ALL ON DATABASE {database} FROM {role} CASCADE",
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    "ALTER ROLE {role} IN DATABASE {database} SET search_path TO {name}",
)

_GRANTEES = """
SELECT DISTINCT grantee.rolname FROM pg_namespace ns
CROSS JOIN aclexplode(ns.nspacl) acl LEFT JOIN pg_roles grantee ON grantee.oid = acl.grantee
WHERE ns.nspname = %(name)s AND acl.grantee <> ns.nspowner AND grantee.rolname IS DISTINCT FROM %(role)s
"""

_MEMBERSHIPS = """
SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members WHERE %(role)s::regrole IN (member, roleid)
"""


class PostgresSchema:
    """The type of resource. Deleting one leaves the schema with all that is in it."""

    model = PostgresSchemaInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword"})
    fixed: ClassVar[Mapping[str, str]] = dict.fromkeys(("server", "database", "name"), STAYS)
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: PostgresSchemaInputs) -> None:
        """Raise Unusable for a schema that every database has."""
        del machine
        if inputs.name in {"public", "information_schema"} or inputs.name.startswith("pg_"):
            msg = f"`{inputs.name}` is PostgreSQL's own schema: give the context another name"
            raise Unusable(msg)

    def drift(self, machine: Machine, inputs: PostgresSchemaInputs, known: Outputs) -> Drift:
        """Return `drift` where rights are not as declared, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: PostgresSchemaInputs) -> tuple[str, Outputs]:
        """Make the schema, or take over the one that is there."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.database}/{inputs.name}", _set_up(inputs)

    def update(self, machine: Machine, order: Order, old: PostgresSchemaInputs | None, new: PostgresSchemaInputs) -> Outputs:
        """Give the role its rights and nobody else any."""
        del machine, order, old
        return _set_up(new)

    def read(self, machine: Machine, inputs: PostgresSchemaInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return in what rights differ from what is declared; None where the server does not answer."""
        del machine, known
        try:
            return {"drift": _drift(inputs)}
        except psycopg.Error as error:
            warn(f"schema {inputs.name} of {inputs.database} could not be looked at: {where(inputs)} says: {words(error)}")
            return None

    def delete(self, machine: Machine, resource_id: str, inputs: PostgresSchemaInputs) -> None:
        """Do nothing: data is retired by hand."""


def _set_up(inputs: PostgresSchemaInputs) -> Outputs:
    try:
        with with_lock(inputs), connected(inputs, inputs.database) as connection:
            again(lambda: _apply(connection, inputs))
        return {"drift": _drift(inputs)}
    except psycopg.Error as error:
        msg = f"schema {inputs.name} of {inputs.database} cannot be set up: {where(inputs)} says: {words(error)}"
        raise Unusable(msg) from None


def _apply(connection: Connection, inputs: PostgresSchemaInputs) -> None:
    called = {key: sql.Identifier(value) for key, value in _values(inputs).items()}
    with connection.transaction():
        for statement in _STATEMENTS:
            connection.execute(sql.SQL(statement).format(**called))
        for (grantee,) in connection.execute(_GRANTEES, _values(inputs)).fetchall():
            whom = sql.Identifier(grantee) if grantee else sql.SQL("PUBLIC")
            connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {} CASCADE").format(called["name"], whom))
        for group, member in connection.execute(_MEMBERSHIPS, _values(inputs)).fetchall():
            revoke = sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), sql.Identifier(member))
            connection.execute(revoke)


def _drift(inputs: PostgresSchemaInputs) -> list[str]:
    with connected(inputs, inputs.database, GLANCE) as connection:
        return [row[0] for query in _HOLES for row in connection.execute(query, _values(inputs))]


def _values(inputs: PostgresSchemaInputs) -> dict[str, str]:
    return {"admin": inputs.admin_user, "database": inputs.database, "name": inputs.name, "role": inputs.role}
