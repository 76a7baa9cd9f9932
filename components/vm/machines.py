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
_PACKAGES = ("docker.io", "nftables", "unattended-upgrades")
_DOCKER = {"live-restore": True, "log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}
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
        return Woven((keys.public,), lambda known: _as_json(options(host, lent_at(known[0]))))
    return Woven((keys.public, host), lambda known: _as_json(options(known[1], lent_at(known[0]))))


def _as_json(words: Sequence[str]) -> str:
    # As the engine writes it again, so that the policy pack sees the same.
    return json.dumps(words, separators=(",", ":"))


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

    def disk(name: str, begins: Declared | None, size: int, *, holds_data: bool = False) -> Declared:
        own = {"pool": hypervisor.pool, "name": name, "size": size, "format": "qcow2"}
        own |= {"baseVolumeId": From(begins, "id")} if begins else {}
        return put("volume:Volume", name, own, holds_data=holds_data, outputs=("id",))

    def beginning(purpose: str, source: str, *, holds_data: bool = False) -> Declared:
        """What disks of all machines of the hypervisor begin with, and go on to need."""
        name = names.resource_name(plan.landscape, purpose)
        own = {"pool": hypervisor.pool, "name": name, "source": source, "format": "qcow2"}
        return put("volume:Volume", f"{name}--{hypervisor.name}", own, unit=None, holds_data=holds_data, outputs=("id",))

    base = beginning("base", hypervisor.image)
    system = disk(f"{machine.name}--system", base, _SYSTEM_DISK)
    data_base = beginning("data", hypervisor.data_image, holds_data=True) if hypervisor.data_image else None
    data = disk(f"{machine.name}--data", data_base, machine.disk * _MEBIBYTE, holds_data=True)

    def told(entry_key: str, host_public: str, host_private: str) -> cloud_init.Machine:
        return cloud_init.Machine(
            name=machine.name,
            address=f"{machine.address}/{hypervisor.prefix}",
            gateway=hypervisor.gateway,
            user=machine.user,
            authorized_key=entry_key,
            host_private_key=host_private,
            host_public_key=host_public,
            name_servers=machine.name_servers,
            # A disk that brings images along is for where nothing can be fetched.
            packages=() if hypervisor.data_image else _PACKAGES,
            docker=_DOCKER,
        )

    nobody = told("", "", "")
    sources = (From(entry, "publicKey"), From(host, "publicKey"), From(host, "privateKey"))
    seed = put(
        "cloudInitDisk:CloudInitDisk",
        f"{machine.name}--seed",
        {
            "pool": hypervisor.pool,
            "name": f"{machine.name}--seed.iso",
            "userData": Woven(sources, lambda keys: cloud_init.user_data(told(*keys))),
            "networkConfig": cloud_init.network_config(nobody),
            "metaData": cloud_init.meta_data(nobody),
        },
    )
    yield from (base, system, *((data_base,) if data_base else ()), data, seed)
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
            "networkInterfaces": [{"networkName": hypervisor.network, "mac": cloud_init.mac_address(nobody)}],
            "consoles": [{"type": "pty", "targetPort": "0", "targetType": "serial"}],
        },
        # The provider takes a change of these for done, and changes nothing.
        anew=("cloudinit", "disks", "networkInterfaces"),
    )
