"""Claims of the local target's servers and of what our plugin makes inside of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.address import listens_on_loopback
from plat.claims import AccessClaim, Claim, DatastoreClaim, ProtectionClaim
from plat.plan.model import Datastore, Server
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers.common import elsewhere, local_server

_DECLARE = "declare the datastore in its context's descriptor: its server follows from it"
_AGREE = "agree on a DataContract and describe it in a descriptor: views and rights follow from it"
_AS_PLANNED = "leave it to Plat: it follows from the descriptors and the environment"
_COMMANDS_REMEDY = "leave `commands` out: what they are without it is all that an owner needs"

# Dangerous commands that stay inside of the one store that the user owns.
_HARMLESS = {"+keys", "+flushdb", "+info", "+sort", "+sort_ro"}
_POWERFUL = {"+@all", "+@admin", "+@dangerous"}


def server(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A server is a planned one, just as planned, its owner's, and protected."""
    properties = resource.properties
    name = properties.text("name")
    planned = ground.servers.get(name)
    if not planned:
        yield resource.opaque("no descriptor declares this server", _DECLARE, "name")
        return
    if planned.target != "local":
        yield resource.breach(elsewhere(name, planned), _AS_PLANNED, "name")
        return
    origin = resource.origin("protect")
    yield ProtectionClaim(f"server `{name}`", ground.owner_of(planned), resource.options.protect, origin)
    yield from _ownership(resource, planned, ground)
    for field in _differing(resource, planned):
        yield resource.opaque("it differs from what the landscape plans", _AS_PLANNED, field)
    host = properties.text("host", planned.host)
    if host != planned.host and not listens_on_loopback(host):
        yield resource.breach("the server listens beyond this machine", _AS_PLANNED, "host")


