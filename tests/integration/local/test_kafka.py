"""A real Kafka of one node: who gets in, what it listens on, and what it still has when it is back."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from plat.verify.probes.kafka import nameless
from providers.cluster import kafka as inside
from tests.integration.local.harness import PASSWORD, Resource, Stack, errors, listener, living, server, small_disk, wait_for

PORT, CONTROLLER, OTHER = 32611, 32612, 32613
NAME = f"kafka-{PORT}"
NASTY = "canary\\\"9;{}=#$'pw"
SECONDS = 10
QUIET = logging.getLogger("plat.tests.refused")
QUIET.propagate = False  # refusals are what is wanted here


def kafka(**inputs: Any) -> Resource:  # noqa: ANN401 - any property
    return server("kafka", inputs.pop("port", PORT), **{"extra_ports": {"controller": CONTROLLER}, **inputs})


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.must_up(kafka())
    return stack


@pytest.fixture
def running(stack: Stack) -> Stack:
    stack.must_up(kafka())
    return stack


def login(user: str, password: str, mechanism: str, port: int = PORT) -> dict[str, Any]:
    return {
        "bootstrap.servers": f"127.0.0.1:{port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": mechanism,
        "sasl.username": user,
        "sasl.password": password,
        "log_level": 0,
    }


def administrator(password: str = PASSWORD) -> AdminClient:
    return AdminClient(login("plat_admin", password, "PLAIN"), logger=QUIET)


def opens(settings: dict[str, Any]) -> bool:
    client = AdminClient({"socket.timeout.ms": 3000, **settings}, logger=QUIET)
    try:
        client.list_topics(timeout=3)
    except KafkaException:
        return False
    return True


def make_topic(name: str) -> None:
    client = administrator()
    client.create_topics([NewTopic(name, 1, 1)])[name].result(SECONDS)


def write(topic: str, value: str) -> None:
    lost: list[object] = []
    producer = Producer(login("plat_admin", PASSWORD, "PLAIN"))
    producer.produce(topic, value, on_delivery=lambda error, _: lost.append(error) if error else None)
    assert producer.flush(SECONDS) == 0
    assert not lost


def read(topic: str) -> str:
    consumer = Consumer({**login("plat_admin", PASSWORD, "PLAIN"), "group.id": "test", "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    message = consumer.poll(SECONDS)
    consumer.close()
    assert message is not None
    return (message.value() or b"").decode()


def test_it_answers_its_administrator_and_nobody_else(running: Stack) -> None:
    client = administrator()
    assert client.describe_cluster().result(SECONDS).nodes
    assert running.outputs(NAME)["serverVersion"] == "4.1.0"
    refused = {
        "another password": login("plat_admin", "canary-wrong", "PLAIN"),
        "a name that nobody has": login("plat", PASSWORD, "SCRAM-SHA-512"),
        "the administrator by another way": login("plat_admin", PASSWORD, "SCRAM-SHA-512"),
        "another password, at the controller": login("plat_admin", "canary-wrong", "PLAIN", CONTROLLER),
    }
    assert {case: opens(settings) for case, settings in refused.items()} == dict.fromkeys(refused, False)


def test_neither_broker_nor_controller_speaks_with_who_has_no_name(running: Stack) -> None:
    assert running.pid(NAME)
    assert [nameless("127.0.0.1", port).allowed for port in (PORT, CONTROLLER)] == [False, False]


def test_it_listens_on_loopback_alone(running: Stack) -> None:
    listening = [
        connection.laddr
        for process in running.processes()
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    ]
    assert {(address.ip, address.port) for address in listening} == {("127.0.0.1", PORT), ("127.0.0.1", CONTROLLER)}


def test_its_password_stands_in_two_closed_files_and_nowhere_else(running: Stack) -> None:
    assert PASSWORD not in subprocess.run(["ps", "auxwwe"], capture_output=True, text=True, check=True).stdout
    written = running.files_with(PASSWORD)
    assert {path.name for path in written} == {"client.properties", "server.properties"}
    assert {path.stat().st_mode & 0o077 for path in written} == {0}
    assert PASSWORD not in running.pulumi("stack", "export").text


def test_the_second_up_and_a_refresh_change_nothing(running: Stack) -> None:
    assert running.must_up().summary == {"unchanged": 3}
    assert running.refresh().summary == {"unchanged": 3}


def test_a_topic_comes_into_being_by_nobodys_writing_to_it(running: Stack) -> None:
    assert running.pid(NAME)
    producer = Producer({**login("plat_admin", PASSWORD, "PLAIN"), "message.timeout.ms": 3000}, logger=QUIET)
    producer.produce("typo", "lost")
    producer.flush(SECONDS)
    assert "typo" not in administrator().list_topics(timeout=SECONDS).topics


def test_nobody_may_anything_without_a_rule_that_says_so(running: Stack) -> None:
    assert running.pid(NAME)
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    user = UserScramCredentialUpsertion("sales", credential, b"canary-sales")
    client = administrator()
    client.alter_user_scram_credentials([user])["sales"].result(SECONDS)
    make_topic("owned")
    sales = AdminClient(login("sales", "canary-sales", "SCRAM-SHA-512"), logger=QUIET)
    wait_for(lambda: opens(login("sales", "canary-sales", "SCRAM-SHA-512")))

    assert sales.list_topics(timeout=SECONDS).topics == {}
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        sales.create_topics([NewTopic("mine", 1, 1)])["mine"].result(SECONDS)
    rule = (ResourceType.TOPIC, "owned", ResourcePatternType.LITERAL, "User:sales", "*", AclOperation.ALL)
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        next(iter(sales.create_acls([AclBinding(*rule, AclPermissionType.ALLOW)]).values())).result(SECONDS)
    assert client.describe_acls(AclBindingFilter(*rule, AclPermissionType.ANY)).result(SECONDS) == []


def test_what_was_written_outlives_a_kill_and_a_stop(running: Stack) -> None:
    make_topic("lasting")
    write("lasting", "7")
    before = running.pid(NAME)
    os.kill(before, signal.SIGKILL)
    running.restarted(NAME, since=before)
    assert running.up("--refresh").code == 0
    wait_for(lambda: opens(login("plat_admin", PASSWORD, "PLAIN")))
    assert read("lasting") == "7"

    alive = running.processes()
    assert running.runtime.stop() == 1
    assert living(alive) == []
    assert running.must_up().summary == {"updated": 1, "unchanged": 2}
    assert read("lasting") == "7"


def test_a_changed_password_opens_the_old_one_no_longer_does_and_data_stays(running: Stack) -> None:
    make_topic("kept")
    running.must_up(kafka(admin_password=NASTY))
    assert opens(login("plat_admin", NASTY, "PLAIN"))
    assert not opens(login("plat_admin", PASSWORD, "PLAIN"))
    assert "kept" in administrator(NASTY).list_topics(timeout=SECONDS).topics


def test_its_own_commands_find_it_by_its_variables(running: Stack) -> None:
    make_topic("told")
    variables = {**os.environ, **running.runtime.environment(NAME), "PATH": os.environ["PATH"]}
    done = subprocess.run(["kafka-topics", "--list"], env=variables, capture_output=True, text=True, check=True)
    assert "told" in done.stdout.split()


def test_a_lost_state_loses_no_data_and_another_password_is_set_anew(running: Stack) -> None:
    make_topic("found-again")
    assert running.pulumi("stack", "rm", "shop.test", "--force", "--yes").code == 0
    assert running.pulumi("stack", "init", "shop.test").code == 0
    running.must_up(kafka(admin_password=NASTY))
    assert "found-again" in administrator(NASTY).list_topics(timeout=SECONDS).topics


def test_a_busy_port_of_the_controller_is_named_with_who_has_it(running: Stack) -> None:
    running.runtime.stop()
    with listener(CONTROLLER) as pid:
        run = running.up()
    assert run.code != 0
    assert f"port {CONTROLLER} on 127.0.0.1 is in use by PID {pid}" in run.text
    assert f"set another port for {NAME}/controller in stacks/environments/test.yaml" in run.text


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a door without a lock": (
        {"settings": {"listeners": "PLAINTEXT://:1"}},
        f"setting listeners of {NAME} is decided by Plat",
    ),
    "another super user": ({"settings": {"super.users": "User:sales"}}, f"setting super.users of {NAME} is decided by Plat"),
    "everything for everybody": (
        {"settings": {"allow.everyone.if.no.acl.found": "true"}},
        f"setting allow.everyone.if.no.acl.found of {NAME} is decided by Plat",
    ),
    "a second line": ({"settings": {"num.io.threads": "1\nlisteners=x"}}, "is not written as its server writes settings"),
    "no port for the controller": ({"extraPorts": None}, f"{NAME} needs extraPorts: controller"),
    "the ports of a rabbitmq": (
        {"extraPorts": {"epmd": 32621, "management": 32622, "distribution": 32623}},
        f"{NAME} needs extraPorts: controller",
    ),
    "a broker that forgets": ({"durability": "ephemeral"}, f"{NAME}: a broker is always persistent; leave durability out"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_open_it_is_refused_before_anything_changes(running: Stack, case: str) -> None:
    changed, message = REFUSALS[case]
    base = {"name": NAME, "kind": "kafka", "port": PORT, "adminUser": "plat_admin", "adminPassword": PASSWORD}
    inputs = {**base, "extraPorts": {"controller": CONTROLLER}, **changed}
    now = {name: value for name, value in inputs.items() if value is not None}
    assert message in "; ".join(running.check("Server", base, now))


@pytest.mark.parametrize("left", [20_000, 60_000], ids=["too little to be made", "too little to start, or to say so"])
def test_a_full_disk_is_told_once_and_there_is_room_for_the_next_up(new_stack: Callable[..., Stack], left: int) -> None:
    with small_disk() as (disk, grow):
        stack = new_stack()
        stack.home = disk / "home"
        wanted = {"name": "kafka-full", "port": OTHER, "extra_ports": {"controller": OTHER + 1}}
        try:
            stack.declare([kafka(**wanted)])
            (disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(disk).free - left))
            run = stack.up()
            assert run.code != 0
            assert "error: the disk is full (" in errors(run.text)[0], run.text
            grow()
            stack.must_up()
        finally:
            stack.end()


def test_a_missing_kafka_is_named_with_how_to_get_it(new_stack: Callable[..., Stack], tmp_path: Path) -> None:
    stack = new_stack(more_environment={"PLAT_KAFKA_BIN": str(tmp_path)})
    stack.declare([kafka()])
    preview = stack.pulumi("preview")
    assert preview.code != 0
    assert f"Kafka is not installed: `make up LANDSCAPE=...` gets it (looked at: {tmp_path})" in preview.text


SERVER = {"host": "127.0.0.1", "port": PORT, "adminUser": "plat_admin", "adminPassword": PASSWORD}


def user(name: str, *, publishes: str = "", consumes: str = "") -> dict[str, object]:
    return {
        "name": name,
        "password": "another-password",
        "publishesTo": [publishes] if publishes else [],
        "consumesFrom": [consumes] if consumes else [],
        "routingKeys": [],
        "groups": [name] if consumes else [],
    }


def rights() -> set[tuple[str, str, str]]:
    anything: Any = None  # a filter that is not said matches all
    every = AclBindingFilter(
        ResourceType.ANY, anything, ResourcePatternType.ANY, anything, anything, AclOperation.ANY, AclPermissionType.ANY
    )
    client = administrator()  # which has to be there until it is answered
    found = client.describe_acls(every).result(SECONDS)
    return {(right.principal.removeprefix("User:"), right.name, right.operation.name) for right in found}


def names() -> set[str]:
    client = administrator()
    asked: Any = client.describe_user_scram_credentials()
    return set(asked.result(SECONDS))


def test_who_makes_a_part_leaves_others_alone_until_somebody_says_who_there_is_at_all(running: Stack) -> None:
    assert running.processes()
    topic = {"name": "parts.sold", "partitions": 1, "retentionMs": 3600000}
    inside.apply({**SERVER, "topics": [topic], "users": [user("parts-sales", publishes="parts.sold")]})
    inside.apply({**SERVER, "topics": [], "users": [user("parts-store", consumes="parts.sold")]})
    both = {right for right in rights() if right[0].startswith("parts-")}
    assert {right for right in both if right[0] == "parts-sales"} == {
        ("parts-sales", "parts.sold", "DESCRIBE"),
        ("parts-sales", "parts.sold", "WRITE"),
    }
    assert ("parts-store", "parts-store", "READ") in both
    # One that has fewer rights loses its own, and nobody else's.
    inside.apply({**SERVER, "topics": [], "users": [user("parts-sales")]})
    assert {right for right in rights() if right[0].startswith("parts-")} == {
        right for right in both if right[0] == "parts-store"
    }
    others = names() - {"parts-sales", "parts-store"}
    inside.only({**SERVER, "users": ["parts-sales", *others]})
    assert names() == {"parts-sales", *others}
    assert not [right for right in rights() if right[0] == "parts-store"]
