"""Ports on the local target: derived from names, so that the same landscape always listens on the same ports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from plat.environment import Ports


class PortProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """Ports cannot be assigned. The message is for the user."""


def assign(landscape: str, listeners: Iterable[str], ports: Ports) -> Mapping[str, int]:
    """A port for each listener of `landscape`: the one set by hand, else one derived from its name.

    The derived port is a hash of landscape and listener in `ports.first .. ports.last`; where two would meet, the one
    whose name sorts later takes the next free port. So adding a listener moves another one only where they would collide.
    Raises PortProblem when two are fixed to one port, or the range is too small.
    """
    names = sorted(set(listeners))
    # A fixed port whose name is no listener here is another landscape's: one environment serves many.
    fixed = {name: port for name, port in ports.fixed.items() if name in names}
    taken: dict[int, str] = {}
    for name, port in sorted(fixed.items()):
        if port in taken:
            msg = f"ports: `{taken[port]}` and `{name}` are both fixed to {port}"
            raise PortProblem(msg)
        taken[port] = name
    size = ports.last - ports.first + 1
    free = [name for name in names if name not in fixed]
    if len(free) > size:
        msg = f"ports: {len(free)} listeners do not fit into {ports.first}..{ports.last} ({size} ports): widen the range"
        raise PortProblem(msg)
    for name in free:
        taken[_first_free(landscape, name, ports, taken)] = name
    return {name: port for port, name in sorted(taken.items(), key=lambda item: item[1])}


def _first_free(landscape: str, name: str, ports: Ports, taken: Mapping[int, str]) -> int:
    size = ports.last - ports.first + 1
    start = int.from_bytes(hashlib.sha256(f"{landscape}/{name}".encode()).digest()[:8]) % size
    for step in range(size):
        port = ports.first + (start + step) % size
        if port not in taken:
            return port
    msg = f"ports: no port is free in {ports.first}..{ports.last}"
    raise PortProblem(msg)
