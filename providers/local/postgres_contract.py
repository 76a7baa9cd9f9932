"""`platlocal:index:PostgresContract`: views that a provider publishes in a schema of their own, and one role that reads them.

The schema is the administrator's, so that nobody else can open it; the views are the provider's, so that it can say what they
show; the reader may connect, use the schema and select from these views, until the last day (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar

import psycopg
from psycopg import sql

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import password_hashes
from providers.local.errors import Unusable
from providers.local.inputs import PostgresContractInputs
from providers.local.machine import Machine
from providers.local.postgres import GLANCE, Connection, again, connected, where, with_lock, words
from providers.local.postgres_views import differences, publish

_BESIDE = "views that somebody reads cannot change their place: make a contract of another name beside this one"

# Every right that the reader has, in words; what it may have is taken out of them.
_RIGHTS = """
SELECT format('%%s on database %%I', acl.privilege_type, db.datname)
FROM pg_database db, aclexplode(db.datacl) acl WHERE acl.grantee = %(reader)s::regrole
UNION ALL
SELECT format('%%s on schema %%I', acl.privilege_type, ns.nspname)
FROM pg_namespace ns, aclexplode(ns.nspacl) acl WHERE acl.grantee = %(reader)s::regrole
UNION ALL
SELECT format('%%s on %%I.%%I', acl.privilege_type, ns.nspname, c.relname)
FROM pg_class c JOIN pg_namespace ns ON ns.oid = c.relnamespace, aclexplode(c.relacl) acl
WHERE acl.grantee = %(reader)s::regrole
UNION ALL
SELECT format('%%s on column %%I of %%I.%%I', acl.privilege_type, a.attname, ns.nspname, c.relname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace ns ON ns.oid = c.relnamespace,
  aclexplode(a.attacl) acl
WHERE acl.grantee = %(reader)s::regrole
UNION ALL
SELECT format('%%s on function %%s', acl.privilege_type, fn.oid::regprocedure)
FROM pg_proc fn, aclexplode(fn.proacl) acl WHERE acl.grantee = %(reader)s::regrole
UNION ALL
SELECT format('%%s by default on what %%s makes', acl.privilege_type, pg_get_userbyid(d.defaclrole))
FROM pg_default_acl d, aclexplode(d.defaclacl) acl WHERE acl.grantee = %(reader)s::regrole
UNION ALL
SELECT format('membership in %%I', pg_get_userbyid(roleid)) FROM pg_auth_members WHERE member = %(reader)s::regrole
UNION ALL
SELECT format('%%I as a member', pg_get_userbyid(member)) FROM pg_auth_members WHERE roleid = %(reader)s::regrole
UNION ALL
SELECT format('ownership of %%I.%%I', ns.nspname, c.relname)
FROM pg_class c JOIN pg_namespace ns ON ns.oid = c.relnamespace WHERE c.relowner = %(reader)s::regrole
UNION ALL
SELECT format('ownership of schema %%I', nspname) FROM pg_namespace WHERE nspowner = %(reader)s::regrole
UNION ALL
SELECT format('power to %%s', power) FROM pg_roles r, LATERAL (VALUES
  (r.rolsuper, 'do everything'), (r.rolcreaterole, 'create roles'), (r.rolcreatedb, 'create databases'),
  (r.rolreplication, 'replicate'), (r.rolbypassrls, 'bypass row security')) p (held, power)
WHERE r.oid = %(reader)s::regrole AND p.held
ORDER BY 1
"""

_ROLE = "SELECT rolcanlogin, rolvaliduntil = %(until)s::timestamptz FROM pg_roles WHERE rolname = %(reader)s"
_STORED = "SELECT rolpassword FROM pg_authid WHERE rolname = %(reader)s"
_SCHEMA = "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = %(name)s"
_OTHERS = """
SELECT DISTINCT coalesce(grantee.rolname, 'PUBLIC') FROM pg_namespace ns
CROSS JOIN aclexplode(ns.nspacl) acl LEFT JOIN pg_roles grantee ON grantee.oid = acl.grantee
WHERE ns.nspname = %(name)s AND acl.grantee <> ns.nspowner
  AND (grantee.rolname IS NULL OR grantee.rolname NOT IN (%(owner)s, %(reader)s)) ORDER BY 1
"""
_PUBLISHES = (
    "SELECT has_schema_privilege(%(owner)s, %(name)s, 'USAGE') AND has_schema_privilege(%(owner)s, %(name)s, 'CREATE')"
)


class PostgresContract:
    """The type of resource. Deleting one removes the reader with all its rights; the views stay."""

    model = PostgresContractInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword", "password"})
    fixed: ClassVar[Mapping[str, str]] = {"name": _BESIDE}
    replacing: ClassVar[frozenset[str]] = frozenset({"reader"})
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: PostgresContractInputs) -> None:
        """Raise Unusable for a reader that is somebody else."""
        del machine
        if inputs.reader in {inputs.admin_user, inputs.owner}:
            msg = f"`{inputs.reader}` is the administrator or the provider: a reader has a role of its own"
            raise Unusable(msg)

    def change(self, before: PostgresContractInputs, now: PostgresContractInputs) -> None:
        """Raise Unusable where `now` breaks what was promised `before`."""
        promised = {view.name: view for view in now.views}
        for view in before.views:
            if view.name not in promised:
                msg = (
                    f"view {view.name} is promised and cannot be taken out of the contract: make a contract beside this one "
                    "without it, move the consumer there, and take this one out whole"
                )
                raise Unusable(msg)
            if promised[view.name].columns[: len(view.columns)] != view.columns:
                msg = (
                    f"view {view.name} promises its columns as they are: more can be added at the end. For anything else "
                    "publish a view of another name beside it, or make a contract beside this one"
                )
                raise Unusable(msg)

    def drift(self, machine: Machine, inputs: PostgresContractInputs, known: Outputs) -> Drift:
        """Return `drift` where views or rights are not as agreed, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: PostgresContractInputs) -> tuple[str, Outputs]:
        """Publish the views, or take over those that are there, and let the reader in."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{inputs.database}/{inputs.name}", _agreed(inputs)

    def update(
        self, machine: Machine, order: Order, old: PostgresContractInputs | None, new: PostgresContractInputs
    ) -> Outputs:
        """Publish what is new, and give the reader its rights and no others."""
        del machine
        if old and (old.host, old.port, old.database) != (new.host, new.port, new.database):
            self._leave(old, new, order)
        return _agreed(new)

    def read(self, machine: Machine, inputs: PostgresContractInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return in what views and rights differ from what was agreed; None where the server does not answer."""
        del machine, known
        try:
            return {"drift": _drift(inputs)}
        except psycopg.Error as error:
            warn(f"contract {inputs.name} could not be looked at: {where(inputs)} says: {words(error)}")
            return None

    def delete(self, machine: Machine, resource_id: str, inputs: PostgresContractInputs) -> None:
        """Remove the reader."""
        del machine, resource_id
        try:
            with with_lock(inputs), connected(inputs, inputs.database) as connection:
                _remove_reader(connection, inputs)
        except psycopg.Error as error:
            msg = f"the reader of contract {inputs.name} cannot be removed: {where(inputs)} says: {words(error)}"
            raise Unusable(msg) from None

    def _leave(self, old: PostgresContractInputs, new: PostgresContractInputs, order: Order) -> None:
        """Remove the reader from where the provider's data was, unless only the port is another one."""
        try:
            with with_lock(old), connected(old, old.database) as connection:
                _remove_reader(connection, old)
        except psycopg.OperationalError:
            if old.port == new.port:
                order.warn(f"the reader of contract {old.name} could not be removed at {where(old)}: nothing answers there")


