"""What a PostgreSQL grants, compared with what the landscape grants there.

Asked are its catalogues (https://www.postgresql.org/docs/16/catalogs.html). What an owner may do with its own is no grant, and
neither is what PostgreSQL and its extensions come with, as far as `pg_init_privs` remembers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plat.audit.live.judging import missing, seen, ungranted
from plat.findings import Finding
from plat.plan.model import Contract, Datastore, Server
from policies.ground import EVERYBODY, Ground
from policies.observed import Observed
from providers.local.postgres import Entrance, connected

_OWN_DATABASES = frozenset({"postgres", "template0", "template1"})

_POWERS: Mapping[str, tuple[str, str]] = {
    "SUPERUSER": ("superuser", "do everything"),
    "CREATEROLE": ("createRole", "create roles"),
    "CREATEDB": ("createDatabase", "create databases"),
    "REPLICATION": ("replication", "replicate"),
    "BYPASSRLS": ("bypassRowLevelSecurity", "bypass row security"),
}
"""PostgreSQL's words for what a role may do beyond all grants, with the resource's property and in words."""

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
    """What `server` says, asked as its administrator. Raises psycopg.Error."""
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


def findings(catalogue: Catalogue, server: Server, ground: Ground) -> Iterator[Finding]:
    """How what a server says differs from what the landscape grants there."""
    return _Compared(catalogue, server, ground).findings()


class _Compared:
    def __init__(self, catalogue: Catalogue, server: Server, ground: Ground) -> None:
        self._found = catalogue
        self._server = server
        self._ground = ground
        self._stores = ground.stores_in(server)
        self._contracts = [item for item in ground.plan.contracts if item.server == server.name]
        self._roles = {store.role for store in self._stores} | {item.role for item in self._contracts}

    def findings(self) -> Iterator[Finding]:
        yield from self._of_roles()
        yield from self._of_databases()
        yield from self._of_grants()
        yield from self._of_owners()
        yield from self._of_extensions()
        yield from self._missing()

    def _of_roles(self) -> Iterator[Finding]:
        admin = self._server.admin_user
        for role in self._found.roles:
            if role.name == admin:
                continue
            powers = {_POWERS[power][0]: True for power in role.powers}
            resource = self._seen("role:Role", f"role `{role.name}`", {"name": role.name, **powers})
            if role.name not in self._roles:
                step = self._by(f"DROP ROLE {_quoted(role.name)}")
                yield from self._ungranted(resource, "no descriptor declares a role of this name", step)
            elif powers:
                words = " and ".join(_POWERS[power][1] for power in role.powers)
                step = self._by(f"ALTER ROLE {_quoted(role.name)} {' '.join(f'NO{power}' for power in role.powers)}")
                yield from self._ungranted(resource, f"it may {words}", step)
        for group, member in self._found.members:
            if member != admin:
                resource = self._seen(
                    "grantRole:GrantRole", f"membership of `{member}` in role `{group}`", {"role": member, "grantRole": group}
                )
                step = self._by(f"REVOKE {_quoted(group)} FROM {_quoted(member)}")
                yield from self._ungranted(resource, f"`{member}` may do whatever `{group}` may", step)

    def _of_databases(self) -> Iterator[Finding]:
        for name, owner in self._found.databases:
            stores = self._ground.stores_in_database(self._server, name)
            intended = self._owner_of(name, stores)
            if name in _OWN_DATABASES or owner == intended:
                continue
            resource = self._seen("database:Database", f"database `{name}`", {"name": name, "owner": owner})
            if stores:
                step = self._by(f"ALTER DATABASE {_quoted(name)} OWNER TO {_quoted(intended)}")
                yield from self._ungranted(resource, f"it belongs to `{owner}`, not to `{intended}`", step)
            else:
                step = f"{self._by(f'DROP DATABASE {_quoted(name)}')}, once nobody needs what is in it"
                yield from self._ungranted(resource, f"no descriptor declares it; it belongs to `{owner}`", step)

    def _of_grants(self) -> Iterator[Finding]:
        for grant in self._found.grants:
            # Of a database that no descriptor declares, that it is there is the finding.
            declared = grant.database in _OWN_DATABASES or self._ground.stores_in_database(self._server, grant.database)
            if not declared or grant.grantee == self._server.admin_user or self._granted(grant):
                continue
            called = f"{grant.privilege} on {_thing(grant)} for `{grant.grantee}`"
            properties = {
                "role": grant.grantee.lower() if grant.grantee == EVERYBODY else grant.grantee,
                "database": grant.database,
                "objectType": grant.kind,
                "schema": grant.schema,
                "objects": [] if grant.kind in {"database", "schema", "default"} else [grant.name],
                "privileges": [grant.privilege],
            }
            resource = self._seen("grant:Grant", called, properties)
            said = "a right that the landscape does not grant"
            yield from self._ungranted(resource, said, self._by(_revoke(grant), grant.database))
        for database, owner in self._found.open_future:
            called = f"EXECUTE on what `{owner}` will make in database `{database}` for `{EVERYBODY}`"
            properties = {"role": "public", "database": database, "objectType": "function", "privileges": ["EXECUTE"]}
            step = self._by(
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {_quoted(owner)} REVOKE EXECUTE ON ROUTINES FROM PUBLIC", database
            )
            resource = self._seen("defaultPrivileges:DefaultPrivileges", called, properties)
            yield from self._ungranted(resource, "a right that the landscape does not grant", step)

    def _of_owners(self) -> Iterator[Finding]:
        for item in self._found.owned:
            allowed = self._owners(item)
            if item.owner in allowed:
                continue
            keeper = min(allowed - {self._server.admin_user}, default=self._server.admin_user)
            called = f"{item.kind} `{_name(item.schema, item.name, item.kind)}` of database `{item.database}`"
            properties = {"database": item.database, "name": item.schema, "owner": item.owner}
            resource = self._seen("schema:Schema", called, properties)
            word = "SCHEMA" if item.kind == "schema" else "TABLE"
            name = _quoted(item.name) if item.kind == "schema" else f"{_quoted(item.schema)}.{_quoted(item.name)}"
            step = self._by(f"ALTER {word} {name} OWNER TO {_quoted(keeper)}", item.database)
            yield from self._ungranted(resource, f"it belongs to `{item.owner}`, not to `{keeper}`", step)

    def _of_extensions(self) -> Iterator[Finding]:
        for database, name in self._found.extensions:
            resource = self._seen(
                "extension:Extension", f"extension `{name}` of database `{database}`", {"database": database, "name": name}
            )
            yield from self._ungranted(resource, "", self._by(f"DROP EXTENSION {_quoted(name)}", database))
        for database, name in self._found.foreign:
            properties = {"role": EVERYBODY, "database": database, "objectType": "foreign_server", "privileges": []}
            resource = self._seen("grant:Grant", f"foreign server `{name}` of database `{database}`", properties)
            step = self._by(f"DROP SERVER {_quoted(name)} CASCADE", database)
            yield from self._ungranted(resource, "it reaches another server", step)

    def _missing(self) -> Iterator[Finding]:
        plan, server = self._ground.plan, self._server.name
        roles = {role.name: role for role in self._found.roles}
        for name in sorted(self._roles):
            if name not in roles or not roles[name].login:
                yield missing(f"role `{name}`" if name not in roles else f"the right of role `{name}` to log in", server, plan)
        databases = {name for name, _ in self._found.databases}
        for name in sorted({store.database for store in self._stores} - databases):
            yield missing(f"database `{name}`", server, plan)
        schemas = {(item.database, item.schema) for item in self._found.owned if item.kind == "schema"}
        held = {
            (item.database, item.kind, item.schema, item.name, item.grantee, item.privilege) for item in self._found.grants
        }
        for wanted in self._wanted():
            database, kind, schema, name, grantee, privilege = wanted
            if database in databases and wanted not in held and grantee in roles:
                thing = Grant(database, kind, schema, name, "", grantee, privilege)
                if kind == "database" or (database, schema) in schemas:
                    yield missing(f"{privilege} on {_thing(thing)} for `{grantee}`", server, plan)
        for database, schema in sorted({(store.database, store.schema) for store in self._stores if store.schema}):
            if database in databases and (database, schema) not in schemas:
                yield missing(f"schema `{schema}` of database `{database}`", server, plan)

    def _wanted(self) -> Iterator[tuple[str, str, str, str, str, str]]:
        """Every grant that the landscape makes, as database, kind, schema, name, grantee and privilege."""
        for store in self._stores:
            if store.schema:
                yield (store.database, "database", "", store.database, store.role, "CONNECT")
                yield from (
                    (store.database, "schema", store.schema, store.schema, store.role, right) for right in ("CREATE", "USAGE")
                )
        for item in self._contracts:
            yield (item.database, "database", "", item.database, item.role, "CONNECT")
            yield (item.database, "schema", item.schema, item.schema, item.role, "USAGE")
            yield from ((item.database, "table", item.schema, view.name, item.role, "SELECT") for view in item.views)
            yield from (
                (item.database, "schema", item.schema, item.schema, item.owner, right) for right in ("CREATE", "USAGE")
            )

    def _granted(self, grant: Grant) -> bool:
        key = (grant.database, grant.kind, grant.schema, grant.name, grant.grantee, grant.privilege)
        if key in set(self._wanted()):
            return True
        # Whatever is in a context's own part of a database is its own, whoever has made it.
        own = self._ground.role_stores(self._server, grant.grantee)
        return any(store.database == grant.database and (not store.schema or store.schema == grant.schema) for store in own)

    def _owner_of(self, database: str, stores: Iterable[Datastore]) -> str:
        if database == self._server.shared_database:
            return self._server.admin_user
        return next((store.role for store in stores), "")

    def _owners(self, item: Owned) -> set[str]:
        """Who may own something: the administrator always, as it has made most of what is there."""
        stores = self._ground.stores_in_database(self._server, item.database)
        own = {store.role for store in stores if not store.schema or (store.schema == item.schema and item.kind != "schema")}
        agreed = [part for part in self._contracts if self._is_in(part, item)]
        return {*own, *(part.owner for part in agreed if item.kind != "schema"), self._server.admin_user}

    def _is_in(self, contract: Contract, item: Owned) -> bool:
        return (contract.database, contract.schema) == (item.database, item.schema)

    def _seen(self, kind: str, called: str, properties: Mapping[str, Any]) -> Observed:
        where = {"host": self._server.host, "port": self._server.port}
        return seen(f"postgresql:index/{kind}", f"{called} in {self._server.name}", properties, where)

    def _ungranted(self, resource: Observed, otherwise: str, step: str) -> Iterator[Finding]:
        return ungranted(resource, self._ground, step, otherwise)

    def _by(self, statement: str, database: str = "") -> str:
        where = f" in database `{database}`" if database else ""
        return f"as `{self._server.admin_user}` of {self._server.name}{where}: {statement}"


def _thing(grant: Grant) -> str:
    if grant.kind == "database":
        return f"database `{grant.database}`"
    if grant.kind == "default":
        place = f" in schema `{grant.schema}`" if grant.schema else ""
        return f"{grant.name} that `{grant.owner}` will make{place} in database `{grant.database}`"
    kind = grant.kind.replace("_", " ")
    return f"{kind} `{_name(grant.schema, grant.name, grant.kind)}` of database `{grant.database}`"


def _name(schema: str, name: str, kind: str) -> str:
    return name if kind == "schema" or not schema else f"{schema}.{name}"


def _revoke(grant: Grant) -> str:
    whom = "PUBLIC" if grant.grantee == EVERYBODY else _quoted(grant.grantee)
    if grant.kind == "default":
        within = f" IN SCHEMA {_quoted(grant.schema)}" if grant.schema else ""
        kind = grant.name.upper()
        return (
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {_quoted(grant.owner)}{within} REVOKE {grant.privilege} ON {kind} FROM {whom}"
        )
    if grant.kind == "column":
        table, _, column = grant.name.rpartition(".")
        return f"REVOKE {grant.privilege} ({_quoted(column)}) ON {_quoted(grant.schema)}.{_quoted(table)} FROM {whom}"
    name = _quoted(grant.name)
    if grant.kind == "function":
        called, _, arguments = grant.name.partition("(")
        name = f"{_quoted(grant.schema)}.{_quoted(called)}({arguments}"
    elif grant.schema and grant.kind != "schema":
        name = f"{_quoted(grant.schema)}.{name}"
    return f"REVOKE {grant.privilege} ON {grant.kind.replace('_', ' ').upper()} {name} FROM {whom}"


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
