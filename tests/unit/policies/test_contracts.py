"""Data contracts as the pack sees them: ours as they are agreed, and rights that somebody writes beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed
from tests.unit.policies.conftest import ROOT
from tests.unit.policies.resources import BREACH, NONE, OWNERSHIP, UNREADABLE, Found, Market

SERVER, DATABASE, SCHEMA = "emporium-app--postgresql", "emporium_app", "rates_for_billing"
READER = "billing__rates_for_billing"
COLUMNS = {
    "rate_id": "integer",
    "zone": "text",
    "amount": "numeric(10,2)",
    "since": "timestamptz",
    "tags": "varchar(20)[]",
}


@pytest.fixture(scope="module")
def emporium() -> Market:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Market(Ground.of(Project(ROOT).plan("emporium.local")))


def views(*names: str, **columns: str) -> list[dict[str, Any]]:
    listed = [{"name": name, "type": kind} for name, kind in (columns or COLUMNS).items()]
    return [{"name": name, "columns": listed} for name in names]


def contract(m: Market, **changed: object) -> Observed:
    agreed = {
        "port": m.port(SERVER),
        "database": DATABASE,
        "name": SCHEMA,
        "owner": "pricing",
        "reader": READER,
        "password": UNKNOWN,
        "expires": "2099-12-31",
        "views": views("current_rates"),
    }
    return m.local("PostgresContract", **{**agreed, **changed})


def grant(m: Market, **changed: object) -> Observed:
    given = {
        "database": DATABASE,
        "schema": SCHEMA,
        "role": READER,
        "objectType": "table",
        "objects": ["current_rates"],
        "privileges": ["SELECT"],
    }
    return m.in_postgresql("Grant", SERVER, **{**given, **changed})


CASES: dict[str, tuple[Callable[[Market], Observed], Found]] = {
    "a contract as it is agreed passes": (contract, NONE),
    "a contract that nobody has agreed on is refused": (lambda m: contract(m, name="tea_leaves"), [(UNREADABLE, "name")]),
    "a contract in another database is refused": (
        lambda m: contract(m, port=m.port("billing--postgresql"), database="billing"),
        [(UNREADABLE, "name")],
    ),
    "a contract read by another context's role is refused": (
        lambda m: contract(m, reader="shipping"),
        [(OWNERSHIP, "reader")],
    ),
    "a contract read by a role that nobody knows is refused": (
        lambda m: contract(m, reader="auditor"),
        [(OWNERSHIP, "reader")],
    ),
    "views that belong to another context are refused": (
        lambda m: contract(m, owner="shipping"),
        [(OWNERSHIP, "owner")],
    ),
    "one more view is refused": (
        lambda m: contract(m, views=views("current_rates", "secret_rates")),
        [(OWNERSHIP, "reader"), (UNREADABLE, "views")],
    ),
    "one more column is refused": (
        lambda m: contract(m, views=views("current_rates", **COLUMNS, margin="numeric")),
        [(UNREADABLE, "views")],
    ),
    "a later end is refused": (lambda m: contract(m, expires="2100-01-01"), [(UNREADABLE, "expires")]),
    "a grant that repeats the contract passes": (grant, NONE),
    "a grant on one more view is refused": (
        lambda m: grant(m, objects=["current_rates", "secret_rates"]),
        [(OWNERSHIP, "objects")],
    ),
    "a grant on whatever comes to be in the contract's schema is refused": (
        lambda m: grant(m, objects=[]),
        [(OWNERSHIP, "objects")],
    ),
    "a grant on a table of the provider is refused": (
        lambda m: grant(m, schema="pricing", objects=["rates"]),
        [(OWNERSHIP, "objects")],
    ),
    "a grant on a table that is called like the view is refused": (
        lambda m: grant(m, schema="pricing"),
        [(OWNERSHIP, "objects")],
    ),
    "a grant to write by the contract is refused": (
        lambda m: grant(m, privileges=["SELECT", "UPDATE"]),
        [(OWNERSHIP, "objects")],
    ),
    "a grant on the database by the contract is refused": (
        lambda m: grant(m, objectType="database", schema="", objects=[], privileges=["CREATE"]),
        [(OWNERSHIP, "objects")],
    ),
    "a grant of a contract that there is not is refused": (
        lambda m: grant(m, role="shipping__rates_for_shipping"),
        [(OWNERSHIP, "role")] * 2,
    ),
    "membership of another context in the reader is refused": (
        lambda m: m.in_postgresql("GrantRole", SERVER, role="shipping", grantRole=READER),
        [(OWNERSHIP, "grantRole")],
    ),
    "membership of the reader in its provider is refused": (
        lambda m: m.in_postgresql("GrantRole", SERVER, role=READER, grantRole="pricing"),
        [(OWNERSHIP, "grantRole")],
    ),
    "the reader's role made by hand is refused": (
        lambda m: m.in_postgresql("Role", SERVER, name=READER),
        [(OWNERSHIP, "name")] * 2,
    ),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_a_contract(emporium: Market, make: Callable[[Market], Observed], expected: Found) -> None:
    assert emporium.found(make(emporium)) == expected


def test_a_contract_is_managed_once(emporium: Market) -> None:
    again = dataclasses.replace(contract(emporium), urn="urn:pulumi:market.local::plat::x::again", name="again")
    assert emporium.found(contract(emporium), again) == [(BREACH, "")]


def holder(m: Market, name: str, contexts: str, team: str, **environment: str) -> Observed:
    labels = {"team": team, "contexts": contexts}
    return m.local("Process", name=name, command=["true"], labels=labels, environment=environment)


def test_the_reader_s_password_is_its_consumer_s_and_in_no_other_hands(emporium: Market) -> None:
    lock = contract(emporium, password="canary-reader-9a")
    own = holder(emporium, "billing", "billing", "billing-team", NOTE="canary-reader-9a")
    other = holder(emporium, "support", "support", "support-team", NOTE="canary-reader-9a")
    assert emporium.found(lock, own) == NONE
    assert emporium.found(lock, other) == [(OWNERSHIP, "environment.NOTE")]


TEXTS: dict[str, tuple[str, Found]] = {
    "the address of its contract": ("postgresql://{reader}:x@127.0.0.1:{port}/emporium_app", NONE),
    "the same with the schema of the contract": (
        "postgresql://{reader}:x@127.0.0.1:{port}/emporium_app?options=-csearch_path%3Drates_for_billing",
        NONE,
    ),
    "the same with the provider's schema": (
        "postgresql://{reader}:x@127.0.0.1:{port}/emporium_app?options=-csearch_path%3Dpricing",
        [(OWNERSHIP, "environment.TEXT")],
    ),
    "the provider's role": (
        "postgresql://pricing:x@127.0.0.1:{port}/emporium_app",
        [(OWNERSHIP, "environment.TEXT")],
    ),
    "the role of another one in that server": (
        "postgresql://shipping:x@127.0.0.1:{port}/emporium_app",
        [(OWNERSHIP, "environment.TEXT")],
    ),
    "a statement on the provider's table": (
        "SELECT * FROM pricing.rates",
        [(OWNERSHIP, "environment.TEXT")],
    ),
    "a statement on another one's table": (
        'select 1 from "shipping" . parcels',
        [(OWNERSHIP, "environment.TEXT")],
    ),
    "a statement on the view": ("SELECT * FROM rates_for_billing.current_rates", NONE),
    "another one's contract": (
        "postgresql://pricing__tickets_for_pricing:x@127.0.0.1:{other}/support",
        [(OWNERSHIP, "environment.TEXT")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_a_consumer_names(emporium: Market, text: str, expected: Found) -> None:
    written = text.format(reader=READER, port=emporium.port(SERVER), other=emporium.port("platform--postgresql"))
    found = emporium.found(holder(emporium, "billing", "billing", "billing-team", TEXT=written))
    assert sorted(set(found)) == expected


def test_whoever_has_no_contract_with_the_provider_does_not_come_near_its_server(emporium: Market) -> None:
    written = f"postgresql://{READER}:x@127.0.0.1:{emporium.port(SERVER)}/emporium_app"
    found = emporium.found(holder(emporium, "support", "support", "support-team", TEXT=written))
    assert set(found) == {(OWNERSHIP, "environment.TEXT")}


def test_another_one_s_reader_is_not_named_even_without_an_address(emporium: Market) -> None:
    found = emporium.found(holder(emporium, "support", "support", "support-team", PGUSER=READER))
    assert found == [(OWNERSHIP, "environment.PGUSER")]
    assert emporium.found(holder(emporium, "billing", "billing", "billing-team", PGUSER=READER)) == NONE
