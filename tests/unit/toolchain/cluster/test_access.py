from __future__ import annotations

import base64
import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.thorough import thorough
from toolchain.cluster.certificates import ACCOUNTS, ADMINISTRATOR, ALL, API_SERVER, AUTHORITY, KUBELET, make_certificates
from toolchain.cluster.places import KIND
from toolchain.commands import Runner
from toolchain.sandbox.errors import OwnedElsewhereError
from toolchain.sandbox.owner import claim, owner_in


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates") / "pki"
    make_certificates(folder, Runner("certificates", folder.parent / "log"))
    return folder


def told(pki: Path, name: str, *what: str) -> str:
    command = ["openssl", "x509", "-in", f"{pki / name}.crt", "-noout", *what]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@thorough
def test_every_certificate_is_signed_by_the_one_authority(pki: Path) -> None:
    for identity in ALL:
        command = ["openssl", "verify", "-CAfile", f"{pki / AUTHORITY}.crt", f"{pki / identity.file}.crt"]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@thorough
def test_a_certificate_says_who_one_is_and_in_which_group(pki: Path) -> None:
    assert told(pki, KUBELET.file, "-subject") == "subject=O = system:nodes, CN = system:node:plat-node\n"


@thorough
def test_the_api_server_answers_under_its_address_and_the_names_of_its_service(pki: Path) -> None:
    names = told(pki, API_SERVER.file, "-ext", "subjectAltName")
    assert {"DNS:kubernetes.default.svc.cluster.local", "IP Address:10.250.0.1", "IP Address:10.96.0.1"} <= {
        name.strip(" ,\n") for name in names.replace(",", "\n").splitlines()
    }


@thorough
def test_only_root_can_read_keys_and_kubeconfigs(pki: Path) -> None:
    assert stat.S_IMODE(pki.stat().st_mode) == 0o700
    secret = [*pki.glob("*.key"), *pki.glob("*.kubeconfig")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert len(secret) == len(ALL) + len(("authority", "accounts")) + len(list(pki.glob("*.kubeconfig")))


@thorough
def test_a_kubeconfig_is_complete_in_itself(pki: Path) -> None:
    document = json.loads((pki / f"{ADMINISTRATOR.file}.kubeconfig").read_text(encoding="utf-8"))
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    assert cluster["server"] == "https://10.250.0.1:16443"
    assert base64.b64decode(cluster["certificate-authority-data"]) == (pki / f"{AUTHORITY}.crt").read_bytes()
    assert base64.b64decode(user["client-certificate-data"]) == (pki / f"{ADMINISTRATOR.file}.crt").read_bytes()
    assert base64.b64decode(user["client-key-data"]) == (pki / f"{ADMINISTRATOR.file}.key").read_bytes()
    assert document["contexts"][0]["name"] == document["current-context"]


@thorough
def test_what_is_there_is_kept_and_what_is_missing_is_made_anew(pki: Path, tmp_path: Path) -> None:
    shutil.copytree(pki, tmp_path / "pki")
    before = {path.name: path.read_bytes() for path in (tmp_path / "pki").glob("*.crt")}
    (tmp_path / "pki" / f"{ADMINISTRATOR.file}.crt").unlink()
    make_certificates(tmp_path / "pki", Runner("certificates", tmp_path / "log"))
    after = {path.name: path.read_bytes() for path in (tmp_path / "pki").glob("*.crt")}
    assert {name for name in before if before[name] != after[name]} == {f"{ADMINISTRATOR.file}.crt"}


@thorough
def test_nothing_but_keys_certificates_and_kubeconfigs_is_left(pki: Path) -> None:
    assert {path.suffix for path in pki.iterdir()} == {".crt", ".key", ".kubeconfig", ".pub", ".srl"}
    assert (pki / f"{ACCOUNTS}.pub").read_text(encoding="utf-8").startswith("-----BEGIN PUBLIC KEY-----")


HERE, THERE = Path("/srv/here"), Path("/srv/there")


def test_a_cluster_is_whoevers_asks_first_and_stays_so(tmp_path: Path) -> None:
    file = tmp_path / "run" / "owner"
    assert owner_in(file) is None
    assert not claim(file, HERE, KIND, running=False)
    assert claim(file, HERE, KIND, running=True)
    assert owner_in(file) == HERE


def test_a_running_cluster_is_refused_to_another_checkout(tmp_path: Path) -> None:
    claim(tmp_path / "owner", HERE, KIND, running=False)
    with pytest.raises(OwnedElsewhereError) as refused:
        claim(tmp_path / "owner", THERE, KIND, running=True)
    assert str(refused.value) == (
        "this machine's cluster belongs to /srv/here and runs: there is one on a machine. "
        "Stop it there (`make cluster-down` in /srv/here), or use another machine"
    )
    assert owner_in(tmp_path / "owner") == HERE


def test_what_another_checkout_has_left_without_running_is_taken_over(tmp_path: Path) -> None:
    claim(tmp_path / "owner", HERE, KIND, running=False)
    assert not claim(tmp_path / "owner", THERE, KIND, running=False)
    assert owner_in(tmp_path / "owner") == THERE
