"""Containers as a machine's Docker tells of them, and what their state means. Pure; nothing is asked here.

What Docker tells: https://docs.docker.com/reference/api/engine/, `ContainerInspect`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plat.runtime import Status

FORMAT = (
    '{"name":{{json .Name}},"state":{{json .State}},"restarts":{{json .RestartCount}},'
    '"networks":{{json .NetworkSettings.Networks}}}'
)
"""For `docker inspect --format`: no more than is needed, and so none of the variables with their secrets."""

_LONGEST = 160
_ALIVE = ("paused", "restarting", "running")
_KILLED = 137  # 128 and SIGKILL's number, as shells count


@dataclass(frozen=True, slots=True)
class Container:
    """One container: what Docker says of its state, how often it was restarted, and its address in its own network."""

    name: str
    state: Mapping[str, Any]
    restarts: int
    address: str

    @property
    def is_alive(self) -> bool:
        """Whether its network is there, so that others can be in it."""
        return bool(self.state.get("Running")) and not self.state.get("Restarting")


def parsed(text: str) -> Mapping[str, Container]:
    """The containers that a text in `FORMAT` tells of, a line each, by name. Raises ValueError where it is no such text."""
    found = (json.loads(line) for line in text.splitlines() if line.strip())
    return {container.name: container for container in map(_container, found)}


def _container(item: Mapping[str, Any]) -> Container:
    addresses = [network.get("IPAddress", "") for network in (item["networks"] or {}).values()]
    return Container(item["name"].removeprefix("/"), item["state"], item["restarts"], next(filter(None, addresses), ""))


def status(name: str, container: Container | None) -> Status:
    """How `name` is, in the words of all targets; None where there is no container of that name."""
    if container is None:
        return Status(name, "STOPPED", "it has no container")
    state = container.state
    what = state.get("Status", "")
    health = (state.get("Health") or {}).get("Status", "")
    if what == "running" and health not in {"starting", "unhealthy"}:
        return Status(name, "RUNNING")
    return Status(name, "STARTING" if what in _ALIVE else "STOPPED", "; ".join(filter(None, _reasons(container))))


def _reasons(container: Container) -> Sequence[str]:
    state = container.state
    restarted = f"started again {container.restarts} times" if container.restarts else ""
    match state.get("Status"):
        case "running":
            return [_unhealthy(state.get("Health") or {}), restarted]
        case "paused":
            return ["somebody has paused it: `docker unpause` lets it go on"]
        case "created":
            return [_error(state) or "it was made and never started"]
        case _:
            return [_ended(state), _error(state), restarted]


def _ended(state: Mapping[str, Any]) -> str:
    code = state.get("ExitCode", 0)
    if state.get("OOMKilled"):
        return "it wanted more memory than it may have, and was ended"
    return f"ended with exit code {code}" + (" (killed)" if code == _KILLED else "")


def _error(state: Mapping[str, Any]) -> str:
    return _line(str(state.get("Error") or ""))


def _unhealthy(health: Mapping[str, Any]) -> str:
    """What asks whether it is there, where that was told last; a first start may take its time."""
    asked = [entry for entry in health.get("Log") or () if entry.get("ExitCode")]
    if not asked:
        return ""
    words = _line(str(asked[-1].get("Output", "")))
    said = words or f"exit code {asked[-1]['ExitCode']}"
    return f"{'unhealthy' if health.get('Status') == 'unhealthy' else 'not there yet'}: {said}"


def _line(text: str) -> str:
    """The last line that says something, shortened."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    return last if len(last) <= _LONGEST else f"{last[: _LONGEST - 1]}…"
