"""Claims of `postgresql:` resources: roles, databases, schemas, grants and extensions inside planned servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.claims import AccessClaim, AccessMode, Claim, DatastoreClaim, Origin, ProtectionClaim
from plat.plan.model import Contract, Datastore, Server
from policies.ground import EVERYBODY, Ground
from policies.observed import Observed, Unreadable
from policies.observers.common import postgresql_server

_POWERS = ("superuser", "createDatabase", "createRole", "replication", "bypassRowLevelSecurity")
_READING = {"SELECT", "CONNECT", "USAGE", "EXECUTE", "TEMPORARY", "TEMP"}

# Those that PostgreSQL itself calls trusted (https://www.postgresql.org/docs/16/contrib.html): they reach no file, no
# process and no other server. Untrusted ones, such as dblink, postgres_fdw and file_fdw, do.
_TRUSTED_EXTENSIONS = {
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dict_int",
    "earthdistance",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "isn",
    "lo",
    "ltree",
    "pg_trgm",
    "pgcrypto",
    "plpgsql",
    "seg",
    "tablefunc",
    "tcn",
    "tsm_system_rows",
    "tsm_system_time",
    "unaccent",
    "uuid-ossp",
}

_LEAST = "leave it out: a context's role owns its own database and needs nothing else"
_DECLARE = "declare the datastore in its context's descriptor: the database follows from it"


def role(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A role is a context's own in its own server, without any power over the server."""
    server = postgresql_server(resource, ground)
    properties = resource.properties
    for power in _POWERS:
        if power in properties and _granted(resource, power):
            yield resource.breach("the role would stand above what databases and grants say", _LEAST, power)
    if "assumeRole" in properties:
        yield resource.breach("the role would act as another one", _LEAST, "assumeRole")
    name = properties.text("name")
    if not ground.role_stores(server, name):
        yield from _foreign_role(resource, name, server, ground)
    for other in properties.texts("roles"):
        stores = _stores_of_role(server, other, ground)
        yield from _access(name, stores, "own", resource.origin("roles"), ground)
        if not stores:
            yield resource.breach("it becomes a member of a role that the landscape does not know", _LEAST, "roles")


