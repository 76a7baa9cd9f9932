from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from policies.observed import UNKNOWN, Observed, Options
from tests.unit.policies.resources import BREACH, NONE, OWNERSHIP, PROTECTED, UNPROTECTED, UNREADABLE, Found, Market

Make = Callable[[Market], Observed]


def server(market: Market, options: Options = PROTECTED, name: str = "ordering--postgresql", **changed: object) -> Observed:
    planned = market.ground.plan.server(name)
    properties: dict[str, Any] = {
        "name": name,
        "kind": planned.kind,
        "host": planned.host,
        "port": planned.port,
        "durability": planned.durability,
        "adminUser": planned.admin_user,
        "adminPassword": UNKNOWN,
        "labels": {"context": planned.owner, "team": planned.team},
        "settings": {},
    }
    if planned.extra_ports:
        properties["extraPorts"] = dict(planned.extra_ports)
    return market.local("Server", options, **{**properties, **changed})


def redis_user(market: Market, **changed: object) -> Observed:
    port = market.port("billing--redis")
    return market.local("RedisUser", **{"host": "127.0.0.1", "port": port, "user": "billing", "password": UNKNOWN, **changed})


def fence(market: Market, **changed: object) -> Observed:
    port = market.port("platform--postgresql")
    return market.local("PostgresFence", **{"port": port, "database": "billing", "owner": "billing", **changed})


CASES: dict[str, tuple[Make, Found]] = {
    "a context's server, just as planned, passes": (server, NONE),
    "the platform's server passes": (lambda m: server(m, name="platform--postgresql"), NONE),
    "the broker passes": (lambda m: server(m, name="platform--rabbitmq"), NONE),
    "a server that no descriptor declares is refused": (
        lambda m: m.local("Server", PROTECTED, name="side--postgresql", kind="postgresql", port=23001),
        [(UNREADABLE, "name")],
    ),
    "a server without protection is refused": (lambda m: server(m, Options()), [(UNPROTECTED, "protect")]),
    "a server that another context claims has two owners": (
        lambda m: server(m, labels={"context": "billing", "team": "orders-team"}),
        [(OWNERSHIP, "labels.context")],
    ),
    "a server of the platform that a context claims is refused": (
        lambda m: server(m, name="platform--postgresql", labels={"context": "billing", "team": "platform-team"}),
        [(BREACH, "labels.context")],
    ),
    "a server that another team claims is refused": (
        lambda m: server(m, labels={"context": "ordering", "team": "billing-team"}),
        [(UNREADABLE, "labels.team")],
    ),
    "a server that nobody claims is refused": (lambda m: server(m, labels={}), [(UNREADABLE, "labels.context")]),
    "a server that listens beyond this machine is refused": (lambda m: server(m, host="192.168.1.4"), [(BREACH, "host")]),
    "a server that listens at every address is refused": (lambda m: server(m, host="0.0.0.0"), [(BREACH, "host")]),  # noqa: S104
    "another port than planned is refused": (lambda m: server(m, port=23001), [(UNREADABLE, "port")]),
    "a port that is not known yet is refused": (lambda m: server(m, port=UNKNOWN), [(UNREADABLE, "port")]),
    "another kind than planned is refused": (lambda m: server(m, kind="redis"), [(UNREADABLE, "kind")]),
    "a store that forgets where it should keep is refused": (
        lambda m: server(m, durability="ephemeral"),
        [(UNREADABLE, "durability")],
    ),
    "settings that nobody planned are refused": (
        lambda m: server(m, settings={"shared_preload_libraries": "dblink"}),
        [(UNREADABLE, "settings")],
    ),
    "another administrator is refused": (lambda m: server(m, adminUser="billing"), [(UNREADABLE, "adminUser")]),
    "other ports for administration are refused": (
        lambda m: server(m, name="platform--rabbitmq", extraPorts={"management": 15672}),
        [(UNREADABLE, "extraPorts")],
    ),
    "the owner's user in a Redis passes": (redis_user, NONE),
    "the owner's user with the rights of an owner, written out, passes": (
        lambda m: redis_user(m, commands=["+@all", "-@admin", "-@dangerous", "+keys", "+flushdb", "+info"]),
        NONE,
    ),
    "another context's user in a Redis is refused": (lambda m: redis_user(m, user="ordering"), [(OWNERSHIP, "user")]),
    "a user that no context bears is refused": (lambda m: redis_user(m, user="metrics"), [(OWNERSHIP, "user")]),
    "a user that is not known yet is refused": (lambda m: redis_user(m, user=UNKNOWN), [(UNREADABLE, "user")]),
    "a user in a Redis that the landscape does not know is refused": (
        lambda m: redis_user(m, port=6379),
        [(UNREADABLE, "port")],
    ),
    "a user with every command is refused": (lambda m: redis_user(m, commands=["+@all"]), [(BREACH, "commands")]),
    "a user that gets administration back is refused": (
        lambda m: redis_user(m, commands=["+@all", "-@admin", "-@dangerous", "+@admin"]),
        [(BREACH, "commands")],
    ),
    "a user that may change accounts is refused": (
        lambda m: redis_user(m, commands=["+@read", "+acl"]),
        [(BREACH, "commands")],
    ),
    "a fence for the database's own role passes": (fence, NONE),
    "a fence that lets another context in is refused": (lambda m: fence(m, owner="fulfilment"), [(OWNERSHIP, "owner")]),
    "a fence around a database that nobody declares is refused": (
        lambda m: fence(m, database="postgres"),
        [(UNREADABLE, "database")],
    ),
    "a fence in a server that is not there is refused": (lambda m: fence(m, port=5432), [(UNREADABLE, "port")]),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_servers_of_the_local_target(market: Market, make: Make, expected: Found) -> None:
    assert market.found(make(market)) == expected


def test_two_owners_of_one_server_are_both_named(market: Market) -> None:
    assert market.messages(server(market, labels={"context": "billing", "team": "orders-team"})) == (
        "error[datastore-ownership]: platlocal:Server `ordering--postgresql`: datastore `ordering--postgresql` is claimed by "
        "`billing` (billing-team) and `ordering` (orders-team): a datastore has one owner. Contexts that share one are "
        "coupled through its tables: a change by one breaks the others, and a failure takes all down\n"
        "    give each context a datastore of its own and exchange events or calls, or agree on a DataContract "
        "(named read-only views, a reason, owners on both sides, an end date)"
    )


def test_an_unprotected_server_is_called_by_whose_data_it_holds(market: Market) -> None:
    assert market.messages(server(market, Options())) == (
        "error[datastore-unprotected]: platlocal:Server `ordering--postgresql`: server `ordering--postgresql` holds data of "
        "`ordering` (orders-team) and is not protected: an ordinary update could delete it\n"
        "    set `protect` (and `retain_on_delete`) from its creation on, and retire data only by an explicit step"
    )
