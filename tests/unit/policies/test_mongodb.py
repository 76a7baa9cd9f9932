"""Accounts in MongoDB servers, beside the sound landscape `documents`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed
from tests.unit.policies.resources import NONE, OWNERSHIP, UNREADABLE, Found, Market

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "a-password-of-a-test"
Make = Callable[[Market], Observed]


@pytest.fixture(scope="module")
def documents() -> Market:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Market(Ground.of(Project(ROOT).plan("documents.local")))


def user(documents: Market, **changed: object) -> Observed:
    port = documents.port("parcel-tracking--mongodb")
    own = {"port": port, "user": "parcel_tracking", "database": "parcel_tracking", "password": UNKNOWN}
    return documents.local("MongoDBUser", **{**own, **changed})


CASES: dict[str, tuple[Make, Found]] = {
    "the owner's account passes": (user, NONE),
    "another context's account is refused": (lambda d: user(d, user="catalog"), [(OWNERSHIP, "user")]),
    "an account that no context bears is refused": (lambda d: user(d, user="metrics"), [(OWNERSHIP, "user")]),
    "an account in a database that nobody declares is refused": (
        lambda d: user(d, database="catalog"),
        [(UNREADABLE, "database")],
    ),
    "an account among the server's own is refused": (lambda d: user(d, database="admin"), [(UNREADABLE, "database")]),
    "an account whose name is not known yet is refused": (lambda d: user(d, user=UNKNOWN), [(UNREADABLE, "user")]),
    "an account in a server that is not there is refused": (lambda d: user(d, port=27017), [(UNREADABLE, "port")]),
    "an account in a server of another kind is refused": (
        lambda d: user(d, port=d.port("catalog--redis")),
        [(UNREADABLE, "port")],
    ),
    "an account of a provider that nobody knows is refused": (
        lambda d: d.resource("mongodbatlas:index/databaseUser:DatabaseUser", {"username": "catalog"}),
        [(UNREADABLE, "")],
    ),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_accounts_in_a_mongodb(documents: Market, make: Make, expected: Found) -> None:
    assert documents.found(make(documents)) == expected


def process(documents: Market, **changed: object) -> Observed:
    workload = documents.ground.plan.workload("catalog")
    labels = {"team": workload.team, "contexts": "catalog"}
    given = {"name": "catalog", "command": list(workload.command), "port": workload.port, "labels": labels, **changed}
    return documents.local("Process", **given)


def test_a_password_of_an_account_is_its_owners(documents: Market) -> None:
    account = user(documents, password=PASSWORD)
    assert documents.found(account, process(documents, secrets={"TOKEN": PASSWORD})) == [(OWNERSHIP, "secrets.TOKEN")]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("mongodb://catalog@localhost:{catalog--mongodb}/catalog?authSource=catalog", NONE),
        ("mongodb://catalog@127.1:{parcel-tracking--mongodb}/catalog", [(OWNERSHIP, "environment.STORE_URL")]),
        (
            "mongodb://127.0.0.1:{catalog--mongodb},127.0.0.1:{parcel-tracking--mongodb}",
            [(OWNERSHIP, "environment.STORE_URL")],
        ),
        ("mongodb+srv://cluster.example/catalog", [(UNREADABLE, "environment.STORE_URL")]),
    ],
)
def test_an_address_leads_to_ones_own_documents_alone(documents: Market, address: str, found: Found) -> None:
    ports = {server.name: server.port for server in documents.ground.plan.servers}
    text = address
    for name, port in ports.items():
        text = text.replace(f"{{{name}}}", str(port))
    assert documents.found(process(documents, environment={"STORE_URL": text})) == found
