"""A landscape whose events go through Kafka, from nothing: what its contexts may do, and what becomes of their events."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from tests.integration.main_job.checkout import Checkout, changes, clone, remove

STACK = "parcels.local"
BOOKED, DEAD = "parcels.shipping.ParcelBooked.v1", "invoices.dead"
NEWCOMER = """
apiVersion: plat/v1
kind: Context
name: newcomer
team: billing-team
subdomain: supporting
purpose: Came later, and reads what was there before.
datastore: {type: none}
deployables:
  - {name: newcomer, image: registry.example/newcomer:1.0.0, command: [python, -m, samples.generic], port: 8080}
consumes: [{event: shipping.ParcelBooked}]
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = clone(Path(tmp_path_factory.mktemp("clone")) / "parcels", 15000, 15099)
    shutil.copytree(made.root / "tests" / "landscapes" / "parcels", made.root / "contexts" / "parcels")
    yield made
    made.run("plat", "destroy", "parcels", "--with-data", "--confirm", "parcels")
    remove(made)


@pytest.fixture(scope="module")
def first_up(checkout: Checkout) -> str:
    return checkout.done("plat", "up", "parcels")


@pytest.fixture
def up(checkout: Checkout, first_up: str) -> Checkout:
    assert first_up
    return checkout


def url(checkout: Checkout, context: str, path: str) -> str:
    (deployable,) = checkout.context("parcels", context)["deployables"]
    return f"http://127.0.0.1:{deployable['port']}/{path}"


def answer(address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data), timeout=20) as response:  # noqa: S310 - our own
        found: dict[str, Any] = json.load(response)
        return found


def received(checkout: Checkout, context: str) -> list[str]:
    return [message["message_id"] for message in answer(url(checkout, context, "received"))["received"]]


def eventually(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.2)


def publish(checkout: Checkout, body: dict[str, Any]) -> str:
    return str(answer(url(checkout, "shipping", "publish/ParcelBooked?key=7"), body)["message_id"])


def login(checkout: Checkout, context: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": f"127.0.0.1:{checkout.status('parcels')['broker']['port']}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": context,
        "sasl.password": checkout.secrets(STACK)[f"broker/{context}"],
    }


def ends(checkout: Checkout) -> dict[str, int]:
    """How many records each partition of the event's topic has ever had."""
    consumer = Consumer({**login(checkout, "billing"), "group.id": "invoices"})
    count = len(consumer.list_topics(BOOKED, timeout=20).topics[BOOKED].partitions)
    found = {str(number): consumer.get_watermark_offsets(TopicPartition(BOOKED, number), 20)[1] for number in range(count)}
    consumer.close()
    return found


def test_every_right_is_as_declared_and_nothing_else_is_open(first_up: str) -> None:
    assert "195 tried: 24 open, 171 closed, all as declared." in first_up


def test_the_second_update_changes_nothing(up: Checkout) -> None:
    assert changes(up.done("plat", "up", "parcels", "--refresh").rpartition("Updating")[2]) == "61 unchanged"


def test_an_event_arrives_at_who_consumes_it_and_at_nobody_else(up: Checkout) -> None:
    sent = publish(up, {"parcel": 7})
    eventually(lambda: sent in received(up, "billing") and sent in received(up, "support"))
    assert sent not in received(up, "pricing")


def test_trying_rights_leaves_no_record_and_moves_no_reader(up: Checkout) -> None:
    before = ends(up)
    up.done("plat", "verify", "parcels")
    assert ends(up) == before


def test_rights_that_were_given_by_hand_are_all_found_and_trying_them_changes_nothing(up: Checkout) -> None:
    everything = (("--cluster",), ("--topic", "*"), ("--group", "*"))
    before = ends(up)
    for where in everything:
        acls(up, "--add", "--allow-principal", "User:shipping", "--operation", "All", *where)
    report = up.run("plat", "verify", "parcels", "--format", "json")
    topics = up.done("plat", "exec", "-l", "parcels", "platform--kafka", "--", "kafka-topics", "--list").split()
    for where in everything:
        acls(up, "--remove", "--force", "--allow-principal", "User:shipping", "--operation", "All", *where)

    assert report.returncode == 1
    found = json.loads(report.stdout[report.stdout.index("{") :])["results"]
    refused = {item["right"] for item in found if item["principal"] == "shipping" and not item["actual"]}
    assert refused == {"come in as its administrator", "talk to its controller"}
    assert {item["principal"] for item in found if item["differs"]} == {"shipping"}
    assert ends(up) == before
    assert "plat-verify" not in topics


