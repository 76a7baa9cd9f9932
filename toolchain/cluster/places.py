"""Where the cluster is on this machine: folders, addresses and names. There is one cluster on a machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolchain.sandbox.kind import Kind
from toolchain.site import Site

NAME = "plat-cluster"
"""The network namespace, the control group, the CNI network and, in front of its number, the host's end of the link."""

KIND = Kind("cluster", "network namespaces, mounts and control groups", "make cluster-setup", "make cluster-down")

NODE = "plat-node"
DOMAIN = "cluster.local"

HOST_LINK = f"{NAME}0"
NODE_LINK = "up0"
HOST_ADDRESS = "10.249.0.1"
GATEWAY = "10.249.0.2"
LINK_PREFIX = 30

API_ADDRESS = "10.250.0.1"
"""The node's own address: pods must reach the API server, and no Service can point to 127.0.0.1."""

API_PORT = 16443
SERVICES = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
PODS = "10.244.0.0/16"
NODE_PODS = "10.244.0.0/23"  # 510 pods' addresses on the one node

SERVER = f"https://{API_ADDRESS}:{API_PORT}"


@dataclass(frozen=True)
class Places:
    """The cluster's folders: state that ends with it, what a reboot forgets, and what is worth keeping for the next."""

    site: Site
    state: Path = Path("/var/lib") / NAME
    run: Path = Path("/run") / NAME

    @property
    def cache(self) -> Path:
        """Images' layers and what containerd has unpacked of them: made once, used by every cluster."""
        return self.site.cache / "cluster"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's access, in the checkout that the cluster belongs to."""
        return self.site.local / "cluster" / "kubeconfig"

    @property
    def operators(self) -> Path:
        """The file that names the operators that the cluster has."""
        return self.state / "operators"

    @property
    def owner(self) -> Path:
        """The file that names the checkout."""
        return self.run / "owner"

    @property
    def logs(self) -> Path:
        """The daemons' output."""
        return self.state / "logs"

    @property
    def pki(self) -> Path:
        """Keys and certificates, for root alone."""
        return self.state / "pki"

    @property
    def volumes(self) -> Path:
        """A folder for every persistent volume."""
        return self.state / "volumes"

    @property
    def containerd(self) -> Path:
        """Where containerd listens."""
        return self.run / "containerd.sock"

    @property
    def ctr(self) -> tuple[str, ...]:
        """The beginning of every command to containerd."""
        return ("ctr", "--address", f"{self.containerd}", "--namespace", "k8s.io")
