"""What a PostgreSQL grants, compared with what the landscape grants there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from plat.audit.live.judging import missing, seen, ungranted
from plat.audit.live.postgresql_catalogue import Catalogue, Grant, Owned
from plat.findings import Finding
from plat.plan.model import Contract, Datastore, Server
from policies.ground import EVERYBODY, Ground
from policies.observed import Observed

_OWN_DATABASES = frozenset({"postgres", "template0", "template1"})

_POWERS: Mapping[str, tuple[str, str]] = {
    "SUPERUSER": ("superuser", "do everything"),
    "CREATEROLE": ("createRole", "create roles"),
    "CREATEDB": ("createDatabase", "create databases"),
    "REPLICATION": ("replication", "replicate"),
    "BYPASSRLS": ("bypassRowLevelSecurity", "bypass row security"),
}
"""PostgreSQL's words for what a role may do beyond all grants, with the resource's property and in words."""


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