def database(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A database is a planned one, its context's role's or, where several have schemas in it, nobody's; no copy of another."""
    server = postgresql_server(resource, ground)
    properties = resource.properties
    name = properties.text("name")
    stores = _stores(resource, server, name, ground)
    owner = properties.text("owner")
    for store in stores:
        yield ProtectionClaim(f"database `{name}`", store.context, resource.options.protect, resource.origin("protect"))
        yield DatastoreClaim(store.context, store.name, resource.origin("owner"))
    if name != server.shared_database or owner != server.admin_user:
        yield from _access(owner, stores, "own", resource.origin("owner"), ground)
    template = properties.text("template", "template0")
    if copied := ground.stores_in_database(server, template):
        yield from _access(owner, copied, "read", resource.origin("template"), ground)
    elif template not in {"template0", "template1", "DEFAULT"}:
        yield resource.opaque("it is copied from a database that no descriptor declares", _DECLARE, "template")
    if _granted(resource, "isTemplate"):
        yield resource.breach("whoever may create databases could copy this one", _LEAST, "isTemplate")


def schema(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A schema, and the policies in it, belong to the role of the database that it is in."""
    server = postgresql_server(resource, ground)
    properties = resource.properties
    stores = _in_schema(_stores(resource, server, properties.text("database"), ground), properties.text("name"))
    yield from _access(properties.text("owner"), stores, "own", resource.origin("owner"), ground)
    for policy in properties.inners("policies"):
        mode: AccessMode = "write" if policy.flag("create") or policy.flag("createWithGrant") else "read"
        yield from _access(policy.text("role", EVERYBODY), stores, mode, resource.origin(policy.field("role")), ground)


def grant(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A grant, or a default for objects to come, gives its role a way into the database."""
    server = postgresql_server(resource, ground)
    properties = resource.properties
    privileges = {privilege.upper() for privilege in properties.texts("privileges")}
    stores = _stores(resource, server, properties.text("database"), ground)
    if properties.text("objectType") in {"foreign_server", "foreign_data_wrapper"}:
        yield resource.breach("foreign data wrappers reach other servers", _LEAST, "objectType")
    if privileges:
        grantee = properties.text("role")
        if agreed := ground.contract_of_role(server, grantee):
            yield _by_contract(resource, agreed, privileges)
            return
        mode: AccessMode = "read" if privileges <= _READING else "write"
        stores = _in_schema(stores, properties.text("schema", ""))
        yield from _access(grantee, stores, mode, resource.origin("role"), ground, tables=properties.texts("objects"))


def _by_contract(resource: Observed, agreed: Contract, privileges: set[str]) -> Claim:
    """The claim of a grant to a contract's reader: what it may do is select from the contract's views."""
    properties = resource.properties
    kind, schema = properties.text("objectType"), properties.text("schema", "")
    mode: AccessMode = "read" if privileges <= {"SELECT"} else "write"
    # A grant without objects is one on all of them, whichever come to be there.
    objects = properties.texts("objects") or (f"every {kind}",)
    tables = objects if schema == agreed.schema else tuple(f"{schema}.{name}" for name in objects)
    return AccessClaim(agreed.consumer, agreed.datastore, mode, resource.origin("objects"), agreed.name, tables)


def extension(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An extension is one that reaches nothing outside of its database."""
    server = postgresql_server(resource, ground)
    _stores(resource, server, resource.properties.text("database"), ground)
    if resource.properties.text("name") not in _TRUSTED_EXTENSIONS:
        yield resource.breach(
            "the extension reaches beyond its database: other servers, files or processes",
            "use one that PostgreSQL calls trusted, or call the other context's interface",
            "name",
        )


def grant_role(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A membership makes one role as good as another."""
    server = postgresql_server(resource, ground)
    stores = _stores_of_role(server, resource.properties.text("grantRole"), ground)
    yield from _access(resource.properties.text("role"), stores, "own", resource.origin("grantRole"), ground)
    if not stores:
        yield resource.breach("it gives membership in a role that the landscape does not know", _LEAST, "grantRole")


def _stores_of_role(server: Server, role: str, ground: Ground) -> tuple[Datastore, ...]:
    """What a role opens: its own stores, or those that it reads by a contract."""
    agreed = ground.contract_of_role(server, role)
    read = tuple(store for store in ground.stores_in(server) if agreed and store.name == agreed.datastore)
    return ground.role_stores(server, role) or read


def _foreign_role(resource: Observed, name: str, server: Server, ground: Ground) -> Iterator[Claim]:
    stores = ground.stores_in(server)
    yield from _access(name, stores, "read", resource.origin("name"), ground)
    if not stores:
        yield resource.opaque("no context has a datastore in this server", _DECLARE, "name")


def _stores(resource: Observed, server: Server, database: str, ground: Ground) -> tuple[Datastore, ...]:
    stores = ground.stores_in_database(server, database)
    if not stores:
        field = "database" if "database" in resource.properties else "name"
        raise Unreadable(field, f"no descriptor declares this database of server `{server.name}`", _DECLARE)
    return stores


def _in_schema(stores: tuple[Datastore, ...], schema: str) -> tuple[Datastore, ...]:
    """The one store whose schema it is; where it is nobody's, it could be anybody's."""
    return tuple(store for store in stores if store.schema == schema) or stores


def _granted(resource: Observed, power: str) -> bool:
    """Whether the flag is set, or could turn out to be."""
    try:
        return resource.properties.flag(power)
    except Unreadable:
        return True


def _access(  # noqa: PLR0913 - each is a part of the claim
    name: str, stores: Iterable[Datastore], mode: AccessMode, origin: Origin, ground: Ground, *, tables: tuple[str, ...] = ()
) -> Iterator[Claim]:
    for store in stores:
        yield AccessClaim(ground.context_of_role(name), store.name, mode, origin, None, tables)
