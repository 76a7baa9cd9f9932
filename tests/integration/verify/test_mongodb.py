"""Each right at real MongoDB-compatible servers, shut and wrongly opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from plat.plan.model import Plan, SecretRef
from plat.project import CONTEXTS_VARIABLE, Project
from plat.verify import Report, verify
from samples.stores import checks_of, open_mongodb
from tests.integration.verify.servers import ADMIN_PASSWORD, Servers, free_ports

ROOT = Path(__file__).resolve().parents[3]
SCRAM = ["SCRAM-SHA-256"]


@dataclass(frozen=True)
class Documents:
    """The landscape `documents` without what is no MongoDB, on real servers."""

    servers: Servers
    plan: Plan
    secrets: Mapping[SecretRef, str]

    def report(self) -> Report:
        return verify(self.plan, self.secrets)

    def password(self, context: str) -> str:
        (store,) = self.plan.datastores_of(context)
        return self.secrets[store.secret]

    @contextmanager
    def administrator(self, context: str) -> Iterator[MongoClient[dict[str, Any]]]:
        (store,) = self.plan.datastores_of(context)
        port = self.plan.server(store.server).port
        given = {"username": "admin", "password": ADMIN_PASSWORD, "authSource": "admin"}
        client: MongoClient[dict[str, Any]] = MongoClient("127.0.0.1", port, **given)  # type: ignore[arg-type]  # all str
        with client:
            yield client

    @contextmanager
    def account(self, context: str, database: str, name: str, password: str) -> Iterator[None]:
        with self.administrator(context) as client:
            client[database].command("createUser", name, pwd=password, roles=[], mechanisms=SCRAM)
            try:
                yield
            finally:
                client[database].command("dropUser", name)

    def url(self, context: str) -> str:
        (store,) = self.plan.datastores_of(context)
        port = self.plan.server(store.server).port
        return f"mongodb://{store.role}:{self.secrets[store.secret]}@127.0.0.1:{port}/{store.database}"


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        whole = Project(ROOT).plan("documents.local")
    planned = [server for server in whole.servers if server.kind == "mongodb"]
    ports = free_ports(len(planned))
    plan = replace(
        whole,
        servers=tuple(replace(server, port=port) for server, port in zip(planned, ports, strict=True)),
        datastores=tuple(store for store in whole.datastores if store.type == "mongodb"),
        surfaces=(),
        routes=(),
    )
    servers = Servers()
    found = Documents(servers, plan, {ref: f"secret-of-{number}" for number, ref in enumerate(plan.secrets)})
    try:
        for port in ports:
            servers.mongodb(port)
        for store in plan.datastores:
            with found.administrator(store.context) as client:
                password = found.password(store.context)
                client[store.database].command("createUser", store.role, pwd=password, roles=[], mechanisms=SCRAM)
        yield found
    finally:
        servers.stop()


def differing(report: Report) -> set[tuple[str, str, str]]:
    return {(cell.principal, cell.door.target, cell.door.right) for cell in (result.cell for result in report.differing)}


def test_documents_fenced_as_planned_differ_nowhere(documents: Documents) -> None:
    report = documents.report()
    assert differing(report) == set()
    opened = {(result.cell.principal, result.cell.door.right) for result in report.results if result.outcome.allowed}
    assert opened == {("catalog", "database catalog"), ("parcel-tracking", "database parcel_tracking")}


def test_trying_leaves_nothing_behind(documents: Documents) -> None:
    documents.report()
    for store in documents.plan.datastores:
        with documents.administrator(store.context) as client:
            assert client[store.database].list_collection_names() == []
            assert [account["user"] for account in client.admin["system.users"].find({"db": {"$ne": "admin"}})] == [store.role]


def test_an_account_of_another_context_is_seen(documents: Documents) -> None:
    mine = documents.password("catalog")
    with documents.account("parcel-tracking", "parcel_tracking", "catalog", mine):
        assert differing(documents.report()) == {("catalog", "parcel-tracking--mongodb", "database parcel_tracking")}


def test_an_owner_that_its_password_does_not_let_in_is_seen(documents: Documents) -> None:
    with documents.administrator("catalog") as client:
        client.catalog.command("updateUser", "catalog", pwd="another-password", mechanisms=SCRAM)
        seen = differing(documents.report())
        client.catalog.command("updateUser", "catalog", pwd=documents.password("catalog"), mechanisms=SCRAM)
    assert seen == {("catalog", "catalog--mongodb", "database catalog")}


def test_whoever_has_the_administrators_password_is_seen_at_every_door_that_it_opens(documents: Documents) -> None:
    secrets = {**documents.secrets, SecretRef("datastore/parcel-tracking--mongodb"): ADMIN_PASSWORD}
    seen = differing(verify(documents.plan, secrets))
    assert ("parcel-tracking", "catalog--mongodb", "database admin") in seen
    assert ("parcel-tracking", "parcel-tracking--mongodb", "database admin") in seen


def test_a_sample_is_ready_where_its_password_opens_and_not_otherwise(documents: Documents) -> None:
    url = documents.url("catalog")
    checks_of({"mongodb": url})["mongodb"]()
    with open_mongodb(url) as client:
        assert client.get_default_database().name == "catalog"
    with pytest.raises(Exception, match="Authentication failed"):
        checks_of({"mongodb": url.replace("secret-of", "another")})["mongodb"]()
