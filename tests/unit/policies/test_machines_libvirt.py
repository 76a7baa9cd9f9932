"""What a hypervisor has: machines and disks just as planned, and no other way to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from policies.machines import DISK, DOMAIN, SEED
from policies.observed import UNKNOWN, Options
from tests.unit.policies.machines import CUSTOMS, PORT, Harbour, Inputs
from tests.unit.policies.resources import BREACH, NONE, OWNERSHIP, UNPROTECTED, UNREADABLE

DATA, SYSTEM = f"{CUSTOMS}--data", f"{CUSTOMS}--system"
NO_MACHINE = (UNREADABLE, "name")


def test_a_new_and_empty_disk_may_be_added(harbour: Harbour) -> None:
    assert harbour.found(harbour.by_hand(DISK, {"name": "by-hand", "pool": "default", "size": 1024})) == NONE


EVASIONS: dict[str, tuple[str, Inputs, list[tuple[str, str]], str]] = {
    "a machine that no descriptor asks for": (
        DOMAIN,
        {"name": "by-hand", "memory": 512},
        [NO_MACHINE],
        "no descriptor asks for this machine, so that nothing fences what is on it",
    ),
    "a machine with a planned machine's data": (
        DOMAIN,
        {"name": "by-hand", "disks": [{"volumeId": f"/pool/{DATA}"}]},
        [NO_MACHINE, (BREACH, "disks[0].volumeId"), (OWNERSHIP, "disks[0].volumeId")],
        f"it takes the disk `{DATA}` of the machine `{CUSTOMS}`",
    ),
    "a machine with a planned machine's data by its file": (
        DOMAIN,
        {"name": "by-hand", "disks": [{"file": f"/var/lib/libvirt/images/{DATA}"}]},
        [NO_MACHINE, (BREACH, "disks[0].file"), (OWNERSHIP, "disks[0].file")],
        f"it takes the disk `{DATA}`",
    ),
    "a machine whose disk is not known": (
        DOMAIN,
        {"name": "by-hand", "disks": [{"volumeId": UNKNOWN}]},
        [NO_MACHINE, (UNREADABLE, "disks[0].volumeId")],
        "it is not known before the update",
    ),
    "a machine with the hypervisor's files": (
        DOMAIN,
        {"name": "by-hand", "filesystems": [{"source": "/", "target": "x"}]},
        [NO_MACHINE, (BREACH, "filesystems")],
        "it reaches files of the hypervisor",
    ),
    "a machine that is rewritten": (
        DOMAIN,
        {"name": "by-hand", "xml": {"xslt": "<xsl:stylesheet/>"}},
        [NO_MACHINE, (BREACH, "xml")],
        "it rewrites what was judged",
    ),
    "a machine by another program": (
        DOMAIN,
        {"name": "by-hand", "emulator": "/tmp/x"},  # noqa: S108 - what is refused
        [NO_MACHINE, (BREACH, "emulator")],
        "by its own choice",
    ),
    "a machine in the hypervisor's network": (
        DOMAIN,
        {"name": "by-hand", "networkInterfaces": [{"bridge": "br0"}]},
        [NO_MACHINE, (BREACH, "networkInterfaces[0].bridge")],
        "it is in a network of the hypervisor itself",
    ),
    "a copy of a planned machine's data": (
        DISK,
        {"name": "copy", "pool": "default", "baseVolumeId": f"/pool/{DATA}"},
        [(BREACH, "baseVolumeId"), (BREACH, "baseVolumeId"), (OWNERSHIP, "baseVolumeId")],
        f"it takes the disk `{DATA}`",
    ),
    "a copy of a planned machine's system, with its keys": (
        DISK,
        {"name": "copy", "pool": "default", "baseVolumeName": SYSTEM},
        [(BREACH, "baseVolumeName"), (BREACH, "baseVolumeName")],
        f"it takes the disk `{SYSTEM}`",
    ),
    "a copy of what is not known": (
        DISK,
        {"name": "copy", "pool": "default", "baseVolumeId": UNKNOWN},
        [(UNREADABLE, "baseVolumeId")],
        "nobody can tell whose content it begins with",
    ),
    "a disk with content": (
        DISK,
        {"name": "by-hand", "pool": "default", "source": "/etc/shadow"},
        [(BREACH, "source")],
        "it begins with content that nobody declared",
    ),
    "a planned disk's name in another pool": (
        DISK,
        {"name": DATA, "pool": "other", "size": 1},
        [(BREACH, "name")],
        "is a disk of the plan's, in another place",
    ),
    "a folder of the hypervisor as disks": (
        "libvirt:index/pool:Pool",
        {"name": "by-hand", "type": "dir", "path": "/var/lib/libvirt/images"},
        [(BREACH, "")],
        "which may be other machines' disks",
    ),
    "a network of the hypervisor": (
        "libvirt:index/network:Network",
        {"name": "by-hand", "mode": "open"},
        [(BREACH, "")],
        "it changes who reaches whom on the hypervisor",
    ),
    "what a machine is told that is not planned": (
        SEED,
        {"name": "by-hand.iso", "pool": "default", "userData": "#cloud-config\n{}"},
        [NO_MACHINE],
        "no machine of the plan starts with it",
    ),
    "another way to tell it": (
        "libvirt:index/ignition:Ignition",
        {"name": "by-hand", "content": "{}"},
        [NO_MACHINE],
        "no machine of the plan starts with it",
    ),
    "and yet another": (
        "libvirt:index/combustion:Combustion",
        {"name": "by-hand", "content": "x"},
        [NO_MACHINE],
        "no machine of the plan starts with it",
    ),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_a_machines_fences_is_refused(harbour: Harbour, case: str) -> None:
    type_, inputs, found, message = EVASIONS[case]
    resource = harbour.by_hand(type_, inputs)

    assert harbour.found(resource) == sorted(found)
    assert message in harbour.messages(resource)


def test_what_a_machine_is_told_leads_nowhere_either(harbour: Harbour) -> None:
    port = harbour.port_of("customs--postgresql")
    told = harbour.by_hand(SEED, {"name": "x", "pool": "default", "userData": f"runcmd: [psql -p {port}]"})
    assert (OWNERSHIP, "userData") in harbour.found(told)


CHANGES: dict[str, tuple[str, str, Callable[[Inputs], object], str]] = {
    "another machine's data": (
        DOMAIN,
        PORT,
        lambda found: found["disks"][1].update(volumeId=f"/pool/{DATA}"),
        "disks[1].volumeId",
    ),
    "one disk more": (DOMAIN, PORT, lambda found: found["disks"].append({"volumeId": f"/pool/{DATA}"}), "disks"),
    "another start": (DOMAIN, PORT, lambda found: found.update(cloudinit=f"/pool/{CUSTOMS}--seed.iso"), "cloudinit"),
    "the hypervisor's files": (
        DOMAIN,
        PORT,
        lambda found: found.update(filesystems=[{"source": "/", "target": "x"}]),
        "filesystems",
    ),
    "a rewritten machine": (DOMAIN, PORT, lambda found: found.update(xml={"xslt": "x"}), "xml"),
    "a screen for everybody": (
        DOMAIN,
        PORT,
        lambda found: found.update(graphics={"type": "vnc", "listenType": "address"}),
        "graphics",
    ),
    "a console for everybody": (
        DOMAIN,
        PORT,
        lambda found: found["consoles"][0].update(sourceHost="0.0.0.0"),  # noqa: S104 - what is refused
        "consoles[0].sourceHost",
    ),
    "another network": (
        DOMAIN,
        PORT,
        lambda found: found["networkInterfaces"][0].update(networkName="other"),
        "networkInterfaces[0].networkName",
    ),
    "another image": (DISK, "harbour--base--hv1", lambda found: found.update(source="evil.qcow2"), "source"),
    "another base": (DISK, f"{PORT}--system", lambda found: found.update(baseVolumeId=f"/pool/{SYSTEM}"), "baseVolumeId"),
    "data that begin as another's": (
        DISK,
        f"{PORT}--data",
        lambda found: found.update(baseVolumeId=f"/pool/{DATA}"),
        "baseVolumeId",
    ),
    "another user at the start": (
        SEED,
        f"{PORT}--seed",
        lambda found: found.update(userData=found["userData"].replace('"name": "plat"', '"name": "evil"')),
        "userData",
    ),
    "one key more at the start": (
        SEED,
        f"{PORT}--seed",
        lambda found: found.update(
            userData=found["userData"].replace('"ssh_authorized_keys": [', '"ssh_authorized_keys": ["ssh-ed25519 AAAA",')
        ),
        "userData",
    ),
    "another start that is no document": (SEED, f"{PORT}--seed", lambda found: found.update(userData="#!/bin/sh"), "userData"),
    "another address": (SEED, f"{PORT}--seed", lambda found: found.update(networkConfig="version: 2"), "networkConfig"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_machine_is_just_as_planned(harbour: Harbour, case: str) -> None:
    type_, name, change, field = CHANGES[case]
    changed = harbour.changed(type_, name, change)

    assert harbour.found(changed) == [(BREACH, field)]
    assert "differs from it" in harbour.messages(changed)


def test_the_disk_for_data_is_protected(harbour: Harbour) -> None:
    disk = dataclasses.replace(harbour.planned(DISK, DATA), options=Options(protect=False))
    assert harbour.found(disk) == [(UNPROTECTED, "protect")]


def test_the_disk_of_another_machine_is_not_taken_over_by_an_alias(harbour: Harbour) -> None:
    alias = f"urn:pulumi:harbour.test::plat::{DISK}::{DATA}"
    disk = dataclasses.replace(harbour.planned(DISK, f"{PORT}--data"), options=Options(protect=True, aliases=(alias,)))

    assert harbour.found(disk) == [(BREACH, "aliases")]
    assert f"it takes over the state of `{DATA}`, which is customs's" in harbour.messages(disk)


def test_every_machine_passes_as_the_provider_completes_it(harbour: Harbour) -> None:
    def completed(found: Inputs) -> None:
        found.update(fwCfgName="opt/com.coreos/config")
        found["consoles"][0].update(sourceHost="127.0.0.1", sourceService="0")

    assert harbour.found(harbour.changed(DOMAIN, PORT, completed)) == NONE
