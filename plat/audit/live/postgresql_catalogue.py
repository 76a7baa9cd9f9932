"""What a PostgreSQL says of who may do what in it.

Asked are its catalogues (https://www.postgresql.org/docs/16/catalogs.html). What an owner may do with its own is no grant, and
neither is what PostgreSQL and its extensions come with, as far as `pg_init_privs` remembers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.plan.model import Server
from policies.ground import EVERYBODY, Ground
from providers.local.postgres import connected, words

_ROLES = """
SELECT r.rolname, array_remove(ARRAY[
  CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
  CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
  CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL), r.rolcanlogin
FROM pg_roles r WHERE r.rolname NOT LIKE 'pg\\_%' ORDER BY 1
"""

_MEMBERS = """
SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members
WHERE pg_get_userbyid(member) NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""

_DATABASES = "SELECT datname, pg_get_userbyid(datdba) FROM pg_database ORDER BY 1"

_ON_DATABASES = """
SELECT db.datname, 'database', '', db.datname, pg_get_userbyid(db.datdba), r.rolname, acl.privilege_type
FROM pg_database db CROSS JOIN aclexplode(coalesce(db.datacl, acldefault('d', db.datdba))) acl
LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE acl.grantee <> db.datdba AND db.datallowconn ORDER BY 1, 6, 7
"""

# Left out are rights that the server or an extension came with. On what a user has made, none is a matter of course.
_IN_DATABASE = """
WITH held (class, object, kind, schema, name, owner, grantee, privilege) AS (
  SELECT 'pg_namespace'::regclass, n.oid, 'schema', n.nspname, n.nspname, n.nspowner, a.grantee, a.privilege_type
  FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, n.nspname, c.relname,
    c.relowner, a.grantee, a.privilege_type
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) a
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, 'column', n.nspname, c.relname || '.' || t.attname, c.relowner, a.grantee,
    a.privilege_type
  FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN aclexplode(t.attacl) a
  UNION ALL
  SELECT 'pg_proc'::regclass, f.oid, 'function', n.nspname,
    f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')', f.proowner, a.grantee, a.privilege_type
  FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace CROSS JOIN aclexplode(CASE
    WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN f.proacl ELSE coalesce(f.proacl, acldefault('f', f.proowner))
    END) a
  WHERE NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e' AND f.proacl IS NULL)
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 'type', n.nspname, t.typname, t.typowner, a.grantee, a.privilege_type
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace CROSS JOIN aclexplode(t.typacl) a WHERE a.grantee <> 0
  UNION ALL
  SELECT 'pg_language'::regclass, l.oid, 'language', '', l.lanname, l.lanowner, a.grantee, a.privilege_type
  FROM pg_language l CROSS JOIN aclexplode(l.lanacl) a
  UNION ALL
  SELECT 'pg_foreign_server'::regclass, s.oid, 'foreign_server', '', s.srvname, s.srvowner, a.grantee, a.privilege_type
  FROM pg_foreign_server s CROSS JOIN aclexplode(s.srvacl) a
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 'foreign_data_wrapper', '', w.fdwname, w.fdwowner, a.grantee,
    a.privilege_type
  FROM pg_foreign_data_wrapper w CROSS JOIN aclexplode(w.fdwacl) a
  UNION ALL
  SELECT 'pg_default_acl'::regclass, d.oid, 'default', coalesce(n.nspname, ''), CASE d.defaclobjtype WHEN 'r' THEN 'tables'
    WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'routines' WHEN 'T' THEN 'types' ELSE 'schemas' END, d.defaclrole, a.grantee,
    a.privilege_type
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN aclexplode(d.defaclacl) a
)
SELECT current_database(), h.kind, h.schema, h.name, pg_get_userbyid(h.owner), r.rolname, h.privilege
FROM held h LEFT JOIN pg_roles r ON r.oid = h.grantee
WHERE h.grantee <> h.owner AND NOT (h.schema = 'information_schema' AND h.grantee = 0 AND h.privilege IN ('SELECT', 'USAGE'))
AND NOT EXISTS (
  SELECT FROM pg_init_privs i CROSS JOIN aclexplode(i.initprivs) b
  WHERE i.classoid = h.class AND i.objoid = h.object AND b.grantee = h.grantee AND b.privilege_type = h.privilege
    AND (i.privtype = 'e' OR h.schema IN ('', 'pg_catalog', 'information_schema')))
ORDER BY 2, 3, 4, 6, 7
"""

_OWNED = """
SELECT current_database(), 'schema', nspname, nspname, pg_get_userbyid(nspowner) FROM pg_namespace
WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
UNION ALL
SELECT current_database(), 'table', n.nspname, c.relname, pg_get_userbyid(c.relowner)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY 2, 3, 4
"""

_EXTENSIONS = "SELECT current_database(), extname FROM pg_extension ORDER BY 2"
_FOREIGN = "SELECT current_database(), srvname FROM pg_foreign_server ORDER BY 2"

_OPEN_FUTURE = """
SELECT current_database(), %(owner)s::text WHERE NOT EXISTS (
  SELECT FROM pg_default_acl d
  WHERE pg_get_userbyid(d.defaclrole) = %(owner)s AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'
    AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) a WHERE a.grantee = 0))
"""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the server, with its `powers` in PostgreSQL's words."""

    name: str
    powers: tuple[str, ...] = ()
    login: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """One right on one thing that is not the grantee's: `grantee` is a role, or `PUBLIC` for all of them.

    `kind` is as in PostgreSQL's words; `default` is a right on what `owner` will make, whose kind is the `name` then.
    """

    database: str
    kind: str
    schema: str
    name: str
    owner: str
    grantee: str
    privilege: str


@dataclass(frozen=True, slots=True)
class Owned:
    """A schema or a table, and whose it is."""

    database: str
    kind: str
    schema: str
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a server says of itself; pairs are of a database and what is in it, `members` of a role and who is in it."""

    roles: tuple[Role, ...]
    members: tuple[tuple[str, str], ...]
    databases: tuple[tuple[str, str], ...]
    grants: tuple[Grant, ...]
    owned: tuple[Owned, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()
    open_future: tuple[tuple[str, str], ...] = ()


def ask(server: Server, entrance: Entrance, ground: Ground) -> Catalogue:
    """What `server` says, asked as its administrator. Raises UnreadableServer."""
    try:
        return _asked(server, entrance, ground)
    except psycopg.Error as error:
        msg = f"{server.name} does not answer its administrator at {entrance.host}:{entrance.port}: {words(error)}"
        raise UnreadableServer(msg) from None


def _asked(server: Server, entrance: Entrance, ground: Ground) -> Catalogue:
    with connected(entrance, "postgres") as connection:
        roles = tuple(Role(name, tuple(powers), login) for name, powers, login in connection.execute(_ROLES))
        members: tuple[tuple[str, str], ...] = tuple((group, member) for group, member in connection.execute(_MEMBERS))
        databases = tuple((name, owner) for name, owner in connection.execute(_DATABASES))
        grants = [_grant(row) for row in connection.execute(_ON_DATABASES)]
    owned: list[Owned] = []
    extensions: list[tuple[str, str]] = []
    foreign: list[tuple[str, str]] = []
    open_future: list[tuple[str, str]] = []
    for name, _ in databases:
        # What is in another database is nobody's concern: that it is there is the finding.
        if stores := ground.stores_in_database(server, name):
            keepers = {store.role if store.schema is None else server.admin_user for store in stores}
            with connected(entrance, name) as connection:
                grants += [_grant(row) for row in connection.execute(_IN_DATABASE)]
                owned += [Owned(*row) for row in connection.execute(_OWNED)]
                extensions += [(row[0], row[1]) for row in connection.execute(_EXTENSIONS)]
                foreign += [(row[0], row[1]) for row in connection.execute(_FOREIGN)]
                if name != server.shared_database:
                    for keeper in sorted(keepers):
                        open_future += [(row[0], row[1]) for row in connection.execute(_OPEN_FUTURE, {"owner": keeper})]
    return Catalogue(
        roles, members, databases, tuple(grants), tuple(owned), tuple(extensions), tuple(foreign), tuple(open_future)
    )


def _grant(row: tuple[Any, ...]) -> Grant:
    database, kind, schema, name, owner, grantee, privilege = row
    return Grant(database, kind, schema, name, owner, grantee or EVERYBODY, privilege)