def test_the_administrators_name_with_another_password_is_found_too(up: Checkout) -> None:
    own = up.secrets(STACK)["broker/shipping"]
    known = ("--alter", "--entity-type", "users", "--entity-name", "admin")
    configs = ("plat", "exec", "-l", "parcels", "platform--kafka", "--", "kafka-configs")
    up.done(*configs, *known, "--add-config", f"SCRAM-SHA-512=[password={own}]")
    try:
        report = up.run("plat", "verify", "parcels", "--format", "json")
    finally:
        up.done(*configs, *known, "--delete-config", "SCRAM-SHA-512")

    found = json.loads(report.stdout[report.stdout.index("{") :])["results"]
    different = {(item["principal"], item["right"]) for item in found if item["differs"]}
    assert different == {("shipping", "come in as its administrator")}


def acls(checkout: Checkout, *words: str) -> None:
    checkout.done("plat", "exec", "-l", "parcels", "platform--kafka", "--", "kafka-acls", *words)


def test_what_cannot_be_handled_is_set_aside_with_its_reason(up: Checkout) -> None:
    producer = Producer(login(up, "shipping"))
    producer.produce(BOOKED, b"no JSON", headers=[("message_id", b"broken")])
    assert producer.flush(20) == 0
    behind = publish(up, {"parcel": 8})
    eventually(lambda: behind in received(up, "billing"))

    consumer = Consumer({**login(up, "billing"), "group.id": "invoices", "enable.auto.commit": False})
    consumer.assign([TopicPartition(DEAD, 0, OFFSET_BEGINNING)])
    record = consumer.poll(20)
    consumer.close()
    assert record is not None
    assert record.value() == b"no JSON"
    headers = dict(record.headers() or [])
    assert headers["message_id"] == b"broken"
    assert "Expecting value" in str(headers["reason"])


def test_a_killed_broker_comes_back_with_every_event_and_services_find_it_again(up: Checkout) -> None:
    sent = publish(up, {"parcel": 9})
    eventually(lambda: sent in received(up, "billing"))
    os.kill(up.pid(STACK, "platform--kafka"), signal.SIGKILL)
    later: list[str] = []

    def published() -> bool:
        try:
            later.append(publish(up, {"parcel": 10}))
        except urllib.error.HTTPError as error:
            assert error.code == 503  # noqa: PT017 - until the broker is back
            return False
        return True

    eventually(published)
    eventually(lambda: later[-1] in received(up, "billing") and later[-1] in received(up, "support"))
    assert "all as declared" in up.done("plat", "up", "parcels")


def test_retention_and_more_partitions_are_changed_in_place_and_fewer_are_refused(up: Checkout) -> None:
    file = up.root / "contexts" / "parcels" / "shipping.yaml"
    text = file.read_text()
    before = ends(up)
    file.write_text(text.replace("retention: 12h, partitions: 4", "retention: 2d, partitions: 5"))
    assert "~ 3 updated" in up.done("plat", "up", "parcels")
    assert ends(up) == {**before, "4": 0}
    shown = up.done(
        *("plat", "exec", "-l", "parcels", "platform--kafka", "--", "kafka-configs", "--describe"),
        *("--entity-type", "topics", "--entity-name", BOOKED),
    )
    assert "retention.ms=172800000" in shown

    file.write_text(text.replace("partitions: 4", "partitions: 3"))
    refused = up.run("plat", "up", "parcels")
    assert refused.returncode == 1
    assert f"topic {BOOKED} has 5 partitions and cannot have 3: Kafka takes no partition away" in refused.stdout
    file.write_text(text.replace("partitions: 4", "partitions: 5"))
    up.done("plat", "up", "parcels")


def test_a_context_that_comes_later_reads_what_was_there_before(up: Checkout) -> None:
    first = received(up, "support")[0]
    (up.root / "contexts" / "parcels" / "newcomer.yaml").write_text(NEWCOMER)
    assert "all as declared" in up.done("plat", "up", "parcels")
    eventually(lambda: first in received(up, "newcomer"))


def test_destroying_what_runs_keeps_every_record(up: Checkout) -> None:
    before = ends(up)
    up.done("plat", "destroy", "parcels")
    assert "all as declared" in up.done("plat", "up", "parcels")
    assert ends(up) == before
