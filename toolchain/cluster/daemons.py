"""How each daemon is told what it has to know: by its command, and by files that are written for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchain.cluster.certificates import (
    ACCOUNTS,
    API_SERVER,
    AUTHORITY,
    CONTROLLERS,
    FRONT_PROXY,
    KUBELET,
    KUBELET_CLIENT,
    POLICIES,
    PROXY,
    SCHEDULER,
    Identity,
)
from toolchain.cluster.images import PAUSE
from toolchain.cluster.packages import CNI_FOLDERS, cni_folder
from toolchain.cluster.places import API_ADDRESS, API_PORT, DNS_SERVICE, DOMAIN, NAME, NODE, NODE_PODS, PODS, SERVICES, Places
from toolchain.sandbox.processes import Daemon
from toolchain.site import write_whole

ETCD, APISERVER, CONTAINERD = "etcd", "kube-apiserver", "containerd"
CONTROLLER_MANAGER, KUBE_SCHEDULER = "kube-controller-manager", "kube-scheduler"

_QUICK = ("--kube-api-qps=200", "--kube-api-burst=400")  # the usual limits make a cluster's first second three
_MOST_PODS = 250


@dataclass(frozen=True)
class Programs:
    """The folders of what is built."""

    kubernetes: Path
    kube_router: Path


@dataclass(frozen=True)
class Listening:
    """Where the control plane listens: the API server on `address`, all others on loopback."""

    address: str = API_ADDRESS
    api: int = API_PORT
    etcd: int = 12379
    etcd_peers: int = 12380
    controllers: int = 10257
    scheduler: int = 10259


def daemons(places: Places, programs: Programs) -> list[Daemon]:
    """Give all daemons in the order of their start, and write the files that they read."""
    settings = write_settings(places)
    return [
        Daemon(
            CONTAINERD,
            ("containerd", "--config", f"{settings / 'containerd.toml'}"),
            mounts=True,
            variables={"TMPDIR": f"{places.run}"},
            reads=[(settings / "containerd.toml").read_bytes()],
        ),
        *control_plane(places, programs.kubernetes, Listening()),
        Daemon(
            "kubelet",
            (
                f"{programs.kubernetes / 'kubelet'}",
                f"--config={settings / 'kubelet.json'}",
                f"--kubeconfig={places.pki / KUBELET.file}.kubeconfig",
                f"--hostname-override={NODE}",
                f"--node-ip={API_ADDRESS}",
            ),
            mounts=True,
            reads=[(settings / "kubelet.json").read_bytes()],
        ),
        Daemon(
            "kube-proxy",
            (
                f"{programs.kubernetes / 'kube-proxy'}",
                f"--kubeconfig={places.pki / PROXY.file}.kubeconfig",
                "--proxy-mode=nftables",
                f"--cluster-cidr={PODS}",
                f"--hostname-override={NODE}",
                f"--bind-address={API_ADDRESS}",
                "--healthz-bind-address=127.0.0.1:10256",
                "--metrics-bind-address=127.0.0.1:10249",
                "--conntrack-max-per-core=0",  # nobody may set it in a network namespace
            ),
        ),
        Daemon(
            "kube-router",
            (
                f"{programs.kube_router / 'kube-router'}",
                "--run-firewall=true",
                "--run-router=false",
                "--run-service-proxy=false",
                "--run-loadbalancer=false",
                f"--kubeconfig={places.pki / POLICIES.file}.kubeconfig",
                f"--hostname-override={NODE}",
                f"--service-cluster-ip-range={SERVICES}",
                "--health-port=20244",
                "--metrics-port=0",
            ),
            variables={"NODE_NAME": NODE},
        ),
    ]


def control_plane(places: Places, kubernetes: Path, listening: Listening) -> list[Daemon]:
    """Give those that make an API server and its controllers, of the programs in `kubernetes`, in the order of their start."""
    return [
        _etcd(places, kubernetes, listening),
        _api_server(places, kubernetes, listening),
        _controllers(places, kubernetes, listening),
        Daemon(
            KUBE_SCHEDULER,
            (
                f"{kubernetes / KUBE_SCHEDULER}",
                *_as(places, SCHEDULER),
                "--bind-address=127.0.0.1",
                f"--secure-port={listening.scheduler}",
                "--leader-elect=false",
                *_QUICK,
            ),
        ),
    ]


def _etcd(places: Places, kubernetes: Path, listening: Listening) -> Daemon:
    clients, peers = (f"http://127.0.0.1:{port}" for port in (listening.etcd, listening.etcd_peers))
    return Daemon(
        ETCD,
        (
            f"{kubernetes / 'etcd'}",
            f"--name={NODE}",
            f"--data-dir={places.state / 'etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster={NODE}={peers}",
            "--unsafe-no-fsync",  # nothing here has to outlive the machine
            "--log-level=warn",
        ),
    )


def _api_server(places: Places, kubernetes: Path, listening: Listening) -> Daemon:
    pki = places.pki
    authority = f"{pki / AUTHORITY}.crt"
    return Daemon(
        APISERVER,
        (
            f"{kubernetes / 'kube-apiserver'}",
            f"--etcd-servers=http://127.0.0.1:{listening.etcd}",
            f"--bind-address={listening.address}",
            f"--advertise-address={API_ADDRESS}",
            f"--secure-port={listening.api}",
            f"--tls-cert-file={pki / API_SERVER.file}.crt",
            f"--tls-private-key-file={pki / API_SERVER.file}.key",
            f"--client-ca-file={authority}",
            f"--kubelet-client-certificate={pki / KUBELET_CLIENT.file}.crt",
            f"--kubelet-client-key={pki / KUBELET_CLIENT.file}.key",
            f"--kubelet-certificate-authority={authority}",
            "--kubelet-preferred-address-types=InternalIP",  # by its name the node is in no DNS
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki / ACCOUNTS}.pub",
            f"--service-account-signing-key-file={pki / ACCOUNTS}.key",
            f"--requestheader-client-ca-file={authority}",
            f"--requestheader-allowed-names={FRONT_PROXY.user}",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={pki / FRONT_PROXY.file}.crt",
            f"--proxy-client-key-file={pki / FRONT_PROXY.file}.key",
            "--enable-aggregator-routing=true",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--anonymous-auth=false",
            "--allow-privileged=true",
        ),
    )


def _controllers(places: Places, kubernetes: Path, listening: Listening) -> Daemon:
    pki = places.pki
    return Daemon(
        CONTROLLER_MANAGER,
        (
            f"{kubernetes / CONTROLLER_MANAGER}",
            *_as(places, CONTROLLERS),
            "--bind-address=127.0.0.1",
            f"--secure-port={listening.controllers}",
            f"--root-ca-file={pki / AUTHORITY}.crt",
            f"--service-account-private-key-file={pki / ACCOUNTS}.key",
            f"--cluster-signing-cert-file={pki / AUTHORITY}.crt",
            f"--cluster-signing-key-file={pki / AUTHORITY}.key",
            "--use-service-account-credentials=true",
            "--allocate-node-cidrs=true",
            f"--cluster-cidr={PODS}",
            f"--node-cidr-mask-size={NODE_PODS.partition('/')[2]}",
            f"--service-cluster-ip-range={SERVICES}",
            "--leader-elect=false",
            *_QUICK,
        ),
    )


def _as(places: Places, identity: Identity) -> tuple[str, ...]:
    """Say who a daemon is, to those whom it asks and to those who ask it."""
    path = f"{places.pki / identity.file}.kubeconfig"
    return f"--kubeconfig={path}", f"--authentication-kubeconfig={path}", f"--authorization-kubeconfig={path}"


def write_settings(places: Places) -> Path:
    """Write the files of containerd, the CNI plugins and the kubelet, and give their folder."""
    folder = places.state / "settings"
    for each in (folder / "cni", places.cache / "containerd"):
        each.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "containerd.toml", containerd_settings(places, folder))
    write_whole(folder / "cni" / "10-plat.conflist", _json(network_settings(places)))
    write_whole(folder / "resolv.conf", "nameserver 127.0.0.1\n")  # for those pods that ask the node's: there is none
    write_whole(folder / "kubelet.json", _json(kubelet_settings(places, folder)))
    return folder


def containerd_settings(places: Places, folder: Path) -> str:
    """Give containerd's settings; it sets no order of killing, which root may not do everywhere."""
    return f"""\
version = 2
root = "{places.cache / "containerd"}"
state = "{places.run / "containerd"}"

[grpc]
  address = "{places.containerd}"

[plugins."io.containerd.internal.v1.opt"]
  path = "{places.state / "opt"}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni_folder() or CNI_FOLDERS[0]}"
    conf_dir = "{folder / "cni"}"
"""


