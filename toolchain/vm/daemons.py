"""How libvirt's daemons are told what they have to know: by files that are written for them, and by their commands."""

from __future__ import annotations

from toolchain.sandbox.processes import Daemon
from toolchain.site import write_whole
from toolchain.vm.places import BRIDGE, BRIDGE_ADDRESS, BRIDGE_PREFIX, HOST_ADDRESS, INNER_LINK, NETWORK, POOL, Places

VIRTLOGD, LIBVIRTD = "virtlogd", "libvirtd"

COVERED = ("/etc/libvirt", "/run/libvirt", "/var/cache/libvirt", "/var/lib/libvirt", "/var/log/libvirt")
"""What libvirt reads and writes whatever it is told: a hypervisor of the machine's own may use these folders too."""

HIDDEN = ("/dev/kvm",)
"""Machines are emulated in software: a machine in a machine may have a KVM that opens, and in which everything hangs. That
holds for libvirt's question what QEMU can do as well, which it then asks anew before each step, a minute long."""

FURNISHED = ("/var/lib/libvirt/dnsmasq", "/var/log/libvirt/qemu")
"""Folders below those that come with a package, and are not made anew."""


def daemons(places: Places) -> list[Daemon]:
    """Give the daemons in the order of their start, and write the files that they read."""
    places.settings.mkdir(parents=True, exist_ok=True)
    found = []
    for name, text in ((VIRTLOGD, ""), (LIBVIRTD, libvirtd_settings(places))):
        file = places.settings / f"{name}.conf"
        write_whole(file, text)
        command = (name, "--config", f"{file}", "--pid-file", f"{places.run / name}.process")
        found.append(Daemon(name, command, mounts=True, reads=[text.encode(), qemu_settings().encode()]))
    return found


def libvirtd_settings(places: Places) -> str:
    """Write libvirtd.conf: it listens for root alone, where it can be reached from outside of its namespaces."""
    settings = {
        "unix_sock_dir": f"{places.run}",
        "unix_sock_group": "root",
        "unix_sock_rw_perms": "0700",
        "auth_unix_ro": "none",
        "auth_unix_rw": "none",
    }
    return "".join(f'{name} = "{value}"\n' for name, value in settings.items())


def qemu_settings() -> str:
    """Write qemu.conf: machines run where the daemons are, so that they are found when those end, and in no groups."""
    return """\
security_driver = "none"
namespaces = []
cgroup_controllers = []
remember_owner = 0
"""


def network() -> str:
    """Write the network of the machines in libvirt's form: a bridge, and no rules, names or leases from libvirt."""
    return f"""\
<network>
  <name>{NETWORK}</name>
  <forward mode='open'/>
  <bridge name='{BRIDGE}' stp='off' delay='0'/>
  <dns enable='no'/>
  <ip address='{BRIDGE_ADDRESS}' prefix='{BRIDGE_PREFIX}'/>
</network>
"""


def pool(places: Places) -> str:
    """Write the pool of the volumes in libvirt's form."""
    return f"<pool type='dir'><name>{POOL}</name><target><path>{places.pool}</path></target></pool>\n"


def rules() -> str:
    """Write the firewall in nftables' form: machines reach each other and this machine's end of the link, nothing else."""
    return f"""\
table inet plat {{
  chain forward {{
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "{BRIDGE}" oifname "{BRIDGE}" accept
    iifname "{BRIDGE}" oifname "{INNER_LINK}" ip daddr {HOST_ADDRESS} accept
    iifname "{INNER_LINK}" oifname "{BRIDGE}" ip saddr {HOST_ADDRESS} accept
  }}
}}
"""
