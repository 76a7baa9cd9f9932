"""Kafka (https://kafka.apache.org/41/operations/kraft/): one node, broker and controller, on loopback, nothing without SASL.

The administrator is known by the node's own configuration (PLAIN), so that a forgotten or changed password is a matter of
a restart; everybody else by what is stored in Kafka itself (SCRAM). docs/adr/0014 says why.

The program comes from a folder that the set-up names in PLAT_KAFKA_BIN or in `.plat/toolchain.json`.
"""

from __future__ import annotations

import base64
import logging
import secrets
import time
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from providers.common.errors import DiskFull, says_disk_full
from providers.local import binaries, files, ports, provided
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.errors import NotInstalled, Unusable
from providers.local.inputs import KafkaPorts, ServerInputs
from providers.local.kafka_settings import ALONE, as_properties, plain_login
from providers.local.kinds.base import Answer, Ping, Place, require_settings
from providers.local.spec import Spec

BIN_VARIABLE = "PLAT_KAFKA_BIN"
"""Names the folder with Kafka's wrappers."""

VERSION = "4.1.0"
"""What toolchain/maven/kafka pins: a node does not tell its version to clients."""

_RESERVED_BEGINNINGS = (
    "advertised.",
    "allow.everyone",
    "authorizer.",
    "auto.create",
    "broker.id",
    "config.providers",
    "controller.",
    "inter.broker",
    "listener",
    "log.dir",
    "log.message.timestamp",
    "metadata.log.dir",
    "metric",
    "node.id",
    "principal.",
    "process.roles",
    "sasl.",
    "security.",
    "ssl.",
    "super.users",
)

_PATIENCE = 5.0
_LOGGER = logging.getLogger(f"{__name__}.client")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False

# A heap and compilers for a node that one person uses; nothing of it below /tmp, where every JVM would leave a file.
_JAVA = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
)

