"""Databases and accounts inside of MariaDB servers, beside a sound landscape that has three."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed, Options
from tests.unit.policies.resources import NONE, OWNERSHIP, PROTECTED, UNPROTECTED, UNREADABLE, Found, Market

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "canary-91d3-password"

Make = Callable[[Market], Observed]


@pytest.fixture(scope="module")
def bazaar() -> Market:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Market(Ground.of(Project(ROOT).plan("bazaar.local")))


def database(bazaar: Market, options: Options = PROTECTED, server: str = "platform--mysql", **changed: object) -> Observed:
    return bazaar.local("MySQLDatabase", options, **{"port": bazaar.port(server), "database": "guests", **changed})


def user(bazaar: Market, server: str = "platform--mysql", **changed: object) -> Observed:
    given = {"port": bazaar.port(server), "user": "guests", "password": UNKNOWN, "database": "guests"}
    return bazaar.local("MySQLUser", **{**given, **changed})


def process(bazaar: Market, **changed: object) -> Observed:
    """The planned process of `guest-book`, with other variables."""
    workload = bazaar.ground.plan.workload("guest-book")
    properties = {
        "name": workload.name,
        "command": list(workload.command),
        "environment": {},
        "secrets": {},
        "host": workload.host,
        "port": workload.port,
        "labels": {"contexts": "guest-book", "team": workload.team},
    }
    return bazaar.local("Process", **{**properties, **changed})


def url(bazaar: Market, server: str, place: str) -> dict[str, dict[str, str]]:
    return {"environment": {"LEGACY": f"mysql+pymysql://{place.partition('/')[0]}@localhost:{bazaar.port(server)}/guests"}}


CASES: dict[str, tuple[Make, Found]] = {
    "a context's database passes": (database, NONE),
    "a database in a server of the context's own passes": (
        lambda m: database(m, server="stalls--mysql", database="stalls"),
        NONE,
    ),
    "a database without protection is refused": (lambda m: database(m, Options()), [(UNPROTECTED, "protect")]),
    "a database that no descriptor declares is refused": (lambda m: database(m, database="side"), [(UNREADABLE, "database")]),
    "a database of the server's own is refused": (lambda m: database(m, database="mysql"), [(UNREADABLE, "database")]),
    "a database that is not known yet is refused": (lambda m: database(m, database=UNKNOWN), [(UNREADABLE, "database")]),
    "a database in a server that is not there is refused": (lambda m: database(m, port=3306), [(UNREADABLE, "port")]),
    "a database in a server of another kind is refused": (
        lambda m: database(m, server="guests--redis"),
        [(UNREADABLE, "port")],
    ),
    "the owner's account passes": (user, NONE),
    "another context's account on it is refused": (lambda m: user(m, user="guest_book"), [(OWNERSHIP, "user")]),
    "an account that no context bears is refused": (lambda m: user(m, user="metrics"), [(OWNERSHIP, "user")]),
    "the owner's account on another's database is refused": (
        lambda m: user(m, database="guest_book"),
        [(OWNERSHIP, "user")],
    ),
    "an account on what nobody declares is refused": (lambda m: user(m, database="mysql"), [(UNREADABLE, "database")]),
    "an account that is not known yet is refused": (lambda m: user(m, user=UNKNOWN), [(UNREADABLE, "user")]),
    "an address of another context's database in one server is refused": (
        lambda m: process(m, **url(m, "platform--mysql", "guests/guests")),
        [(OWNERSHIP, "environment.LEGACY")],
    ),
    "an address of another context's server is refused": (
        lambda m: process(m, **url(m, "stalls--mysql", "stalls/stalls")),
        [(OWNERSHIP, "environment.LEGACY")],
    ),
    "a variable of the client that names another's database is refused": (
        lambda m: process(m, environment={"MYSQL_DATABASE": "guests"}),
        [(OWNERSHIP, "environment.MYSQL_DATABASE")],
    ),
    "a variable of the client that names another's account is refused": (
        lambda m: process(m, environment={"MYSQL_USER": "stalls"}),
        [(OWNERSHIP, "environment.MYSQL_USER")],
    ),
    "an option of the client that names another's database is refused": (
        lambda m: process(m, command=["mariadb", "--database=guests"]),
        [(OWNERSHIP, "command[1]")],
    ),
    "resources of a provider that nobody observes are refused": (
        lambda m: m.resource("mysql:index/grant:Grant", {"user": "guest_book", "database": "guests"}),
        [(UNREADABLE, "")],
    ),
    "a provider that nobody observes is refused": (
        lambda m: m.resource("pulumi:providers:mysql", {"endpoint": "127.0.0.1:3306"}),
        [(UNREADABLE, "")],
    ),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_inside_of_a_mariadb(bazaar: Market, make: Make, expected: Found) -> None:
    assert sorted(set(bazaar.found(make(bazaar)))) == expected


def test_one_database_and_one_account_is_one_resource_s(bazaar: Market) -> None:
    assert [rule for rule, _ in bazaar.found(database(bazaar), _again(database(bazaar)))] == ["way-round-the-fence"]
    assert [rule for rule, _ in bazaar.found(user(bazaar), _again(user(bazaar)))] == ["way-round-the-fence"]


def _again(resource: Observed) -> Observed:
    return Observed(f"{resource.urn}-again", resource.type, "again", resource.properties, resource.provider, resource.options)


@pytest.mark.parametrize("order", [1, -1], ids=["before", "after"])
def test_an_account_s_password_in_another_context_s_hands_opens_its_database(bazaar: Market, order: int) -> None:
    theirs = user(bazaar, password=PASSWORD)
    thief = process(bazaar, secrets={"TOKEN": PASSWORD})
    found = bazaar.found(*(theirs, thief)[::order])
    assert found == [(OWNERSHIP, "secrets.TOKEN")]
    assert PASSWORD not in bazaar.messages(theirs, thief)
