from __future__ import annotations

import json
from dataclasses import replace

import yaml

from components.vm.cloud_init import Machine, meta_data, network_config, user_data

MACHINE = Machine(
    name="first",
    address="192.0.2.10/24",
    gateway="192.0.2.1",
    user="plat",
    authorized_key="ssh-ed25519 AAAA user",
    host_private_key="-----BEGIN OPENSSH PRIVATE KEY-----\nline: {'quoted': #1}\n-----END OPENSSH PRIVATE KEY-----\n",
    host_public_key="ssh-ed25519 AAAA host",
    docker={"log-driver": "local"},
)


def settings(machine: Machine = MACHINE) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(user_data(machine))
    return found


def files() -> dict[str, str]:
    written = settings()["write_files"]
    assert isinstance(written, list)
    return {file["path"]: file["content"] for file in written}


def test_cloud_init_knows_its_own_by_the_first_line() -> None:
    assert user_data(MACHINE).startswith("#cloud-config\n")


def test_keys_arrive_as_they_are() -> None:
    assert settings()["ssh_keys"] == {"ed25519_private": MACHINE.host_private_key, "ed25519_public": MACHINE.host_public_key}


def test_nobody_enters_by_a_password_or_as_root() -> None:
    found = settings()
    assert (found["disable_root"], found["ssh_pwauth"]) == (True, False)
    assert {"PermitRootLogin no", "PasswordAuthentication no"} <= set(
        files()["/etc/ssh/sshd_config.d/00-plat.conf"].splitlines()
    )


def test_docker_gets_its_settings_and_the_machine_its_upgrades() -> None:
    assert json.loads(files()["/etc/docker/daemon.json"]) == {"log-driver": "local"}
    assert 'APT::Periodic::Unattended-Upgrade "1";' in files()["/etc/apt/apt.conf.d/20auto-upgrades"]


def test_a_disk_is_formatted_by_systemd_alone_which_looks_first() -> None:
    text = user_data(MACHINE)
    assert "x-systemd.makefs" in text
    assert "fs_setup" not in text
    assert "mkfs" not in text


def test_packages_are_asked_for_only_where_there_are_some() -> None:
    assert "packages" not in settings()
    assert settings(replace(MACHINE, packages=["docker.io"]))["packages"] == ["docker.io"]


def test_a_machine_of_another_name_is_a_new_one() -> None:
    assert meta_data(MACHINE) != meta_data(replace(MACHINE, name="second"))


def test_the_address_is_fixed() -> None:
    (device,) = json.loads(network_config(replace(MACHINE, name_servers=["192.0.2.2"])))["ethernets"].values()
    assert device["addresses"] == ["192.0.2.10/24"]
    assert device["nameservers"] == {"addresses": ["192.0.2.2"]}
    assert "dhcp4" not in device
    assert device["match"] == {"macaddress": "52:54:00:00:02:0a"}
