"""What differs from one kind of server to another: its files, how its data is made, how it is started and asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from components.kubernetes.manifest import Hidden
from plat.plan.model import Server

DATA = "/var/lib/plat/data"
"""Where the volume is."""

FILES = "/etc/plat"
"""Where the files are that a kind gives."""

TMP = "/tmp"  # noqa: S108 - a pod's own
"""The only other place that a server may write to."""

PASSWORD = "administrator"  # noqa: S105 - the name of a file
"""The file with the administrator's password."""

Files = Mapping[str, str | Hidden]
Probe = Mapping[str, Mapping[str, object]]


def succeeds(*command: str) -> Probe:
    """A probe by a command in the server's container."""
    return {"exec": {"command": list(command)}}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server.

    `files` gives more files besides the password, by name; `prepare` is a script for /bin/sh that makes the data where there
    are none and leaves those that are there; `command` starts the server; `asks` is the probe that succeeds when it
    answers, which a port that is open does not say. `memory` is in MiB.
    """

    prepare: Callable[[Server], str]
    command: Callable[[Server], Sequence[str]]
    memory: int
    files: Callable[[Server], Files] = lambda _server: {}
    environment: Callable[[Server], Mapping[str, str]] = lambda _server: {}
    asks: Callable[[Server], Probe] | None = None
    grace: int = 60
    """Seconds that it has to end in order."""
