"""A real MongoDB-compatible server: what comes up, stays up and comes back, and accounts that keep to their database."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure

from tests.integration.local.harness import (
    OTHER_PASSWORD,
    PASSWORD,
    Resource,
    Stack,
    errors,
    listener,
    living,
    server,
    small_disk,
    wait_for,
)

LASTING, HASTY = 32101, 32102
NAMES = ["mongodb-32101", "mongodb-32102"]
ADMIN = {"admin_user": "plat_admin", "admin_password": PASSWORD}
SERVERS = (server("mongodb", LASTING, version="7"), server("mongodb", HASTY, durability="ephemeral"))


def account(name: str, **inputs: object) -> Resource:
    given = {**ADMIN, "port": LASTING, "user": name, "password": OTHER_PASSWORD, "database": name, **inputs}
    return {"type": "MongoDBUser", "id": name, "after": ["mongodb-32101"], "inputs": given}


ALL = (*SERVERS, account("shipping"), account("billing"))


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.declare(ALL)
    return stack


@pytest.fixture
def running(stack: Stack) -> Stack:
    """The stack, up as declared."""
    stack.must_up(*ALL)
    return stack


@pytest.fixture(scope="module")
def fenced(stack: Stack) -> None:
    """The stack, up as declared, for tests that change nothing of what is declared."""
    stack.must_up(*ALL)
    with owner("billing") as database:
        database.invoices.replace_one({"_id": 1}, {"amount": 7}, upsert=True)


@contextmanager
def login(user: str, password: str, source: str, port: int = LASTING) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1", port, username=user, password=password, authSource=source, serverSelectionTimeoutMS=10_000
    )
    with client:
        yield client


@contextmanager
def owner(name: str = "shipping", password: str = OTHER_PASSWORD) -> Iterator[Database[dict[str, Any]]]:
    with login(name, password, name) as client:
        yield client[name]


@contextmanager
def administrator(port: int = LASTING, password: str = PASSWORD) -> Iterator[MongoClient[dict[str, Any]]]:
    with login("plat_admin", password, "admin", port) as client:
        yield client


def test_the_first_up_starts_both_servers_and_the_second_changes_nothing(stack: Stack) -> None:
    assert stack.must_up().summary == {"created": 6}
    assert [(item.name, item.state) for item in stack.runtime.status()] == [(name, "RUNNING") for name in NAMES]
    assert stack.must_up().summary == {"unchanged": 6}
    assert stack.refresh().summary == {"unchanged": 6}
    assert stack.outputs("mongodb-32101")["serverVersion"].startswith("7.")


def test_a_password_stands_nowhere_in_plain_text(running: Stack) -> None:
    for secret in (PASSWORD, OTHER_PASSWORD):
        assert secret not in subprocess.run(["ps", "auxwwe"], capture_output=True, text=True, check=True).stdout
        assert running.files_with(secret) == []
        assert secret not in running.pulumi("stack", "export").text
    owned = [path for folder in ("config", "data") for path in (running.place / folder).rglob("*") if path.is_file()]
    assert len(owned) > len(NAMES)
    assert {oct(path.stat().st_mode & 0o077) for path in owned} == {"0o0"}


def test_an_owner_works_in_its_database_as_with_any_mongodb(running: Stack) -> None:
    with owner() as database:
        parcels = database.parcels
        parcels.drop()
        parcels.insert_many([{"number": number, "zone": number % 3} for number in range(300)])
        parcels.create_index("number", unique=True)
        assert parcels.update_many({"zone": 0}, {"$set": {"state": "sent"}}).modified_count == 100
        assert parcels.find_one_and_delete({"number": 299}) is not None
        assert parcels.delete_many({"zone": 2}).deleted_count == 99
        groups = parcels.aggregate([{"$group": {"_id": "$zone", "count": {"$sum": 1}}}, {"$sort": {"_id": 1}}])
        assert list(groups) == [{"_id": 0, "count": 100}, {"_id": 1, "count": 100}]
        for parcel in parcels.find({"zone": 1}, batch_size=2).limit(10):
            database.events.insert_one({"parcel": parcel["number"]})  # while the cursor is open
        database.events.rename("history")
        assert sorted(database.list_collection_names()) == ["history", "parcels"]
        database.client.drop_database("shipping")
        assert database.list_collection_names() == []
    assert running.must_up().summary == {"unchanged": 6}


Attempt = Callable[[Database[dict[str, Any]]], object]
FORBIDDEN: Mapping[str, Attempt] = {
    "read another's": lambda own: own.client.billing.invoices.find_one(),
    "write another's": lambda own: own.client.billing.invoices.insert_one({}),
    "look into another's": lambda own: own.client.billing.list_collection_names(),
    "drop another's": lambda own: own.client.drop_database("billing"),
    "weigh another's": lambda own: own.command("dataSize", "billing.invoices"),
    "make a database": lambda own: own.client.new.things.insert_one({}),
    "list databases": lambda own: own.client.list_database_names(),
    "move into another's": lambda own: own.client.admin.command("renameCollection", "shipping.a", to="billing.a"),
    "take another's": lambda own: own.client.admin.command("renameCollection", "billing.invoices", to="billing.mine"),
    "read all accounts": lambda own: own.client.admin["system.users"].find_one(),
    "change an account's hash": lambda own: own.client.admin["system.users"].update_one({}, {"$set": {"roles": []}}),
    "see the accounts here": lambda own: own.command("usersInfo", 1),
    "make an account": lambda own: own.command("createUser", "friend", pwd=OTHER_PASSWORD, roles=[]),
    "change the administrator": lambda own: own.client.admin.command("updateUser", "plat_admin", pwd=OTHER_PASSWORD),
    "change its own password": lambda own: own.command("updateUser", "shipping", pwd=PASSWORD),
    "drop another account": lambda own: own.client.billing.command("dropUser", "billing"),
    "drop all accounts": lambda own: own.client.billing.command("dropAllUsersFromDatabase"),
    "read the server's log": lambda own: own.client.admin.command("getLog", "global"),
    "see how it was started": lambda own: own.client.admin.command("getCmdLineOpts"),
    "see the machine": lambda own: own.client.admin.command("hostInfo"),
    "see the server's state": lambda own: own.client.admin.command("serverStatus"),
    "see what others do": lambda own: own.client.admin.command("currentOp"),
}


@pytest.mark.parametrize("case", FORBIDDEN)
@pytest.mark.usefixtures("fenced")
def test_an_owner_reaches_nothing_beside_its_database(case: str) -> None:
    with owner() as database, pytest.raises(OperationFailure) as refused:
        FORBIDDEN[case](database)
    assert refused.value.code == 13  # Unauthorized
    with owner("billing") as database:
        assert list(database.invoices.find()) == [{"_id": 1, "amount": 7}]


@pytest.mark.usefixtures("fenced")
def test_nobody_gets_in_without_the_right_password() -> None:
    strangers: list[dict[str, Any]] = [
        {},
        {"username": "shipping", "password": PASSWORD, "authSource": "shipping"},
        {"username": "shipping", "password": OTHER_PASSWORD, "authSource": "admin"},
        {"username": "plat_admin", "password": OTHER_PASSWORD, "authSource": "admin"},
        {"username": "shipping", "password": OTHER_PASSWORD, "authSource": "shipping", "authMechanism": "PLAIN"},
        {"username": "shipping", "password": OTHER_PASSWORD, "authSource": "shipping", "authMechanism": "SCRAM-SHA-1"},
    ]
    for given in strangers:
        client: MongoClient[dict[str, Any]] = MongoClient("127.0.0.1", LASTING, **given)
        with client, pytest.raises(OperationFailure) as refused:
            client.shipping.parcels.find_one()
        assert refused.value.code in {13, 18, 334}, given  # Unauthorized, AuthenticationFailed, MechanismUnavailable


BY_HAND: Mapping[str, tuple[Attempt, str]] = {
    "another password": (lambda own: own.command("updateUser", "shipping", pwd="by-hand-1234"), "SCRAM-SHA-1"),
    "no account": (lambda own: own.command("dropUser", "shipping"), "the account is not there"),
    "another mechanism too": (
        lambda own: own.command("updateUser", "shipping", pwd=OTHER_PASSWORD),
        "it may log in by SCRAM-SHA-1 too",
    ),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_an_account_changed_by_hand_is_seen_and_mended(running: Stack, case: str) -> None:
    by_hand, drift = BY_HAND[case]
    with administrator() as client:
        by_hand(client.shipping)
    preview = running.pulumi("preview")
    assert preview.summary == {"update": 1, "unchanged": 5}, preview.text
    assert drift in preview.text
    assert running.refresh().summary == {"updated": 1, "unchanged": 5}
    assert running.must_up().summary == {"updated": 1, "unchanged": 5}
    assert running.must_up().summary == {"unchanged": 6}
    with owner() as database:
        assert database.command("listCollections")["ok"] == 1


def test_a_changed_password_of_an_account_opens_and_the_old_one_no_longer_does(running: Stack) -> None:
    with owner() as database:
        database.kept.replace_one({"_id": 1}, {"here": True}, upsert=True)
    running.must_up(*SERVERS, account("shipping", password="canary-new-4711"), account("billing"))
    with owner(password="canary-new-4711") as database:
        assert database.kept.find_one() == {"_id": 1, "here": True}
    with owner() as database, pytest.raises(OperationFailure, match="Authentication failed"):
        database.kept.find_one()


def test_a_removed_account_is_gone_and_its_documents_stay(running: Stack) -> None:
    with owner() as database:
        database.kept.replace_one({"_id": 1}, {"here": True}, upsert=True)
    running.must_up(*SERVERS, account("billing"))
    with owner() as database, pytest.raises(OperationFailure, match="Authentication failed"):
        database.kept.find_one()
    running.must_up(*ALL)
    with owner() as database:
        assert database.kept.find_one() == {"_id": 1, "here": True}


def test_an_account_that_was_removed_by_hand_can_be_removed(running: Stack) -> None:
    with administrator() as client:
        client.shipping.command("dropUser", "shipping")
    running.must_up(*SERVERS, account("billing"))


@pytest.mark.parametrize("name", ["admin", "local", "config"])
def test_no_account_is_put_among_the_servers_own(running: Stack, name: str) -> None:
    given = {"port": LASTING, "adminUser": "plat_admin", "adminPassword": PASSWORD, "user": "x", "password": PASSWORD}
    assert f"`{name}` is the server's own database" in "; ".join(running.check("MongoDBUser", {}, {**given, "database": name}))


def test_another_account_beside_the_administrator_administers_nothing(running: Stack) -> None:
    with administrator() as client:
        client.admin.command("createUser", "second", pwd=OTHER_PASSWORD, roles=[])
    with login("second", OTHER_PASSWORD, "admin") as client, pytest.raises(OperationFailure, match="not the administrator"):
        client.admin["system.users"].find_one()
    with administrator() as client:
        client.admin.command("dropUser", "second")
    assert running.must_up().summary == {"unchanged": 6}


def test_a_killed_server_comes_back_with_documents_and_accounts(running: Stack) -> None:
    with owner() as database:
        database.kept.replace_one({"_id": 1}, {"here": True}, upsert=True)
    pid = running.pid("mongodb-32101")
    os.kill(pid, signal.SIGKILL)
    running.refresh()
    running.must_up()
    assert running.pid("mongodb-32101") != pid
    with owner() as database:
        assert database.kept.find_one() == {"_id": 1, "here": True}


def test_a_stopped_server_keeps_all_that_it_has_been_told_also_when_it_never_waited_for_the_disk(running: Stack) -> None:
    for port in (LASTING, HASTY):
        with administrator(port) as client:
            client.shop.sessions.replace_one({"_id": 7}, {"here": True}, upsert=True)
    alive = running.processes()
    assert running.runtime.stop() == 2
    assert living(alive) == []
    assert running.refresh().summary == {"updated": 2, "unchanged": 4}
    running.must_up()
    for port in (LASTING, HASTY):
        with administrator(port) as client:
            assert client.shop.sessions.find_one() == {"_id": 7, "here": True}


def test_an_ephemeral_server_becomes_persistent_with_its_documents(running: Stack) -> None:
    with administrator(HASTY) as client:
        client.shop.carts.replace_one({"_id": 1}, {"here": True}, upsert=True)
    running.must_up(SERVERS[0], server("mongodb", HASTY), *ALL[2:])
    with administrator(HASTY) as client:
        assert client.shop.carts.find_one() == {"_id": 1, "here": True}


def test_a_changed_password_of_the_administrator_opens_and_the_old_one_no_longer_does(running: Stack) -> None:
    changed = [account(name, admin_password=OTHER_PASSWORD) for name in ("shipping", "billing")]
    running.must_up(server("mongodb", LASTING, version="7", admin_password=OTHER_PASSWORD), SERVERS[1], *changed)
    with administrator(password=OTHER_PASSWORD) as client:
        assert "shipping" in client.list_database_names()
    with administrator() as client, pytest.raises(OperationFailure, match="Authentication failed"):
        client.list_database_names()
    with owner() as database:
        assert database.command("listCollections")["ok"] == 1


def test_a_lost_state_loses_no_document_and_another_password_is_set_anew(running: Stack) -> None:
    with owner() as database:
        database.kept.replace_one({"_id": 1}, {"here": True}, upsert=True)
    assert running.pulumi("stack", "rm", "shop.test", "--force", "--yes").code == 0
    assert running.pulumi("stack", "init", "shop.test").code == 0
    changed = [account(name, admin_password=OTHER_PASSWORD) for name in ("shipping", "billing")]
    running.must_up(server("mongodb", LASTING, version="7", admin_password=OTHER_PASSWORD), SERVERS[1], *changed)
    with owner() as database:
        assert database.kept.find_one() == {"_id": 1, "here": True}


def test_another_version_than_the_one_there_is_runs_with_a_warning(running: Stack) -> None:
    run = running.must_up(server("mongodb", LASTING, version="8"), *ALL[1:])
    assert "MongoDB 8 is not installed: mongodb-32101 runs FerretDB, which speaks the protocol of 7" in run.text


def test_a_removed_server_stops_and_its_documents_stay_for_the_next(running: Stack) -> None:
    with administrator(HASTY) as client:
        client.shop.carts.replace_one({"_id": 1}, {"here": True}, upsert=True)
    running.must_up(SERVERS[0], *ALL[2:])
    assert [item.name for item in running.runtime.status()] == NAMES[:1]
    running.must_up(*ALL)
    with administrator(HASTY) as client:
        assert client.shop.carts.find_one() == {"_id": 1, "here": True}


def test_settings_are_refused_as_there_are_none(running: Stack) -> None:
    before = {to_camel(name): value for name, value in SERVERS[0]["inputs"].items()}
    told = running.check("Server", before, {**before, "settings": {"listen": "0.0.0.0:1"}})
    assert told == ["mongodb-32101 takes no settings: leave `settings` out"]


@pytest.fixture
def lone(new_stack: Callable[[], Stack]) -> Iterator[Stack]:
    stack = new_stack()
    yield stack
    stack.runtime.stop()


def test_a_busy_port_is_named_with_who_has_it(lone: Stack) -> None:
    lone.declare([server("mongodb", 32103)])
    with listener(32103) as pid:
        run = lone.up()
    assert f"error: port 32103 on 127.0.0.1 is in use by PID {pid} (" in errors(run.text)[0]
    assert lone.must_up().summary == {"created": 1, "unchanged": 2}


def test_a_missing_program_is_named_with_how_to_get_it(lone: Stack, tmp_path: Path) -> None:
    lone.more_environment["PLAT_MONGODB_BIN"] = str(tmp_path)
    lone.declare([server("mongodb", 32103)])
    (error,) = errors(lone.pulumi("preview").text)
    assert f"plat-ferretdb is not installed: `make up LANDSCAPE=...` gets it (looked at: {tmp_path})" in error


def test_a_full_disk_is_told_and_there_is_room_for_the_next_up(new_stack: Callable[..., Stack]) -> None:
    with small_disk() as (disk, grow):
        stack = new_stack()
        stack.home = disk / "home"
        try:
            stack.must_up(server("mongodb", 32103))
            with administrator(32103) as client, pytest.raises(OperationFailure, match="full"):
                client.shop.things.insert_many({"filler": "x" * 1_000_000} for _ in range(20))
            stack.runtime.stop()
            grow()
            stack.must_up()
            with administrator(32103) as client:
                client.shop.things.insert_one({"filler": "x" * 1_000_000})
        finally:
            stack.end()


def test_destroy_leaves_no_process(running: Stack) -> None:
    alive = running.processes()
    destroyed = running.pulumi("destroy", "--yes", "--skip-preview")
    assert destroyed.code == 0, destroyed.text
    wait_for(lambda: living(alive) == [])
