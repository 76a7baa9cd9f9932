"""What a machine is told when it first starts, in cloud-init's forms: its address, who may enter it, where Docker's data lies.

Formats: https://cloudinit.readthedocs.io (user-data as cloud-config, network configuration version 2). JSON is YAML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_interface

_DATA = "/var/lib/docker"
_DATA_UNIT = "var-lib-docker.mount"
_DATA_OPTIONS = "x-systemd.makefs,x-systemd.growfs,x-systemd.required-by=docker.service,x-systemd.before=docker.service"
"""systemd formats the disk only where it finds nothing at all on it, checks it, makes the file system as large as the disk,
and starts Docker after all that and not without it (systemd.mount(5)). cloud-init's own `fs_setup` would format whatever
has another label."""

_SSHD = """\
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
HostKey /etc/ssh/ssh_host_ed25519_key
MaxStartups 64:30:128
"""
"""Pulumi's plugin for Docker opens a connection for every request: sshd would refuse the eleventh."""

_UPGRADES = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n'


@dataclass(frozen=True)
class Machine:
    """What a machine is told.

    The address has its prefix (`10.0.0.2/24`), keys are of type ed25519: the user's public one, and both of the host, the
    private one in OpenSSH's own form. Docker's settings are those of daemon.json; its data lies on `data_device`. Packages
    are installed when the machine first starts.
    """

    name: str
    address: str
    gateway: str
    user: str
    authorized_key: str
    host_private_key: str
    host_public_key: str
    name_servers: Sequence[str] = ()
    packages: Sequence[str] = ()
    docker: Mapping[str, object] = field(default_factory=dict)
    data_device: str = "/dev/vdb"


def user_data(machine: Machine) -> str:
    """Write the machine's cloud-config. There is a private key in it: it is a secret."""
    settings: dict[str, object] = {
        "hostname": machine.name,
        "disable_root": True,
        "ssh_pwauth": False,
        "ssh_deletekeys": True,
        "ssh_keys": {"ed25519_private": machine.host_private_key, "ed25519_public": machine.host_public_key},
        "users": [
            {
                "name": machine.user,
                "groups": ["docker"],
                "sudo": "ALL=(ALL) NOPASSWD:ALL",  # who is in Docker's group can do all that anyway
                "shell": "/bin/bash",
                "lock_passwd": True,
                "ssh_authorized_keys": [machine.authorized_key],
            }
        ],
        "write_files": [
            {"path": "/etc/docker/daemon.json", "content": json.dumps(machine.docker, indent=2) + "\n"},
            {"path": "/etc/ssh/sshd_config.d/00-plat.conf", "content": _SSHD},
            {"path": "/etc/apt/apt.conf.d/20auto-upgrades", "content": _UPGRADES},
        ],
        "bootcmd": _mount(machine.data_device),
    }
    if machine.packages:
        settings |= {"package_update": True, "packages": list(machine.packages)}
    return f"#cloud-config\n{json.dumps(settings, indent=2)}\n"


def meta_data(machine: Machine) -> str:
    """Write what makes cloud-init take the machine for a new one: another name."""
    return json.dumps({"instance-id": machine.name, "local-hostname": machine.name}) + "\n"


def network_config(machine: Machine) -> str:
    """Write the machine's address: a fixed one, on the device with the machine's MAC address.

    cloud-init understands neither a pattern of names nor a name of its own choice where systemd-networkd does the work.
    """
    device = {
        "match": {"macaddress": mac_address(machine)},
        "set-name": "eth0",
        "addresses": [machine.address],
        "routes": [{"to": "0.0.0.0/0", "via": machine.gateway}],
        "nameservers": {"addresses": list(machine.name_servers)},
    }
    return json.dumps({"version": 2, "ethernets": {"eth0": device}}) + "\n"


def mac_address(machine: Machine) -> str:
    """Give the MAC address that the machine's device must have: QEMU's prefix and the end of its address."""
    return "52:54:00:" + ":".join(f"{number:02x}" for number in ip_interface(machine.address).ip.packed[-3:])


def _mount(device: str) -> list[list[str]]:
    """Give the commands of each start that put Docker's data onto its disk, before anything that uses it is started.

    Without the disk there is no Docker, rather than one that writes to the disk that is replaced with the machine.
    """
    line = f"{device} {_DATA} ext4 {_DATA_OPTIONS} 0 2"
    return [
        ["sh", "-c", f"grep -q '^{device} ' /etc/fstab || echo '{line}' >> /etc/fstab"],
        ["systemctl", "daemon-reload"],
        ["sh", "-c", f"systemctl start {_DATA_UNIT} || systemctl mask --runtime --now docker.service docker.socket"],
    ]
