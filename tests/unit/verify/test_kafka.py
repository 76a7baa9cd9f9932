"""What is tried at a Kafka broker, and what its answers mean."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from confluent_kafka import KafkaError

from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from plat.verify import Cell, expectations
from plat.verify.model import ANONYMOUS, AtKafka, Key
from plat.verify.probes.base import NoAnswerError
from plat.verify.probes.kafka import _ATTEMPTS, _judge, nameless

ROOT = Path(__file__).resolve().parents[3]
BOOKED = "parcels.shipping.ParcelBooked.v1"


@pytest.fixture(scope="module")
def plan() -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Project(ROOT).plan("parcels.local")


def let_in(plan: Plan, target: str) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for item in expectations(plan):
        if item.door.target == target:
            row = rows.setdefault(item.door.right, [])
            row += [item.principal] if item.allowed else []
    return rows


def cell(plan: Plan, principal: str, right: str) -> Cell:
    return next(item for item in expectations(plan) if (item.principal, item.door.right) == (principal, right))


def test_a_topic_is_open_to_its_publisher_and_its_consumers(plan: Plan) -> None:
    assert let_in(plan, BOOKED) == {
        "produce": ["shipping"],
        "read": ["billing", "support"],
        "see that it is there": ["billing", "shipping", "support"],
        "change its settings": [],
        "delete its records": [],
    }


def test_dead_letters_are_their_consumers_alone(plan: Plan) -> None:
    rows = let_in(plan, "invoices.dead")
    assert (rows["produce"], rows["read"], rows["delete its records"]) == (["billing"], ["billing"], [])


def test_a_group_is_its_consumers_alone(plan: Plan) -> None:
    assert let_in(plan, "invoices") == {"commit how far it has read": ["billing"]}


def test_nobody_administers_the_broker(plan: Plan) -> None:
    rows = let_in(plan, "broker")
    assert len(rows) == 6
    assert not any(rows.values())


def test_whoever_is_nobody_comes_without_a_name_and_with_those_of_manuals(plan: Plan) -> None:
    assert cell(plan, ANONYMOUS, "produce").keys == (Key(), Key("admin", well_known="admin-secret"))


def test_the_controller_is_tried_at_its_own_port(plan: Plan) -> None:
    port = plan.server("platform--kafka").extra_ports["controller"]
    assert cell(plan, "billing", "talk to its controller").door.port == port


@pytest.mark.parametrize(
    ("attempt", "code", "allowed"),
    [
        ("produce", KafkaError.INVALID_TIMESTAMP, True),
        ("produce", KafkaError.TOPIC_AUTHORIZATION_FAILED, False),
        ("produce", KafkaError.UNKNOWN_TOPIC_OR_PART, None),
        ("commit", KafkaError.UNKNOWN_TOPIC_OR_PART, True),
        ("commit", KafkaError.GROUP_AUTHORIZATION_FAILED, False),
        ("change-users", KafkaError.RESOURCE_NOT_FOUND, True),
        ("change-rights", KafkaError.CLUSTER_AUTHORIZATION_FAILED, False),
        ("read", KafkaError.LEADER_NOT_AVAILABLE, None),
    ],
)
def test_what_the_broker_says_is_told_apart(attempt: str, code: int, *, allowed: bool | None) -> None:
    action = AtKafka(attempt, "x")  # type: ignore[arg-type] # the table has its words
    assert _judge(action, "billing", KafkaError(code)).allowed is allowed


def test_no_objection_means_that_the_door_is_open() -> None:
    assert _judge(AtKafka("produce", "x"), "billing", None).allowed is True


def test_every_attempt_can_be_made(plan: Plan) -> None:
    tried = {item.door.action.attempt for item in expectations(plan) if isinstance(item.door.action, AtKafka)}
    assert tried == _ATTEMPTS.keys()


@pytest.mark.parametrize(("said", "allowed"), [(b"", False), (b"\x00\x00\x00\x04", True)])
def test_a_server_that_answers_who_has_no_name_is_open(said: bytes, *, allowed: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=answer_once, args=(server, said))
        answering.start()
        outcome = nameless("127.0.0.1", server.getsockname()[1])
        answering.join()
    assert outcome.allowed is allowed


def answer_once(server: socket.socket, said: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(100)
        connection.sendall(said)


def test_nobody_there_is_no_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoAnswerError):
        nameless("127.0.0.1", port)
