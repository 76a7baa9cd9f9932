"""A machine: made by a hypervisor with a disk for data that outlives it, or there already; reachable, and fenced."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.vm import cloud_init
from components.vm.declared import Declared, From, KeyFile, Provider, Woven
from components.vm.site import MACHINE, Site
from plat import names
from plat.machines.firewall import ruleset
from plat.machines.ssh import lent_at, options
from plat.plan.model import Fleet, Hypervisor, Machine, Plan

_SYSTEM_DISK = 8 * 1024**3  # bytes, which its file takes only as they are written
_MEBIBYTE = 1024**2
_SECONDS = 900  # for a first start, on a processor that is emulated too


def of_machine(plan: Plan, fleet: Fleet, machine: Machine) -> tuple[Site, Sequence[Declared]]:
    """Everything of `machine` itself, and the place that it then is."""
    unit = _unit(plan, machine)
    keys, made = _made(plan, machine, machine.hypervisor, unit) if machine.hypervisor else (_found(machine), [])
    known: Mapping[str, Any] = {
        "address": machine.address,
        "port": machine.port,
        "user": machine.user,
        "hostKey": keys.host,
        "privateKey": keys.private,
    }
    lending = Provider("machine", machine.name, {"lentKeys": [keys.private]})

    def put(kind: str, inputs: Mapping[str, Any], after: Iterable[Declared], **more: Any) -> Declared:  # noqa: ANN401
        own = {**known, **inputs}
        return Declared(f"{MACHINE}:{kind}", machine.name, machine.name, unit, own, lending, tuple(after), **more)

    awaited = {"docker": True, "cloudInit": machine.hypervisor is not None, "timeoutSeconds": _SECONDS}
    reachable = put("Reachable", awaited, made, seconds=_SECONDS + 60, outputs=("host",))
    firewall = put("Firewall", {"ruleset": ruleset(plan, machine)}, [reachable])
    host = From(reachable, "host")
    docker = Provider("docker", machine.name, {"host": host, "sshOpts": _ssh_options(keys)}, after=(reachable,))
    return Site(plan, fleet, machine, known, lending, docker, (firewall,)), [*made, reachable, firewall]


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a machine answers with, and what it is entered with."""

    host: From | str
    private: From | KeyFile
    public: From | KeyFile


def _ssh_options(keys: _Keys) -> Woven:
    """For Docker's provider, which takes lists as JSON."""
    host = keys.host
    if isinstance(host, str):
        return Woven((keys.public,), lambda known: json.dumps(options(host, lent_at(known[0]))))
    return Woven((keys.public, host), lambda known: json.dumps(options(known[1], lent_at(known[0]))))


def _found(machine: Machine) -> _Keys:
    """A host of an inventory: what it answers with is known, and the key for it lies in a file."""
    file = machine.key or ""
    return _Keys(machine.host_key or "", KeyFile(file), KeyFile(file, public=True))


def _made(plan: Plan, machine: Machine, hypervisor: Hypervisor, unit: str | None) -> tuple[_Keys, Sequence[Declared]]:
    entry, host = (_key(machine, unit, purpose) for purpose in ("entry", "host"))
    domain = _domain(plan, machine, hypervisor, unit, entry, host)
    keys = _Keys(From(host, "publicKey"), From(entry, "privateKey"), From(entry, "publicKey"))
    return keys, [entry, host, *domain]


def _unit(plan: Plan, machine: Machine) -> str | None:
    """The context whose machine it is alone."""
    (first, *others) = machine.units
    return first if machine.dedicated and not others and first in plan.teams else None


def _key(machine: Machine, unit: str | None, purpose: str) -> Declared:
    name = f"{machine.name}--{purpose}"
    inputs = {"comment": f"{purpose} of {machine.name}"}
    return Declared(f"{MACHINE}:SshKey", name, machine.name, unit, inputs, outputs=("publicKey", "privateKey"))


def _domain(  # noqa: PLR0913, PLR0917 - an argument for each thing that differs
    plan: Plan, machine: Machine, hypervisor: Hypervisor, unit: str | None, entry: Declared, host: Declared
) -> Iterator[Declared]:
    """A machine of libvirt's: a disk for its system, one for data, what it is told as it starts, and itself."""
    libvirt = Provider("libvirt", hypervisor.name, {"uri": hypervisor.uri})

    def put(kind: str, resource: str, inputs: Mapping[str, Any], **more: Any) -> Declared:  # noqa: ANN401 - as Declared
        return Declared(f"libvirt:index/{kind}", resource, machine.name, more.pop("unit", unit), inputs, libvirt, **more)

    pool = {"pool": hypervisor.pool}
    base_name = names.resource_name(plan.landscape, "base")
    # One for all machines of the hypervisor.
    source = {**pool, "name": base_name, "source": hypervisor.image, "format": "qcow2"}
    base = put("volume:Volume", f"{base_name}--{hypervisor.name}", source, unit=None)
    system = put(
        "volume:Volume",
        f"{machine.name}--system",
        {**pool, "name": f"{machine.name}--system", "baseVolumeId": From(base, "id"), "size": _SYSTEM_DISK, "format": "qcow2"},
    )
    data = put(
        "volume:Volume",
        f"{machine.name}--data",
        {**pool, "name": f"{machine.name}--data", "size": machine.disk * _MEBIBYTE, "format": "qcow2"},
        holds_data=True,
    )
    sources = (From(entry, "publicKey"), From(host, "publicKey"), From(host, "privateKey"))
    told = Woven(sources, lambda values: cloud_init.user_data(machine, *values))
    seed = put(
        "cloudInitDisk:CloudInitDisk",
        f"{machine.name}--seed",
        {
            **pool,
            "name": f"{machine.name}--seed.iso",
            "userData": told,
            "networkConfig": cloud_init.network_config(machine, hypervisor),
            "metaData": cloud_init.meta_data(machine),
        },
    )
    yield from (base, system, data, seed)
    yield put(
        "domain:Domain",
        machine.name,
        {
            "name": machine.name,
            "type": hypervisor.domain,
            "vcpu": machine.cpus,
            "memory": machine.memory,
            "autostart": True,
            "running": True,
            "cpu": {"mode": "host-passthrough"} if hypervisor.domain == "kvm" else {"mode": "maximum"},
            "cloudinit": From(seed, "id"),
            # The order is the machine's own: the first disk is its system's.
            "disks": [{"volumeId": From(system, "id")}, {"volumeId": From(data, "id")}],
            "networkInterfaces": [{"networkName": hypervisor.network, "hostname": machine.name[:63]}],
            "consoles": [{"type": "pty", "targetPort": "0", "targetType": "serial"}],
        },
    )
