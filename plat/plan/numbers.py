"""Ports and addresses: derived from names, so that the same landscape is always found at the same ones."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from plat.environment import Ports
from plat.machines.settings import Addresses


class NumberProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """Ports or addresses cannot be assigned. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `first` to `last`, and those set by hand; the rest is how messages speak of them."""

    first: int
    last: int
    fixed: Mapping[str, int]
    title: str
    single: str
    takers: str
    shown: Callable[[int], str] = str

    @classmethod
    def of_ports(cls, ports: Ports) -> Range:
        """The ports of an environment."""
        return cls(ports.first, ports.last, ports.fixed, "ports", "port", "listeners")

    @classmethod
    def of_addresses(cls, addresses: Addresses) -> Range:
        """The addresses that machines may have on a hypervisor."""
        return cls(
            int(ipaddress.IPv4Address(addresses.first)),
            int(ipaddress.IPv4Address(addresses.last)),
            {name: int(ipaddress.IPv4Address(address)) for name, address in addresses.fixed.items()},
            "addresses",
            "address",
            "machines",
            lambda number: str(ipaddress.IPv4Address(number)),
        )

    @property
    def size(self) -> int:
        """How many there are."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.shown(self.first)}..{self.shown(self.last)}"


def assign(scope: str, takers: Iterable[str], numbers: Range) -> Mapping[str, int]:
    """A number for each taker in `scope`: the one set by hand, else one derived from its name.

    The derived one is a hash of scope and taker in the range; where two would meet, the one whose name sorts later takes the
    next free one. So adding a taker moves another one only where they would collide.
    Raises NumberProblem when two are fixed to one, or the range is too small.
    """
    names = sorted(set(takers))
    # A fixed one whose name is unknown here is another landscape's: one environment serves many.
    fixed = {name: number for name, number in numbers.fixed.items() if name in names}
    taken: dict[int, str] = {}
    for name, number in sorted(fixed.items()):
        if number in taken:
            msg = f"{numbers.title}: `{taken[number]}` and `{name}` are both fixed to {numbers.shown(number)}"
            raise NumberProblem(msg)
        taken[number] = name
    free = [name for name in names if name not in fixed]
    if len(free) > numbers.size:
        msg = (
            f"{numbers.title}: {len(free)} {numbers.takers} do not fit into {numbers} ({numbers.size} {numbers.title}): "
            "widen the range"
        )
        raise NumberProblem(msg)
    for name in free:
        taken[_first_free(scope, name, numbers, taken)] = name
    return {name: number for number, name in sorted(taken.items(), key=lambda item: item[1])}


def _first_free(scope: str, name: str, numbers: Range, taken: Mapping[int, str]) -> int:
    start = int.from_bytes(hashlib.sha256(f"{scope}/{name}".encode()).digest()[:8]) % numbers.size
    for step in range(numbers.size):
        number = numbers.first + (start + step) % numbers.size
        if number not in taken:
            return number
    msg = f"{numbers.title}: no {numbers.single} is free in {numbers}"
    raise NumberProblem(msg)
