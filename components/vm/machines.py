"""A machine: made by a hypervisor with a disk for data that outlives it, or there already; reachable, and fenced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.vm import cloud_init
from components.vm.containers import KNOWN_USERS
from components.vm.declared import Declared, From, KeyFile, Provider, Woven
from components.vm.site import MACHINE, Site
from plat import names
from plat.kubernetes.pods import USER
from plat.machines.firewall import ruleset
from plat.plan.model import Fleet, Hypervisor, Machine, Plan

KNOWN = f"root:x:0:0::/root:/usr/sbin/nologin\nplat:x:{USER}:{USER}::/:/usr/sbin/nologin\n"
"""Who is known in containers, as /etc/passwd has it."""

_SYSTEM_DISK = 8 * 1024**3  # bytes, which its file takes only as they are written
_MEBIBYTE = 1024**2
_SECONDS = 900  # for a first start, on a processor that is emulated too


def of_machine(plan: Plan, fleet: Fleet, machine: Machine) -> tuple[Site, Sequence[Declared]]:
    """Everything of `machine` itself, and the place that it then is."""
    unit = _unit(plan, machine)
    made: list[Declared] = []
    if machine.hypervisor:
        keys = {purpose: _key(machine, unit, purpose) for purpose in ("entry", "host")}
        host_key, private_key = From(keys["host"], "publicKey"), From(keys["entry"], "privateKey")
        made += [*keys.values(), *_domain(plan, machine, machine.hypervisor, unit, keys)]
    known: Mapping[str, Any] = {
        "address": machine.address,
        "port": machine.port,
        "user": machine.user,
        "hostKey": host_key if machine.hypervisor else machine.host_key,
        "privateKey": private_key if machine.hypervisor else KeyFile(machine.key or ""),
    }
    reachable = Declared(
        f"{MACHINE}:Reachable",
        machine.name,
        machine.name,
        unit,
        {**known, "docker": True, "cloudInit": machine.hypervisor is not None, "files": {KNOWN_USERS: KNOWN}},
        after=tuple(made),
        seconds=_SECONDS,
        outputs=("host",),
    )
    firewall = Declared(
        f"{MACHINE}:Firewall",
        machine.name,
        machine.name,
        unit,
        {**known, "ruleset": ruleset(plan, machine)},
        after=(reachable,),
    )
    docker = Provider("docker", machine.name, {"host": From(reachable, "host")}, after=(reachable,))
    return Site(plan, fleet, machine, known, docker, (firewall,)), [*made, reachable, firewall]


def _unit(plan: Plan, machine: Machine) -> str | None:
    """The context whose machine it is alone."""
    (first, *others) = machine.units
    return first if machine.dedicated and not others and first in plan.teams else None


def _key(machine: Machine, unit: str | None, purpose: str) -> Declared:
    name = f"{machine.name}--{purpose}"
    inputs = {"comment": f"{purpose} of {machine.name}"}
    return Declared(f"{MACHINE}:SshKey", name, machine.name, unit, inputs, outputs=("publicKey", "privateKey"))


def _domain(
    plan: Plan, machine: Machine, hypervisor: Hypervisor, unit: str | None, keys: Mapping[str, Declared]
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
    sources = (From(keys["entry"], "publicKey"), From(keys["host"], "publicKey"), From(keys["host"], "privateKey"))
    told = Woven(sources, lambda values: cloud_init.user_data(machine, *values, files={KNOWN_USERS: KNOWN}))
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
