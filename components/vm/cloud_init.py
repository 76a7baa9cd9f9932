"""What a machine is told as it starts for the first time, as cloud-init takes it (https://docs.cloud-init.io)."""

from __future__ import annotations

import json
from typing import Any

import yaml

from plat.plan.model import Hypervisor, Machine

IMAGES = "/var/lib/plat/images"
"""Where a base image may bring images of containers along, for where none can be fetched."""

_DATA = "/var/lib/docker"
_DISK = "/dev/vdb"
_LABEL = "plat-data"


def user_data(machine: Machine, entry: str, host_public: str, host_private: str) -> str:
    """The document for `machine`, entered by whoever has the key to `entry`; it answers with the host key that is given."""
    written = {
        "/etc/docker/daemon.json": json.dumps(_DOCKER, indent=2, sort_keys=True) + "\n",
        "/etc/apt/apt.conf.d/52plat-upgrades": _UPGRADES,
        "/etc/ssh/sshd_config.d/10-plat.conf": _SSHD,
    }
    document: dict[str, Any] = {
        "hostname": machine.name[:63],
        "ssh_pwauth": False,
        "disable_root": True,
        "ssh_deletekeys": True,
        "ssh_keys": {"ed25519_private": host_private, "ed25519_public": host_public},
        "users": [
            {
                "name": machine.user,
                "groups": ["docker"],
                "sudo": "ALL=(ALL) NOPASSWD:ALL",
                "shell": "/bin/bash",
                "lock_passwd": True,
                "ssh_authorized_keys": [entry],
            }
        ],
        "write_files": [{"path": path, "content": text, "permissions": "0644"} for path, text in sorted(written.items())],
        "runcmd": [["/bin/sh", "-c", _FIRST]],
    }
    return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=True, width=1000)


def network_config(machine: Machine, hypervisor: Hypervisor) -> str:
    """The address of `machine`, which does not change."""
    ethernet = {
        "match": {"name": "e*"},
        "addresses": [f"{machine.address}/{hypervisor.prefix}"],
        "gateway4": hypervisor.gateway,
        "nameservers": {"addresses": list(machine.name_servers)},
    }
    return yaml.safe_dump({"version": 2, "ethernets": {"first": ethernet}}, sort_keys=True)


def meta_data(machine: Machine) -> str:
    """Who `machine` is: another one of that name is another instance."""
    return yaml.safe_dump({"instance-id": machine.name, "local-hostname": machine.name[:63]}, sort_keys=True)


_DOCKER = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}, "live-restore": True}

_UPGRADES = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n'

_SSHD = "PasswordAuthentication no\nPermitRootLogin no\nKbdInteractiveAuthentication no\nX11Forwarding no\n"

_FIRST = f"""\
set -eu
systemctl stop docker.socket docker.service || true
blkid {_DISK} > /dev/null || mkfs.ext4 -q -L {_LABEL} {_DISK}
grep -q LABEL={_LABEL} /etc/fstab || echo 'LABEL={_LABEL} {_DATA} ext4 defaults,nofail 0 2' >> /etc/fstab
mkdir -p {_DATA}
mountpoint -q {_DATA} || mount {_DATA}
systemctl start docker.service
for archive in {IMAGES}/*.tar; do
    [ ! -e "$archive" ] || docker load --quiet --input "$archive"
done
"""
