"""A machine's firewall as one document for nftables: closed both ways, and opened by the plan's ways alone.

https://wiki.nftables.org. It is a table of its own beside Docker's: what it lets through Docker's still judges, and what it
drops nobody lets through again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.machines.ways import Abroad, AWay, Inward, Outward, Within, asking_for_names, bridge, ways_on
from plat.plan.model import Machine, Plan

TABLE = "plat"

# https://www.iana.org/assignments/iana-ipv4-special-registry
_PRIVATE = "{ 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3 }"
_NAMES = 53


def ruleset(plan: Plan, machine: Machine) -> str:
    """The table of `machine`: the same plan, the same bytes."""
    found = ways_on(plan, machine)
    within = [_within(way, machine) for way in found if isinstance(way, Within)]
    through = [_through(way, machine) for way in found if not isinstance(way, Within)]
    return "\n".join(
        [
            f"table inet {TABLE} {{",
            *_chain("input", [*_entrance(plan, machine), *within]),
            *_chain("forward", [*through, *_names(found, machine)]),
            "}",
            "",
        ]
    )


def _chain(hook: str, rules: list[str]) -> Iterator[str]:
    # Before Docker's own, whose chains are at `filter`.
    yield f"\tchain {hook} {{"
    yield f"\t\ttype filter hook {hook} priority filter - 10; policy drop;"
    yield "\t\tct state established,related accept"
    yield "\t\tct state invalid drop"
    yield from (f"\t\t{rule}" for rule in rules)
    yield "\t}"


def _entrance(plan: Plan, machine: Machine) -> Iterator[str]:
    yield 'iif "lo" accept'
    yield "icmp type { echo-request, destination-unreachable, time-exceeded } accept"
    # The neighbours of IPv6, without which a machine does not even know its own network.
    yield "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept"
    networks = plan.fleet.administration if plan.fleet else ()
    yield f"ip saddr {{ {', '.join(networks)} }} tcp dport {machine.port} accept"


def _within(way: Within, machine: Machine) -> str:
    # Docker's proxy takes it, as a container comes from a bridge.
    return f'iifname "{bridge(way.source)}" ip daddr {machine.address} tcp dport {way.port} accept'


def _through(way: AWay, machine: Machine) -> str:
    match way:
        case Inward():
            device = bridge(way.target)
            meant = f"ct original ip daddr {machine.address} ct original proto-dst {way.port}"
            return f'oifname "{device}" ip saddr {way.network} ip protocol tcp {meant} accept'
        case Outward():
            return f'iifname "{bridge(way.source)}" ip daddr {way.address} tcp dport {way.port} accept'
        case Abroad():
            return f'iifname "{bridge(way.source)}" ip daddr != {_PRIVATE} tcp dport {way.port} accept'
        case Within():
            return _within(way, machine)


def _names(ways: Iterable[AWay], machine: Machine) -> Iterator[str]:
    whom = f"ip daddr {{ {', '.join(machine.name_servers)} }} " if machine.name_servers else ""
    for container in asking_for_names(ways):
        yield f'iifname "{bridge(container)}" {whom}meta l4proto {{ tcp, udp }} th dport {_NAMES} accept'
