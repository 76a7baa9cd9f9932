"""Small shell scripts that start programs which do not lie where they were built to lie."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from toolchain.site import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BROKER_COMMANDS = ("rabbitmq-server", "rabbitmqctl", "rabbitmq-plugins", "rabbitmq-diagnostics", "rabbitmq-queues")

KAFKA_COMMANDS: Mapping[str, tuple[str, str]] = {
    "kafka-acls": ("org.apache.kafka.tools.AclCommand", "--command-config"),
    "kafka-configs": ("kafka.admin.ConfigCommand", "--command-config"),
    "kafka-console-consumer": ("org.apache.kafka.tools.consumer.ConsoleConsumer", "--consumer.config"),
    "kafka-consumer-groups": ("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--command-config"),
    "kafka-topics": ("org.apache.kafka.tools.TopicCommand", "--command-config"),
}
"""Kafka's commands for people: the class of each, and the option by which it takes a file with who one is."""


def write_broker_wrappers(folder: Path, commands: Path) -> None:
    """Wrap RabbitMQ's scripts: they find `erl` on the PATH, and must not read a system broker's settings unasked."""
    for name in BROKER_COMMANDS:
        lines = [
            f"PATH={shlex.quote(str(folder))}:$PATH",
            ': "${RABBITMQ_CONF_ENV_FILE:=/dev/null}"',
            "export PATH RABBITMQ_CONF_ENV_FILE",
            '[ -r "$(pwd)" ] || cd /',  # Erlang searches the folder that it is started in, by its full name
        ]
        _write(folder / name, lines, commands / name)


def write_erlang_wrappers(folder: Path, erlang: Path, libraries: Sequence[str]) -> None:
    """Wrap an unpacked Erlang: Debian's `erl` names /usr/lib/erlang whatever it is told, so erlexec is called instead.

    The libraries are folders of shared libraries that the machine does not have.
    """
    programs = next(erlang.glob("erts-*/bin"))
    settings = {"ROOTDIR": str(erlang), "BINDIR": str(programs), "EMU": "beam", "PROGNAME": "erl"}
    found = {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}
    _write(folder / "erl", _exports({**settings, **found}), programs / "erlexec")
    _write(folder / "epmd", _exports(found), programs / "epmd")


def write_mariadb_wrappers(folder: Path, programs: Mapping[str, Path], tree: Path | None, libraries: Sequence[str]) -> None:
    """Wrap MariaDB's programs; `tree` is where they were unpacked to, None where they lie where they were built to lie.

    The client reads host, port and password from variables of its own, but neither user nor database.
    """
    found = _exports({"LD_LIBRARY_PATH": ":".join(libraries)}) if libraries else []
    where = (f"--basedir={tree}",) if tree else ()
    for name, program in programs.items():
        if name == "mariadb":
            _write(folder / name, [*found, *_IDENTITY], program)
        else:
            _write(folder / name, found, program, where)


_IDENTITY = (
    # In front, so that what is said on the command line wins; but only there does the client take files of defaults.
    'case "${1-}" in --*defaults*) ;; *)',
    '    [ -z "${MYSQL_DATABASE-}" ] || set -- --database="$MYSQL_DATABASE" "$@"',
    '    [ -z "${MYSQL_USER-}" ] || set -- --user="$MYSQL_USER" "$@"',
    "esac",
)


def write_kafka_wrappers(folder: Path, java: Path, libraries: Path) -> None:
    """Wrap Java with Kafka's classes as `kafka-java`, and each command so that `plat exec` tells it server and user."""
    classes = ("-cp", f"{libraries}/*")
    _write(folder / "kafka-java", [], java, first=classes)
    # One that runs for a second is better not compiled for an hour's work.
    quick = (
        *classes,
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Dlog4j2.level=ERROR",
        "-Dlog4j2.StatusLogger.level=OFF",
    )
    for name, (program, option) in KAFKA_COMMANDS.items():
        told = f'set -- --bootstrap-server "$PLAT_KAFKA_SERVER" {option} "$PLAT_KAFKA_CLIENT" "$@"'
        _write(folder / name, [f'[ -z "${{PLAT_KAFKA_SERVER-}}" ] || {told}'], java, first=(*quick, program))


def write_graphviz_wrapper(script: Path, program: Path, plugins: Path, fonts: Path, libraries: Sequence[str]) -> None:
    """Wrap an unpacked Graphviz: it looks for its plugins, and fontconfig for its settings, in the system's own folders."""
    settings = {"GVBINDIR": str(plugins), "FONTCONFIG_FILE": str(fonts), "LD_LIBRARY_PATH": ":".join(libraries)}
    _write(script, _exports(settings), program)


def write_plain_wrappers(folder: Path, programs: Mapping[str, Path], libraries: Sequence[str] = ()) -> None:
    """Wrap programs that need nothing, or nothing but folders of shared libraries that the machine does not have."""
    found = _exports({"LD_LIBRARY_PATH": ":".join(libraries)}) if libraries else []
    for name, program in programs.items():
        _write(folder / name, found, program)


def _exports(variables: Mapping[str, str]) -> list[str]:
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


def _write(script: Path, lines: Sequence[str], program: Path, last: Sequence[str] = (), *, first: Sequence[str] = ()) -> None:
    script.parent.mkdir(exist_ok=True)
    words = [*map(shlex.quote, (str(program), *first)), '"$@"', *map(shlex.quote, last)]
    text = "\n".join(["#!/bin/sh", *lines, f"exec {' '.join(words)}"])
    write_whole(script, f"{text}\n", mode=0o755)