def _agreed(inputs: PostgresContractInputs) -> Outputs:
    try:
        with with_lock(inputs), connected(inputs, inputs.database) as connection:
            again(lambda: _apply(connection, inputs))
        return {"drift": _drift(inputs)}
    except psycopg.Error as error:
        msg = f"contract {inputs.name} cannot be set up: {where(inputs)} says: {words(error)}"
        raise Unusable(msg) from None


def _apply(connection: Connection, inputs: PostgresContractInputs) -> None:
    names = {key: sql.Identifier(str(value)) for key, value in _values(inputs).items()}
    with connection.transaction():
        for statement in (
            "CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {admin}",
            "ALTER SCHEMA {name} OWNER TO {admin}",
            "GRANT USAGE, CREATE ON SCHEMA {name} TO {owner}",
            "REVOKE GRANT OPTION FOR ALL ON SCHEMA {name} FROM {owner} CASCADE",
        ):
            connection.execute(sql.SQL(statement).format(**names))
        for view in inputs.views:
            publish(connection, inputs.name, view, inputs.owner)
        for (other,) in connection.execute(_OTHERS, _values(inputs)).fetchall():
            whom = sql.SQL("PUBLIC") if other == "PUBLIC" else sql.Identifier(other)
            connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {} CASCADE").format(names["name"], whom))
        _let_in(connection, inputs, names)


