"""A machine with two disks and a container on it, by the plain resources of the plugins."""

from __future__ import annotations

import json
import os
from typing import Any

import pulumi

told: dict[str, Any] = json.loads(os.environ["TEST_MACHINE"])
POOL = "plat"
GIGABYTE = 1 << 30


def provider(package: str, settings: dict[str, Any]) -> pulumi.ProviderResource:
    """A provider of the package."""
    return pulumi.ProviderResource(package, package, settings)


libvirt = provider("libvirt", {"uri": told["uri"]})


def made(kind: str, name: str, body: dict[str, Any]) -> pulumi.CustomResource:
    """A resource of libvirt, which exists once: it is removed before another takes its place."""
    token = f"libvirt:index/{kind[0].lower()}{kind[1:]}:{kind}"
    # The provider cannot give a machine other disks.
    other = ["disks", "cloudinit"] if kind == "Domain" else None
    opts = pulumi.ResourceOptions(provider=libvirt, delete_before_replace=True, replace_on_changes=other)
    return pulumi.CustomResource(token, name, {"name": f"{told['prefix']}-{name}", **body}, opts=opts)


def volume(name: str, body: dict[str, Any]) -> pulumi.CustomResource:
    """A volume of the pool."""
    return made("Volume", name, {"pool": POOL, "format": "qcow2", **body})


generation = told["generation"]
system = volume("system", {"source": f"{told['disks']}/base.qcow2"})
images = volume("images", {"source": f"{told['disks']}/data.qcow2"})
root = volume("root", {"name": f"{told['prefix']}-root-{generation}", "baseVolumeId": system.id, "size": 8 * GIGABYTE})
data = volume("data", {"baseVolumeId": images.id, "size": 10 * GIGABYTE})
seed = made(
    "CloudInitDisk",
    "seed",
    {
        "name": f"{told['prefix']}-seed-{generation}.iso",
        "pool": POOL,
        "userData": pulumi.Output.secret(told["user_data"]),
        "metaData": told["meta_data"],
        "networkConfig": told["network_config"],
    },
)
domain = made(
    "Domain",
    "machine",
    {
        "type": "qemu",
        "memory": 1536,
        "vcpu": 2,
        "cpu": {"mode": "maximum"},
        "cloudinit": seed.id,
        "disks": [{"volumeId": root.id}, {"volumeId": data.id}],
        "networkInterfaces": [{"networkName": "plat", "mac": told["mac"]}],
        "consoles": [{"type": "pty", "targetPort": "0", "targetType": "serial"}],
    },
)
docker = provider("docker", {"host": told["host"], "sshOpts": told["ssh"]})
after = pulumi.ResourceOptions(provider=docker, depends_on=[domain])
kept = pulumi.CustomResource("docker:index/volume:Volume", "kept", {"name": "kept"}, opts=after)
pulumi.CustomResource(
    "docker:index/container:Container",
    "writer",
    {
        "name": "writer",
        "image": told["image"],
        "command": ["sh", "-c", "[ -f /kept/first ] || hostname > /kept/first; exec sleep infinity"],
        "restart": "unless-stopped",
        "volumes": [{"volumeName": kept.id, "containerPath": "/kept"}],
    },
    opts=after,
)
