from __future__ import annotations

import pytest

from plat.audit.live.mongodb import Account, findings
from plat.plan.model import Datastore, Server
from policies.ground import Ground
from tests.unit.audit.conftest import plan_of


@pytest.fixture(scope="module")
def documents() -> Ground:
    return Ground.of(plan_of("documents.local"))


@pytest.fixture
def store(documents: Ground) -> Datastore:
    return next(store for store in documents.plan.datastores if store.type == "mongodb")


@pytest.fixture
def server(documents: Ground, store: Datastore) -> Server:
    return documents.servers[store.server]


def test_what_plat_makes_is_not_reported(documents: Ground, store: Datastore, server: Server) -> None:
    accounts = [Account(server.admin_user, "admin"), Account(store.role, store.database)]

    assert list(findings(accounts, server, documents)) == []


def test_other_accounts_are_found_and_so_is_one_that_is_missing(documents: Ground, store: Datastore, server: Server) -> None:
    accounts = [Account("mallory", store.database), Account("mallory", "elsewhere")]
    found = list(findings(accounts, server, documents))

    assert {(item.rule, item.hint.partition("database ")[2]) for item in found[:2]} == {
        ("right-beyond-plan", '`elsewhere`: {dropUser: "mallory"}'),
        ("datastore-ownership", f'`{store.database}`: {{dropUser: "mallory"}}'),
    }
    assert found[2].rule == "right-missing"
    assert {item.subject.partition(" in ")[0] for item in found} == {
        f"account `mallory` of database `{store.database}`",
        "account `mallory` of database `elsewhere`",
        f"account `{store.role}` of database `{store.database}`",
    }
