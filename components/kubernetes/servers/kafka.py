"""Kafka: one node, broker and controller, nothing without SASL; the controller listens to the node itself alone.

docs/adr/0014 says why the administrator comes in by PLAIN and everybody else by SCRAM.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256

from components.kubernetes.manifest import Hidden
from components.kubernetes.servers.kind import DATA, FILES, TMP, Files, Kind
from plat.plan.model import SecretRef, Server
from providers.local.kafka_settings import ALONE, as_properties, plain_login

_LOG = f"{DATA}/kafka"
_OUTSIDE = "OUTSIDE"
_JAVA = (
    "java",
    "-Xms64m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    f"-Djava.io.tmpdir={TMP}",
    f"-Dkafka.logs.dir={TMP}",
    f"-Dlog4j2.configurationFile={FILES}/log4j2.properties",
    "-cp",
    "/opt/kafka/libs/*",
)

_LOGGING = """\
status = off
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1}: %m%n%throwable{short.message}%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def _doors(server: Server) -> Sequence[str]:
    """The listeners that clients come in by."""
    return ("CLIENTS", _OUTSIDE) if server.outside else ("CLIENTS",)


def _listed(listeners: Mapping[str, str]) -> str:
    return ",".join(f"{name}://{address}" for name, address in listeners.items())


def _for_clients(door: str, administrator: str) -> Mapping[str, str]:
    listener = f"listener.name.{door.lower()}"
    return {
        f"{listener}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        f"{listener}.plain.sasl.jaas.config": administrator,
        f"{listener}.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    }


def _identity(server: Server) -> dict[str, str]:
    """Each listener tells its clients where they go on; who comes from a machine is told what machines reach."""
    controller, node = server.extra_ports["controller"], f"127.0.0.1:{server.port + 2}"
    listeners = {"CLIENTS": f"0.0.0.0:{server.port}", "CONTROLLER": f"127.0.0.1:{controller}", "NODE": node}
    advertised = {"CLIENTS": f"{server.host}:{server.port}", "NODE": node}
    if outside := server.outside:
        listeners[_OUTSIDE] = f"0.0.0.0:{outside.behind}"
        advertised[_OUTSIDE] = f"{outside.host}:{outside.port}"
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": _listed(listeners),
        "advertised.listeners": _listed(advertised),
        "listener.security.protocol.map": ",".join(f"{name}:SASL_PLAINTEXT" for name in listeners),
        # What the node says to itself does not go through its Service, which answers only once the node is ready.
        "inter.broker.listener.name": "NODE",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": _LOG,
    }


def _files(server: Server) -> Files:
    def properties(values: Mapping[SecretRef, str]) -> str:
        administrator = plain_login(server.admin_user, values[server.admin_secret], knows=True)
        return as_properties(
            {
                **ALONE,
                **_identity(server),
                "sasl.mechanism.inter.broker.protocol": "PLAIN",
                "sasl.mechanism.controller.protocol": "PLAIN",
                "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
                "listener.name.controller.plain.sasl.jaas.config": administrator,
                "listener.name.node.sasl.enabled.mechanisms": "PLAIN",
                "listener.name.node.plain.sasl.jaas.config": administrator,
                **{name: value for door in _doors(server) for name, value in _for_clients(door, administrator).items()},
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": f"User:{server.admin_user}",
                "allow.everyone.if.no.acl.found": "false",
                "auto.create.topics.enable": "false",
                # As on the local target: `plat verify` relies on it.
                "log.message.timestamp.after.max.ms": "3600000",
            }
        )

    return {
        "server.properties": Hidden((server.admin_secret,), properties),
        "format.properties": as_properties(_identity(server)),
        "log4j2.properties": _LOGGING,
    }


def _prepare(server: Server) -> str:
    # Not random: the same server is the same cluster, whatever becomes of its volume.
    digest = sha256(server.host.encode()).digest()[:15]
    cluster = base64.urlsafe_b64encode(b"P" + digest).decode("ascii").rstrip("=")
    java = " ".join(f"'{word}'" for word in _JAVA)
    return f"""\
set -eu
if [ ! -s {_LOG}/meta.properties ]; then
    {java} kafka.tools.StorageTool format --cluster-id {cluster} --config {FILES}/format.properties
fi
"""


def _command(server: Server) -> Sequence[str]:  # noqa: ARG001 - every kind has one signature
    return [*_JAVA, "kafka.Kafka", f"{FILES}/server.properties"]


KIND = Kind(prepare=_prepare, command=_command, memory=1024, files=_files)