def redis_user(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A user of a Redis is its owner's, and no administrator."""
    properties = resource.properties
    redis = local_server(properties, "redis", ground)
    name = properties.text("user")
    for store in ground.stores_in(redis):
        yield AccessClaim(name, store.name, "write", resource.origin("user"))
    rules = properties.texts("commands")
    if set(rules) & _POWERFUL and not _powers_taken(rules):
        yield resource.breach("the user could change the server and its accounts", _COMMANDS_REMEDY, "commands")
    for rule in rules:
        if rule.startswith("+") and not rule.startswith("+@") and rule not in _HARMLESS:
            yield resource.breach(f"`{rule}` is no command on data alone", _COMMANDS_REMEDY, "commands")


def mysql_database(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A database of a MariaDB is a planned one, and protected."""
    store = _store_in("mysql", resource, ground)
    what = f"database `{store.database}`"
    yield ProtectionClaim(what, store.context, resource.options.protect, resource.origin("protect"))
    yield DatastoreClaim(store.context, store.name, resource.origin("database"))


def mysql_user(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An account of a MariaDB has all rights on a database: its own context's."""
    store = _store_in("mysql", resource, ground)
    yield AccessClaim(ground.context_of_role(resource.properties.text("user")), store.name, "own", resource.origin("user"))


def mongodb_user(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An account of a MongoDB has all rights on the database that it is in: its own context's."""
    store = _store_in("mongodb", resource, ground)
    yield AccessClaim(ground.context_of_role(resource.properties.text("user")), store.name, "own", resource.origin("user"))


def postgres_fence(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A fence closes a planned database for everybody but its own role; one with several contexts' schemas is nobody's."""
    properties = resource.properties
    postgresql = local_server(properties, "postgresql", ground)
    database = properties.text("database")
    stores = _stores_in(postgresql, database, ground)
    owner = properties.text("owner", postgresql.admin_user)
    if database != postgresql.shared_database or owner != postgresql.admin_user:
        for store in stores:
            yield AccessClaim(ground.context_of_role(owner), store.name, "own", resource.origin("owner"))


def postgres_schema(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A schema is a planned one of its context, whose role alone works in it, and protected."""
    properties = resource.properties
    postgresql = local_server(properties, "postgresql", ground)
    stores = _stores_in(postgresql, properties.text("database"), ground)
    name = properties.text("name")
    store = next((store for store in stores if store.schema == name), None)
    if store is None:
        raise Unreadable("name", f"no descriptor declares this schema of server `{postgresql.name}`", _DECLARE)
    yield ProtectionClaim(f"schema `{name}`", store.context, resource.options.protect, resource.origin("protect"))
    yield DatastoreClaim(store.context, store.name, resource.origin("name"))
    yield AccessClaim(ground.context_of_role(properties.text("role")), store.name, "own", resource.origin("role"))


def postgres_contract(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A contract is a planned one, just as agreed: its views, its last day, its provider's role and its consumer's."""
    properties = resource.properties
    server = local_server(properties, "postgresql", ground)
    agreed = ground.contract_in(server, properties.text("database"), properties.text("name"))
    if agreed is None:
        raise Unreadable("name", f"no DataContract publishes this schema in server `{server.name}`", _AGREE)
    owner = ground.context_of_role(properties.text("owner"))
    yield AccessClaim(owner, agreed.datastore, "own", resource.origin("owner"))
    reader = properties.text("reader")
    who = agreed.consumer if reader == agreed.role else ground.context_of_role(reader)
    views = tuple(view.text("name") for view in properties.inners("views"))
    yield AccessClaim(who, agreed.datastore, "read", resource.origin("reader"), agreed.name, views)
    found = {
        "expires": (properties.text("expires"), agreed.expires),
        "views": (_shown(properties.inners("views")), [(view.name, list(view.columns)) for view in agreed.views]),
    }
    for field in (field for field, (observed, intended) in found.items() if observed != intended):
        yield resource.opaque("it differs from what the contract says", _AS_PLANNED, field)


def _shown(views: Iterable[Properties]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(view.text("name"), [_column(column) for column in view.inners("columns")]) for view in views]


def _column(column: Properties) -> tuple[str, str]:
    return column.text("name"), column.text("type")


def outbox(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """An outbox is in its context's own store, and belongs to its role."""
    properties = resource.properties
    server = local_server(properties, properties.text("kind"), ground)
    schema = properties.text("tableSchema", "") or None
    stores = _stores_in(server, properties.text("database"), ground)
    for store in [store for store in stores if store.schema == schema] or stores:
        yield AccessClaim(ground.context_of_role(properties.text("owner")), store.name, "write", resource.origin("owner"))


def _store_in(kind: str, resource: Observed, ground: Ground) -> Datastore:
    """The one planned datastore that is the database which a resource names, on a server of `kind`. Raises Unreadable."""
    server = local_server(resource.properties, kind, ground)
    (store, *others) = _stores_in(server, resource.properties.text("database"), ground)
    if others:
        raise Unreadable("database", "several contexts have their schemas in it", _AS_PLANNED)
    return store


def _stores_in(server: Server, database: str, ground: Ground) -> tuple[Datastore, ...]:
    stores = ground.stores_in_database(server, database)
    if not stores:
        raise Unreadable("database", f"no descriptor declares this database of server `{server.name}`", _DECLARE)
    return stores


def _ownership(resource: Observed, planned: Server, ground: Ground) -> Iterator[Claim]:
    labels = resource.properties.inner("labels")
    owner = labels.text("context")
    if labels.text("team") != planned.team:
        yield resource.opaque(f"the landscape says that it is {planned.team}'s", _AS_PLANNED, labels.field("team"))
    if planned.owner in ground.plan.teams:
        for store in ground.stores_in(planned):
            yield DatastoreClaim(owner, store.name, resource.origin(labels.field("context")))
    elif owner != planned.owner:
        yield resource.breach(
            f"it is `{planned.owner}`'s, whom every context in it trusts", _AS_PLANNED, labels.field("context")
        )


def _differing(resource: Observed, planned: Server) -> Iterator[str]:
    properties = resource.properties
    ports = properties.inner("extraPorts")
    found = {
        "kind": (properties.text("kind"), planned.kind),
        "port": (properties.number("port"), planned.port),
        "durability": (properties.text("durability", "persistent"), planned.durability),
        "adminUser": (properties.text("adminUser"), planned.admin_user),
        "version": (properties.text("version", ""), planned.version or ""),
        "extraPorts": ({name: ports.number(name) for name in ports}, dict(planned.extra_ports)),
        "settings": (tuple(properties.inner("settings")), ()),
    }
    yield from (field for field, (observed, intended) in found.items() if observed != intended)


def _powers_taken(rules: tuple[str, ...]) -> bool:
    """Whether, in the order of the rules, the powerful categories are taken away after they were given."""
    last = max(index for index, rule in enumerate(rules) if rule in _POWERFUL)
    return {"-@admin", "-@dangerous"} <= set(rules[last + 1 :])