def _let_in(connection: Connection, inputs: PostgresContractInputs, names: Mapping[str, sql.Identifier]) -> None:
    """Give the reader exactly its rights: whatever it has besides goes, whoever gave it."""
    if connection.execute(_ROLE, _values(inputs)).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {reader}").format(**names))
    _take_everything(connection, inputs)
    attributes = sql.SQL(
        "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS PASSWORD {} VALID UNTIL {}"
    ).format(sql.Literal(_stored(connection, inputs)), sql.Literal(_until(inputs)))
    connection.execute(sql.SQL("ALTER ROLE {reader} {attributes}").format(**names, attributes=attributes))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {database} TO {reader}").format(**names))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {name} TO {reader}").format(**names))
    for view in inputs.views:
        shown = sql.Identifier(inputs.name, view.name)
        connection.execute(sql.SQL("GRANT SELECT ON {} TO {reader}").format(shown, **names))
    connection.execute(sql.SQL("ALTER ROLE {reader} IN DATABASE {database} SET search_path TO {name}").format(**names))


def _take_everything(connection: Connection, inputs: PostgresContractInputs) -> None:
    """Take all rights in this database, and memberships; what it has made of its own becomes the provider's."""
    reader, owner = sql.Identifier(inputs.reader), sql.Identifier(inputs.owner)
    connection.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(reader, owner))
    connection.execute(sql.SQL("DROP OWNED BY {}").format(reader))
    memberships = """
    SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members
    WHERE %(reader)s::regrole IN (member, roleid)
    """
    for group, member in connection.execute(memberships, _values(inputs)).fetchall():
        connection.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), sql.Identifier(member)))


def _remove_reader(connection: Connection, inputs: PostgresContractInputs) -> None:
    values = _values(inputs)
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %(reader)s", values).fetchone() is None:
        return
    reader = sql.Identifier(inputs.reader)
    connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(reader))
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(reader)s", values)
    _take_everything(connection, inputs)
    connection.execute(sql.SQL("DROP ROLE {}").format(reader))


def _stored(connection: Connection, inputs: PostgresContractInputs) -> str:
    """The password as the server has it, where it is this one, so that nothing changes; else anew."""
    row = connection.execute(_STORED, _values(inputs)).fetchone()
    known = row[0] if row else None
    return known if known and password_hashes.is_scram_of(inputs.password, known) else password_hashes.scram(inputs.password)


def _drift(inputs: PostgresContractInputs) -> list[str]:
    values = _values(inputs)
    with connected(inputs, inputs.database, GLANCE) as connection:
        found = [text for view in inputs.views for text in differences(connection, inputs.name, view, inputs.owner)]
        found += _of_schema(connection, inputs)
        role = connection.execute(_ROLE, values).fetchone()
        if role is None:
            return [*found, f"role {inputs.reader} is not there"]
        found += [] if role[0] else [f"{inputs.reader} may not log in"]
        found += [] if role[1] else [f"{inputs.reader} is let in until another day"]
        known = connection.execute(_STORED, values).fetchone()
        if not known or not known[0] or not password_hashes.is_scram_of(inputs.password, known[0]):
            found.append(f"{inputs.reader} has another password")
        held = {row[0] for row in connection.execute(_RIGHTS, values)}
        agreed = {row[0] for row in connection.execute(_AGREED, {**values, "views": [view.name for view in inputs.views]})}
        found += [f"{inputs.reader} has {right}" for right in sorted(held - agreed)]
        return found + [f"{inputs.reader} lacks {right}" for right in sorted(agreed - held)]


_AGREED = """
SELECT format('CONNECT on database %%I', %(database)s::text)
UNION ALL SELECT format('USAGE on schema %%I', %(name)s::text)
UNION ALL SELECT format('SELECT on %%I.%%I', %(name)s::text, view) FROM unnest(%(views)s::text[]) view
"""


def _of_schema(connection: Connection, inputs: PostgresContractInputs) -> list[str]:
    values = _values(inputs)
    row = connection.execute(_SCHEMA, values).fetchone()
    if row is None:
        return [f"schema {inputs.name} is not there"]
    found = [] if row[0] == inputs.admin_user else [f"schema {inputs.name} belongs to {row[0]}"]
    found += [f"{other} has rights on schema {inputs.name}" for (other,) in connection.execute(_OTHERS, values)]
    publishes = connection.execute(_PUBLISHES, values).fetchone()
    return found if publishes and publishes[0] else [*found, f"{inputs.owner} may not replace the views of {inputs.name}"]


def _until(inputs: PostgresContractInputs) -> str:
    """The first moment, in UTC, at which the reader is let in no more."""
    return f"{date.fromisoformat(inputs.expires) + timedelta(days=1)} 00:00:00+00"


def _values(inputs: PostgresContractInputs) -> dict[str, object]:
    return {
        "admin": inputs.admin_user,
        "database": inputs.database,
        "name": inputs.name,
        "owner": inputs.owner,
        "reader": inputs.reader,
        "until": _until(inputs),
    }
