"""What every container has in common: a network of its own, no rights, nowhere to write but where it must, and a limit.

What Docker does and does not by itself: https://docs.docker.com/engine/security/. The rules are those of our pods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from components.kubernetes.manifest import Hidden
from components.vm.declared import Declared, From
from components.vm.site import Site
from plat.kubernetes.pods import USER
from plat.machines.ways import bridge
from plat.plan.model import Server, Workload

WHO = f"{USER}:{USER}"
"""As whom every container runs: nobody that an image or a machine knows."""

_SCRATCH = "rw,nosuid,nodev,mode=1777,size=64m"
_SECONDS = 300  # for a start, on a processor that is emulated too
_TMP = "/tmp"  # noqa: S108 - a container's own

Mount = dict[str, Any]


def volume_at(volume: Declared, path: str, *, writable: bool = False) -> Mount:
    """A volume in a container."""
    return {"type": "volume", "source": From(volume, "name"), "target": path, "readOnly": not writable}


def image(site: Site, name: str, owner: Server | Workload, resource: str) -> Declared:
    """An image on a machine: fetched where it is not there, and left there."""
    return site.put("remoteImage:RemoteImage", resource, {"name": name, "keepLocally": True}, owner, outputs=("imageId",))


def network(site: Site, owner: Server | Workload) -> Declared:
    """The network that a container has for itself: the firewall knows it by its device."""
    options = {"com.docker.network.bridge.name": bridge(owner.name)}
    inputs = {"name": owner.name, "driver": "bridge", "options": options, "labels": site.labels(owner)}
    return site.put("network:Network", owner.name, inputs, owner, outputs=("name",))


def container(  # noqa: PLR0913 - an argument for each thing that differs
    site: Site,
    owner: Server | Workload,
    image: Declared,
    network: Declared,
    words: Sequence[str],
    *,
    memory: int,
    environment: Mapping[str, str | Hidden],
    asks: Sequence[str] | None,
    ports: Iterable[int],
    grace: int,
    mounts: Sequence[Mount] = (),
    after: Iterable[Declared] = (),
    labels: Mapping[str, str | Hidden] | None = None,
) -> Declared:
    """The container of a server or a workload, which runs `words`, may use `memory` MiB, and is there when `asks` succeeds."""
    told = [{"label": name, "value": value} for name, value in sorted((labels or {}).items())]
    inputs: dict[str, Any] = {
        "name": owner.name,
        "hostname": owner.name[:63],
        "image": From(image, "imageId"),
        "entrypoints": list(words),
        "user": WHO,
        "envs": [_variable(name, value) for name, value in sorted(environment.items())],
        "readOnly": True,
        "capabilities": {"drops": ["ALL"]},
        "securityOpts": ["no-new-privileges:true"],
        "init": True,
        "memory": memory,
        # Without it the provider never settles (docs of the provider); equal to `memory` it means: no swap.
        "memorySwap": memory,
        "cpus": "1.0",  # as the provider reads it back; in other words it would be made anew by every update
        "restart": "unless-stopped",
        "mustRun": True,
        "destroyGraceSeconds": grace,
        "tmpfs": {_TMP: _SCRATCH},
        "mounts": list(mounts),
        "networksAdvanced": [{"name": From(network, "name")}],
        "ports": [{"internal": port, "external": port, "ip": site.machine.address, "protocol": "tcp"} for port in ports],
        "logDriver": "json-file",
        "logOpts": {"max-size": "10m", "max-file": "3"},
        "labels": [*site.labels(owner), *told],
    }
    if asks:
        inputs |= {
            "healthcheck": {"tests": list(asks), "interval": "5s", "timeout": "10s", "retries": 12, "startPeriod": "2m0s"},
            "wait": True,
            "waitTimeout": _SECONDS,
        }
    return site.put("container:Container", owner.name, inputs, owner, after=after, seconds=_SECONDS + 60)


def _variable(name: str, value: str | Hidden) -> str | Hidden:
    if isinstance(value, str):
        return f"{name}={value}"
    return Hidden(value.refs, lambda values: f"{name}={value.render(values)}")