def network_settings(places: Places) -> Mapping[str, Any]:
    """Give what the CNI plugins are told: a bridge in the cluster's network namespace."""
    addresses = {
        "type": "host-local",
        "dataDir": f"{places.run / 'addresses'}",
        "ranges": [[{"subnet": NODE_PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": "pods0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,  # a pod may reach itself by its Service
        "ipam": addresses,
    }
    return {
        "cniVersion": "0.4.0",
        "name": NAME,
        "plugins": [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}],
    }


def kubelet_settings(places: Places, folder: Path) -> Mapping[str, Any]:
    """Give the kubelet's settings. Images are never collected: nobody could pull them again."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": API_ADDRESS,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{places.pki / AUTHORITY}.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{places.pki / KUBELET.file}.crt",
        "tlsPrivateKeyFile": f"{places.pki / KUBELET.file}.key",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{NAME}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "readOnlyPort": 0,
        "maxPods": _MOST_PODS,
        "containerRuntimeEndpoint": f"unix://{places.containerd}",
        "podLogsDir": f"{places.logs / 'pods'}",
        "volumePluginDir": f"{places.state / 'volume-plugins'}",
        "resolvConf": f"{folder / 'resolv.conf'}",
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": DOMAIN,
        "imageGCHighThresholdPercent": 100,
        "imageMinimumGCAge": "2400h",
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
    }


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
