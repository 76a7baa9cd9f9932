from __future__ import annotations

import ipaddress
import struct
from pathlib import Path

import pytest

from toolchain.commands import Runner
from toolchain.progress import Progress
from toolchain.sandbox.errors import NotRootError
from toolchain.site import Site
from toolchain.vm import disk
from toolchain.vm.build import Built, images_of
from toolchain.vm.control import Hypervisor
from toolchain.vm.daemons import daemons, libvirtd_settings, network, rules
from toolchain.vm.places import BRIDGE_ADDRESS, GATEWAY, HOST_ADDRESS, HOST_LINK, MACHINES, Places

CHECKOUT = Path(__file__).resolve().parents[4]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(Site(CHECKOUT, tmp_path / "cache", root=False), tmp_path / "state", tmp_path / "run")


def test_who_is_not_root_is_told_what_root_is_needed_for(places: Places) -> None:
    with pytest.raises(NotRootError, match="bringing it up needs root: the hypervisor is made of "):
        Hypervisor(places, Built(places)).up(Progress())


def test_a_hypervisor_of_another_checkout_is_left_alone_and_named(places: Places) -> None:
    places.run.mkdir()
    places.owner.write_text("/srv/there\n", encoding="utf-8")
    assert Hypervisor(places, Built(places)).down(Progress()) == Path("/srv/there")
    assert places.owner.exists()


def test_libvirt_listens_where_it_is_asked(places: Places) -> None:
    assert f'unix_sock_dir = "{places.run}"' in libvirtd_settings(places)
    assert places.uri.endswith(f"?socket={places.run}/libvirt-sock")


def test_daemons_that_read_something_else_are_started_anew(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [daemon.key for daemon in daemons(places)]
    monkeypatch.setattr("toolchain.vm.daemons.qemu_settings", lambda: "namespaces = []\n")
    assert [daemon.key for daemon in daemons(places)] != before


def test_addresses_do_not_overlap_and_the_links_name_is_short_enough() -> None:
    machines = ipaddress.ip_network(MACHINES)
    assert ipaddress.ip_address(BRIDGE_ADDRESS) in machines
    assert not {ipaddress.ip_address(HOST_ADDRESS), ipaddress.ip_address(GATEWAY)} & set(machines)
    assert len(HOST_LINK) <= len("IFNAMSIZ is 15.")


def test_what_is_not_said_to_reach_each_other_does_not() -> None:
    assert "policy drop" in rules()
    assert "<forward mode='open'/>" in network()
    assert "dhcp" not in network()


def test_every_image_of_a_descriptor_is_named_in_full_and_once(tmp_path: Path) -> None:
    folder = tmp_path / "contexts" / "shop"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(
        "deployables:\n  - name: a\n    image: registry.example/a:1  # the first\n  - {name: b}\n", encoding="utf-8"
    )
    (folder / "b.yaml").write_text('  - image: "shop/b:2"\n    image: registry.example/a:1\n', encoding="utf-8")
    assert images_of(tmp_path) == ["docker.io/shop/b:2", "registry.example/a:1"]


def test_the_loader_lies_in_front_of_the_one_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    boot, image = tmp_path / "boot.img", tmp_path / "disk"
    boot.write_bytes(b"B" * 512)
    image.write_bytes(bytes(2048))
    monkeypatch.setattr(disk, "BOOT_SECTOR", boot)

    def make(_: Runner, command: list[str]) -> list[str]:
        Path(command[command.index("-o") + 1]).write_bytes(b"core")
        return []

    monkeypatch.setattr(Runner, "run", make)
    disk._write_loader(image, Runner("disk", tmp_path / "log"))
    written = image.read_bytes()
    assert written[:440] == b"B" * 440
    active, _, kind, _, first, sectors = struct.unpack("<B3sB3sII", written[446:462])
    assert (active, kind, first, sectors) == (0x80, 0x83, 2048, disk._SIZE // 512 - 2048)
    assert written[510:516] == b"\x55\xaacore"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["boot.img", "disk"]
