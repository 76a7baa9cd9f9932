"""One authority, and a key with a certificate for everybody who talks to the API server or is talked to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toolchain.cluster.places import API_ADDRESS, API_SERVICE, DOMAIN, NAME, NODE, SERVER
from toolchain.commands import Runner
from toolchain.site import write_whole

_DAYS = "3650"
_MASTERS = "system:masters"


@dataclass(frozen=True)
class Identity:
    """Who somebody is to the API server, and the names and addresses that they answer under, if any."""

    file: str
    user: str
    group: str = ""
    answers_to: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The name in the form that openssl takes."""
        return f"{f'/O={self.group}' if self.group else ''}/CN={self.user}"

    @property
    def extensions(self) -> str:
        """What the certificate is for, in the form of openssl's configuration."""
        lines = ["basicConstraints=CA:FALSE", "keyUsage=digitalSignature", "extendedKeyUsage=serverAuth,clientAuth"]
        return "\n".join([*lines, *([f"subjectAltName={','.join(self.answers_to)}"] if self.answers_to else [])]) + "\n"


ADMINISTRATOR = Identity("admin", "plat-administrator", _MASTERS)
API_SERVER = Identity(
    "apiserver",
    "kube-apiserver",
    answers_to=(
        "DNS:localhost",
        "DNS:kubernetes",
        "DNS:kubernetes.default",
        "DNS:kubernetes.default.svc",
        f"DNS:kubernetes.default.svc.{DOMAIN}",
        "IP:127.0.0.1",
        f"IP:{API_SERVICE}",
        f"IP:{API_ADDRESS}",
    ),
)
KUBELET = Identity("node", f"system:node:{NODE}", "system:nodes", (f"DNS:{NODE}", "IP:127.0.0.1", f"IP:{API_ADDRESS}"))
KUBELET_CLIENT = Identity("kubelet-client", "kube-apiserver-kubelet-client", _MASTERS)
FRONT_PROXY = Identity("front-proxy", "front-proxy-client")
CONTROLLERS = Identity("controllers", "system:kube-controller-manager")
SCHEDULER = Identity("scheduler", "system:kube-scheduler")
PROXY = Identity("proxy", "system:kube-proxy")
POLICIES = Identity("policies", "kube-router", _MASTERS)

WITH_KUBECONFIG = (ADMINISTRATOR, CONTROLLERS, SCHEDULER, KUBELET, PROXY, POLICIES)
ALL = (*WITH_KUBECONFIG, API_SERVER, KUBELET_CLIENT, FRONT_PROXY)

AUTHORITY = "ca"
ACCOUNTS = "service-accounts"
"""The key that signs the tokens of service accounts."""


def make_certificates(folder: Path, runner: Runner, further: Iterable[Identity] = (), server: str = SERVER) -> None:
    """Make what is missing of keys, certificates and kubeconfigs for `server`; only who makes them can enter the folder.

    `further` identities get a key and a certificate and no kubeconfig.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    authority, accounts = folder / f"{AUTHORITY}.crt", folder / f"{ACCOUNTS}.pub"
    if not authority.exists():
        _make_authority(authority, runner)
    if not accounts.exists():
        key = _make_key(accounts.with_suffix(".key"), runner)
        runner.run(["openssl", "pkey", "-in", f"{key}", "-pubout", "-out", f"{accounts}"])
    for identity in (*ALL, *further):
        if not (folder / f"{identity.file}.crt").exists():
            _make_certificate(folder, identity, runner)
    for identity in WITH_KUBECONFIG:
        write_whole(folder / f"{identity.file}.kubeconfig", kubeconfig(folder, identity, server), mode=0o600)


def kubeconfig(folder: Path, identity: Identity, server: str = SERVER) -> str:
    """Give an identity's access to the API server, complete in itself. It is JSON, which is YAML too."""
    authority = encoded(folder / f"{AUTHORITY}.crt")
    own = {
        "client-certificate-data": encoded(folder / f"{identity.file}.crt"),
        "client-key-data": encoded(folder / f"{identity.file}.key"),
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": identity.user, "user": own}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": identity.user}}],
        "current-context": NAME,
    }
    return json.dumps(document, indent=2) + "\n"


def _make_authority(certificate: Path, runner: Runner) -> None:
    key = _make_key(certificate.with_suffix(".key"), runner)
    usage = "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"
    request = ["openssl", "req", "-x509", "-new", "-key", f"{key}", "-subj", f"/CN={NAME}", "-days", _DAYS]
    runner.run([*request, "-addext", usage, "-out", f"{certificate}"])


def _make_certificate(folder: Path, identity: Identity, runner: Runner) -> None:
    key = _make_key(folder / f"{identity.file}.key", runner)
    request, extensions = key.with_suffix(".csr"), key.with_suffix(".ext")
    runner.run(["openssl", "req", "-new", "-key", f"{key}", "-subj", identity.subject, "-out", f"{request}"])
    write_whole(extensions, identity.extensions)
    signer = ["-CA", f"{folder / AUTHORITY}.crt", "-CAkey", f"{folder / AUTHORITY}.key", "-CAcreateserial"]
    wanted = ["-days", _DAYS, "-extfile", f"{extensions}", "-out", f"{key.with_suffix('.crt')}"]
    runner.run(["openssl", "x509", "-req", "-in", f"{request}", *signer, *wanted])
    request.unlink()
    extensions.unlink()


def _make_key(path: Path, runner: Runner) -> Path:
    runner.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{path}"])
    path.chmod(0o600)
    return path


def encoded(path: Path) -> str:
    """Give a file's content as base64."""
    return base64.b64encode(path.read_bytes()).decode()
