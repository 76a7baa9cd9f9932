"""Which files of a folder are read: regular ones inside of it, with names that mean the same everywhere."""

import os
import socket
from pathlib import Path

import pytest

from plat.descriptors import files
from plat.landscape import load_landscape
from tests.unit.descriptors.parcels import SHIPPING, Parcels, brief

ONLY = "only regular files inside of the landscape's folder are read"


def test_other_files_are_left_alone(parcels: Parcels) -> None:
    for name in (".hidden.yaml", ".#shipping.yaml", "shipping.yaml~", "#shipping.yaml#", ".git/config.yaml", "README.md"):
        parcels.write(name, "not: [yaml")
    for name in ("apis/shipping.openapi.yaml", "events/all.asyncapi.yaml", "events/parcel.schema.yaml", "events/a.json"):
        parcels.write(name, "openapi: 3.1.0\n? [a]\n: b\n")
    assert parcels.found() == []


def test_a_symbolic_link_is_refused(parcels: Parcels, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(SHIPPING)
    parcels.files.pop("shipping.yaml")
    parcels.load()
    (parcels.path / "shipping.yaml").symlink_to(outside)
    assert parcels.found() == ["shipping.yaml:1:1 not-a-regular-file"]


@pytest.mark.parametrize("target", ["..", "/", "nowhere", "pricing.yaml"])
def test_a_symbolic_link_without_suffix_is_refused(parcels: Parcels, target: str) -> None:
    parcels.load()
    (parcels.path / "more").symlink_to(target)
    assert parcels.found() == ["more:1:1 not-a-regular-file"]


def test_a_named_pipe_is_refused_and_not_waited_for(parcels: Parcels) -> None:
    parcels.load()
    os.mkfifo(parcels.path / "pipe.yaml")
    assert parcels.found() == ["pipe.yaml:1:1 not-a-regular-file"]


def test_a_socket_is_refused(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels.load()
    monkeypatch.chdir(parcels.path)  # the address of a socket has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.yaml")
        assert parcels.found() == ["socket.yaml:1:1 not-a-regular-file"]


def test_a_folder_called_like_a_descriptor_is_refused(parcels: Parcels) -> None:
    parcels.load()
    (parcels.path / "billing.yaml").mkdir()
    assert parcels.found() == ["billing.yaml:1:1 not-a-regular-file"]


def test_a_file_exchanged_for_a_link_or_a_pipe_meanwhile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe")
    results = [files.read_file(files.Found(tmp_path / name, name, name)) for name in ("link", "pipe", "gone")]
    assert [result if isinstance(result, bytes) else f"{result.rule}: {result.message}" for result in results] == [
        f"not-a-regular-file: this is a symbolic link: {ONLY}",
        f"not-a-regular-file: this is a named pipe: {ONLY}",
        "unreadable: this cannot be read: no such file or directory",
    ]


def test_files_that_differ_only_by_case_are_refused(parcels: Parcels) -> None:
    parcels.files["Shipping.yaml"] = parcels.files["tracking.yaml"]
    del parcels.files["tracking.yaml"]
    assert parcels.found() == ["shipping.yaml:1:1 file-name-case"]


def test_folders_that_differ_only_by_case_are_refused(parcels: Parcels) -> None:
    parcels.files["eu/shipping.yaml"] = parcels.files.pop("shipping.yaml")
    parcels.files["EU/tracking.yaml"] = parcels.files.pop("tracking.yaml")
    assert parcels.found() == ["eu:1:1 file-name-case"]


@pytest.mark.parametrize("name", ["shipping.yml", "shipping.YAML", "shipping.Yml"])
def test_another_suffix_is_refused(parcels: Parcels, name: str) -> None:
    parcels.files[name] = parcels.files.pop("shipping.yaml")
    (finding,) = parcels.load().findings
    assert (brief(finding), finding.hint) == (f"{name}:1:1 file-suffix", "rename it to `shipping.yaml`")


@pytest.mark.parametrize("name", ["a b.yaml", "ä.yaml", "a\n.yaml", "\x1b[31m.yaml", "-a.yaml", "a:b.yaml", "a\u202e.yaml"])
def test_a_name_that_a_terminal_or_another_system_reads_otherwise_is_refused(parcels: Parcels, name: str) -> None:
    parcels.files[name] = parcels.files.pop("shipping.yaml")
    (finding,) = parcels.load().findings
    assert finding.rule == "file-name"
    assert finding.render().isascii()
    assert "\x1b" not in finding.render()
    assert finding.render().count("\n") == 1


def test_a_folder_with_such_a_name_is_refused(parcels: Parcels) -> None:
    parcels.files["ä/shipping.yaml"] = parcels.files.pop("shipping.yaml")
    assert parcels.found() == ["\\xe4:1:1 file-name"]


def test_folders_are_read_three_levels_deep(parcels: Parcels) -> None:
    parcels.files["a/b/c/shipping.yaml"] = parcels.files.pop("shipping.yaml")
    parcels.files["a/b/c/d/tracking.yaml"] = parcels.files.pop("tracking.yaml")
    assert parcels.found() == [
        "a/b/c/d:1:1 folder-too-deep",
        "a/b/c/shipping.yaml:24:13 unknown-context consumes[tracking.ParcelDelivered].event",
        "monolith.yaml:6:9 unknown-context hosts[tracking]",
    ]


def test_more_files_than_the_cap_are_refused(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILE_LIMIT", 4)
    assert ":1:1 too-many-files" in parcels.found()[0]


def test_more_entries_than_the_cap_are_refused(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ENTRY_LIMIT", 4)
    assert "contexts/parcels:1:1 too-many-files" in parcels.found()


def test_a_file_that_may_not_be_read_is_refused(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid(monkeypatch, "shipping.yaml")
    (finding,) = parcels.load().findings
    assert finding.render() == (
        "contexts/parcels/shipping.yaml:1:1: error[unreadable]: this cannot be read: permission denied\n"
        "    check its permissions"
    )


def test_a_folder_that_may_not_be_read_is_refused(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels.files["eu/shipping.yaml"] = parcels.files.pop("shipping.yaml")
    parcels.load()
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "eu":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [brief(finding) for finding in load_landscape(parcels.path).findings] == ["eu:1:1 unreadable"]


def test_who_refers_to_a_file_that_is_not_read_is_not_to_blame(parcels: Parcels) -> None:
    parcels.files["pricing.yml"] = parcels.files.pop("pricing.yaml")
    assert parcels.found() == ["pricing.yml:1:1 file-suffix"]


@pytest.mark.parametrize("name", ["parcel", "nothing/at-all", "file"])
def test_a_landscape_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    result = load_landscape(tmp_path / name)
    assert (result.landscape, [finding.rule for finding in result.findings]) == (None, ["missing-landscape"])


def test_an_empty_folder_is_no_landscape(tmp_path: Path) -> None:
    result = load_landscape(tmp_path)
    assert (result.landscape, [finding.rule for finding in result.findings]) == (None, ["no-landscape-file"])


def test_a_link_to_the_landscapes_folder_is_followed_for_the_user_has_chosen_it(parcels: Parcels, tmp_path: Path) -> None:
    parcels.load()
    (tmp_path / "parcels").symlink_to(parcels.path)
    assert load_landscape(tmp_path / "parcels").ok


def _forbid(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the system refuse one file, which it would not do for root."""
    opened = os.open

    def refuse(path: Path, flags: int) -> int:
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refuse)
