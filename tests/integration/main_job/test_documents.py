"""A landscape whose contexts keep documents: brought up, used with a context's own variables, and fenced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.main_job.checkout import Checkout

STACK = "documents.local"
COUNT = """
import os
from pymongo import MongoClient
with MongoClient(os.environ["DATABASE_URL"]) as client:
    database = client.get_default_database()
    database.parcels.insert_one({"state": "sent"})
    print(database.name, database.parcels.count_documents({"state": "sent"}))
"""
LOOK = """
import os, sys
from pymongo import MongoClient
from pymongo.errors import OperationFailure
address = os.environ["MONGODB_URL"].partition("@")[0] + sys.argv[1]
try:
    MongoClient(address).get_default_database().list_collection_names()
except OperationFailure as error:
    print(error.details["codeName"])
"""


@pytest.fixture(scope="module")
def brought_up(checkout: Checkout) -> Iterator[str]:
    shutil.copytree(checkout.root / "tests" / "landscapes" / "documents", checkout.root / "contexts" / "documents")
    try:
        yield checkout.done("plat", "up", "documents")
    finally:
        checkout.run("plat", "destroy", "documents", "--with-data", "--confirm", "documents")


def test_contexts_with_documents_are_fenced_as_declared(brought_up: str) -> None:
    assert "48 tried: 4 open, 44 closed, all as declared." in brought_up


@pytest.mark.usefixtures("brought_up")
def test_a_second_update_changes_nothing_and_documents_stay(checkout: Checkout) -> None:
    work = ("plat", "exec", "parcel-tracking", "--landscape", "documents", "--", "python", "-c", COUNT)
    assert checkout.done(*work) == "parcel_tracking 1\n"
    again = checkout.done("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--policy-pack", "policies")
    assert "28 unchanged" in again
    checkout.done("plat", "down", "documents")
    checkout.done("plat", "up", "documents")
    assert checkout.done(*work) == "parcel_tracking 2\n"


@pytest.mark.usefixtures("brought_up")
def test_a_contexts_own_password_opens_nothing_of_another_context(checkout: Checkout) -> None:
    address = f"@127.0.0.1:{port(checkout)}/parcel_tracking"
    look = ("plat", "exec", "catalog", "--landscape", "documents", "--", "python", "-c", LOOK, address)
    assert checkout.done(*look) == "AuthenticationFailed\n"


@pytest.mark.usefixtures("brought_up")
def test_no_generated_password_stands_in_a_log_or_on_a_command_line(checkout: Checkout) -> None:
    secrets = checkout.secrets(STACK)
    assert "datastore/catalog--mongodb" in secrets
    shown = checkout.done("ps", "auxww")
    logs = "".join(checkout.done("plat", "logs", name, "--landscape", "documents") for name in ("catalog", "catalog--mongodb"))
    assert [name for name, secret in secrets.items() if secret in shown + logs] == []


def port(checkout: Checkout) -> int:
    (store,) = checkout.context("documents", "parcel-tracking")["datastores"]
    found: int = store["port"]
    return found