_LOGGING = """\
status = off
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1}: %m%n%throwable{short.message}%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


class Kafka:
    """A Kafka node."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem for a setting that is Plat's to decide, and where no usable version is there."""
        inputs = place.inputs
        reserved = frozenset(name for name in inputs.settings if name.startswith(_RESERVED_BEGINNINGS))
        require_settings(inputs, r"[a-z][a-z0-9.]*", reserved)
        _controller(inputs)
        if inputs.durability == "ephemeral":
            msg = f"{inputs.name}: a broker is always persistent; leave durability out"
            raise Unusable(msg)
        _program(place)

    def prepare(self, place: Place) -> None:
        """Make data directory and configuration."""
        wanted = place.inputs.version
        if wanted and binaries.major(wanted) != binaries.major(VERSION):
            place.warn(f"Kafka {wanted} is not installed: {place.inputs.name} runs {VERSION}, the only one there is")
        place.make_folders()
        files.make_folder(place.data / "tmp", 0o700, place.account)
        if not (_log(place) / "meta.properties").exists():
            _format(place)
        place.configure(
            {
                "server.properties": _configuration(place),
                "client.properties": _client(place.inputs),
                "log4j2.properties": _LOGGING,
            }
        )

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the server's programs."""
        inputs = place.inputs
        return (
            Spec(
                name=inputs.name,
                owner=inputs.name,
                kind="kafka",
                order=10,
                command=(
                    str(_program(place)),
                    *_JAVA,
                    f"-Djava.io.tmpdir={place.data / 'tmp'}",
                    f"-Dlog4j2.configurationFile={place.config / 'log4j2.properties'}",
                    "kafka.Kafka",
                    str(place.config / "server.properties"),
                ),
                environment={
                    **BASIC_ENVIRONMENT,
                    # What Kafka's commands find the node by, and who asks: see toolchain/wrappers.py.
                    "PLAT_KAFKA_SERVER": f"{inputs.host}:{inputs.port}",
                    "PLAT_KAFKA_CLIENT": str(place.config / "client.properties"),
                },
                workdir=str(place.data),
                host=inputs.host,
                port=inputs.port,
                stop_seconds=60,
                labels=inputs.labels,
            ),
        )

    def listeners(self, inputs: ServerInputs) -> tuple[tuple[str, str, int], ...]:
        """Return who listens where."""
        name = inputs.name
        return ((name, name, inputs.port), (name, f"{name}/controller", _controller(inputs)))

    def ping(self, inputs: ServerInputs) -> Ping:
        """Visit the server."""
        if not ports.answers(inputs.host, inputs.port):
            return Ping(Answer.NOT_YET, "nothing listens yet")
        refusals: list[str] = []

        def note(error: KafkaError) -> None:
            if error.code() == KafkaError._AUTHENTICATION:  # noqa: SLF001 - so the library names its own errors
                refusals.append(error.str())

        settings: dict[str, Any] = {**_login(inputs), "error_cb": note}
        client = AdminClient(settings, logger=_LOGGER)
        asked = client.describe_cluster(request_timeout=_PATIENCE)
        give_up = time.monotonic() + _PATIENCE
        while not asked.done() and not refusals and time.monotonic() < give_up:
            client.poll(0.05)
        if refusals:
            return Ping(Answer.REFUSED, refusals[0])
        try:
            asked.result(timeout=1)
        except (KafkaException, TimeoutError) as error:
            return Ping(Answer.NOT_YET, str(error))
        return Ping(Answer.READY, VERSION)

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Do nothing: a node reads its administrator from its configuration, which `prepare` has written, as it starts."""

    def reset_password(self, place: Place) -> None:
        """Do nothing: a node reads its administrator from its configuration, which `prepare` has written, as it starts."""


def _program(place: Place) -> Path:
    folder = provided.folder(BIN_VARIABLE, place.toolchain)
    program = folder / "kafka-java" if folder else None
    if program and program.exists():
        return program
    raise NotInstalled("Kafka", "", [str(folder)] if folder else [])


def _controller(inputs: ServerInputs) -> int:
    if not isinstance(inputs.extra_ports, KafkaPorts):
        msg = f"{inputs.name} needs extraPorts: controller"
        raise Unusable(msg)
    return inputs.extra_ports.controller


def _log(place: Place) -> Path:
    return place.data / "log"


def _format(place: Place) -> None:
    """Make the log beside its place and rename it when it is whole, so that a killed run leaves none half."""
    place.account.run(["find", str(place.data), "-maxdepth", "1", "-name", ".format-*", "-exec", "rm", "-rf", "{}", "+"])
    making = place.data / f".format-{secrets.token_hex(4)}"
    settings = place.data / f"{making.name}.properties"
    files.write(settings, as_properties({**_identity(place), "log.dirs": str(making)}), place.account)
    # Not a random first byte: what begins with a hyphen would be taken for an option.
    cluster = base64.urlsafe_b64encode(b"P" + secrets.token_bytes(15)).decode("ascii").rstrip("=")
    argv = [str(_program(place)), *_JAVA, "kafka.tools.StorageTool", "format"]
    done = place.account.run([*argv, "--cluster-id", cluster, "--config", str(settings)], cwd=place.data)
    settings.unlink(missing_ok=True)
    if done.returncode:
        place.account.run(["rm", "-rf", str(making)])
        if says_disk_full(done.stdout):
            raise DiskFull(place.data)
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip() and "SLF4J" not in line]
        msg = f"{place.inputs.name}: its data directory cannot be made: {'; '.join(lines[-2:]) or 'it said nothing'}"
        raise Unusable(msg)
    making.rename(_log(place))


def _identity(place: Place) -> dict[str, str]:
    """Return who this node is, and where it listens for what."""
    inputs, controller = place.inputs, _controller(place.inputs)
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{inputs.host}:{controller}",
        "listeners": f"CLIENTS://{inputs.host}:{inputs.port},CONTROLLER://{inputs.host}:{controller}",
        "advertised.listeners": f"CLIENTS://{inputs.host}:{inputs.port}",
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "controller.listener.names": "CONTROLLER",
    }


def _configuration(place: Place) -> str:
    inputs = place.inputs
    administrator = plain_login(inputs.admin_user, inputs.admin_password, knows=True)
    return as_properties(
        {
            **ALONE,
            **inputs.settings,
            **_identity(place),
            "log.dirs": str(_log(place)),
            # The controller's listener too: who gets through it without a name could do what the node itself may.
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": administrator,
            "listener.name.clients.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.clients.plain.sasl.jaas.config": administrator,
            "listener.name.clients.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{inputs.admin_user}",
            "allow.everyone.if.no.acl.found": "false",
            "auto.create.topics.enable": "false",
            # `plat verify` relies on it: a record from the far future is refused, and so proves a right without a trace.
            "log.message.timestamp.after.max.ms": "3600000",
        }
    )


def _client(inputs: ServerInputs) -> str:
    settings = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": plain_login(inputs.admin_user, inputs.admin_password),
    }
    return as_properties(settings)


def _login(inputs: ServerInputs) -> dict[str, Any]:
    return {
        "bootstrap.servers": f"{inputs.host}:{inputs.port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": inputs.admin_user,
        "sasl.password": inputs.admin_password,
    }
