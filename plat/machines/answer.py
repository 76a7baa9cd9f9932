"""Whether machines answer, asked before anything is removed from them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from plat.machines.problems import Failed, Silent, SshProblem
from plat.machines.ssh import Connection

_SECONDS = 30
_AT_ONCE = 8


def ask(connections: Mapping[str, Connection], advice: str) -> None:
    """Ask Docker on every machine whether it is there. Raises Silent with `advice` where one is not."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        told = pool.map(_problem, connections.values())
        if found := [f"{name}: {problem}" for name, problem in zip(connections, told, strict=True) if problem]:
            raise Silent(found, advice)


def _problem(connection: Connection) -> SshProblem | None:
    try:
        done = connection.run(["docker", "version", "--format={{.Server.Version}}"], timeout=_SECONDS)
    except SshProblem as problem:
        return problem
    return Failed(connection.where, "Docker does not answer", done.why) if done.code else None
