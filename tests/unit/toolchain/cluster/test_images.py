from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from toolchain.cluster.archive import Image, Layer, digest_of, pack, write_archive
from toolchain.cluster.errors import UnusableNameError
from toolchain.cluster.images import full_name
from toolchain.commands import Runner
from toolchain.errors import WrongSourcesError
from toolchain.sources import debian_sources, source_lines, wanted_settings


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "bin" / "run").chmod(0o700)
    (folder / "private").write_text("text", encoding="utf-8")
    (folder / "private").chmod(0o600)
    return folder


def layer_of(tree: Path, place: str = "opt/plat/source") -> Layer:
    tar = tree.parent / f"{place.replace('/', '-')}.tar"
    pack({place: tree}, tar)
    return Layer(tar, digest_of(tar))


def blobs_of(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry))}


def archive_of(*images: Image, present: tuple[str, ...] = ()) -> dict[str, bytes]:
    out = io.BytesIO()
    write_archive(out, images, present)
    return blobs_of(out.getvalue())


def test_every_user_can_read_a_layers_files_and_run_its_programs(tree: Path) -> None:
    with tarfile.open(layer_of(tree).tar) as tar:
        modes = {entry.name: (entry.mode, entry.uid, entry.gid) for entry in tar}
    assert modes == {
        "opt": (0o755, 0, 0),
        "opt/plat": (0o755, 0, 0),
        "opt/plat/source": (0o755, 0, 0),
        "opt/plat/source/bin": (0o755, 0, 0),
        "opt/plat/source/bin/run": (0o755, 0, 0),
        "opt/plat/source/private": (0o644, 0, 0),
    }


def test_the_same_files_make_the_same_layer_whenever_they_were_written(tree: Path) -> None:
    before = layer_of(tree).digest
    os.utime(tree / "private", (1, 1))
    assert layer_of(tree).digest == before


def test_an_archive_names_its_images_and_every_blob_by_its_content(tree: Path) -> None:
    image = Image("registry.example/a:1", (layer_of(tree),), {"Env": ["A=b"]})
    blobs = archive_of(image)
    assert json.loads(blobs["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    (listed,) = json.loads(blobs["index.json"])["manifests"]
    assert listed["annotations"] == {"io.containerd.image.name": "registry.example/a:1"}
    assert listed["digest"] == image.digest
    for name, content in blobs.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"


def test_the_manifest_leads_to_the_configuration_and_to_the_layers_from_the_lowest_up(tree: Path) -> None:
    layers = (layer_of(tree, "opt/a"), layer_of(tree, "opt/b"))
    blobs = archive_of(Image("a:1", layers, {"Env": ["A=b"]}))

    def blob(digest: str) -> bytes:
        return blobs[f"blobs/{digest.replace(':', '/')}"]

    (listed,) = json.loads(blobs["index.json"])["manifests"]
    manifest = json.loads(blob(listed["digest"]))
    config = json.loads(blob(manifest["config"]["digest"]))
    digests = [f"sha256:{layer.digest}" for layer in layers]
    assert [each["digest"] for each in manifest["layers"]] == digests
    assert [each["size"] for each in manifest["layers"]] == [len(blob(digest)) for digest in digests]
    assert config["rootfs"] == {"type": "layers", "diff_ids": digests}
    assert config["config"] == {"Env": ["A=b"]}


def test_a_layer_that_is_there_already_is_left_out_and_one_of_two_images_is_written_once(tree: Path) -> None:
    below, above = layer_of(tree, "opt/a"), layer_of(tree, "opt/b")
    out = io.BytesIO()
    write_archive(out, [Image("a:1", (below, above)), Image("b:1", (above,))], [below.digest])
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        names = tar.getnames()
    assert f"blobs/sha256/{below.digest}" not in names
    assert names.count(f"blobs/sha256/{above.digest}") == 1


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("registry.example/orders/order-processing:1.4.2", "registry.example/orders/order-processing:1.4.2"),
        ("registry.example:5000/orders", "registry.example:5000/orders:latest"),
        ("localhost/orders:1", "localhost/orders:1"),
        ("team/orders:1", "docker.io/team/orders:1"),
        ("orders", "docker.io/library/orders:latest"),
        ("orders:1.4", "docker.io/library/orders:1.4"),
    ],
)
def test_a_name_is_written_out_as_the_kubelet_looks_it_up(name: str, full: str) -> None:
    assert full_name(name) == full


@pytest.mark.parametrize("name", ["", "Orders:1", "orders:", "a//b", "orders@sha256:0", "orders 1", "--force"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UnusableNameError):
        full_name(name)


TARGETS = [
    "http://mirror.example/debian/ bookworm main",
    "http://mirror.example/debian/ bookworm-updates main",
    "http://mirror.example/debian/ bookworm main",
    "http://mirror.example/debian-security/ bookworm-security main",
    "http://other.example/ trixie main",
    "http://other.example/flat/ ./",
]


def test_apts_sources_become_lines_of_a_list_each_once_and_of_one_suite() -> None:
    signed = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example"
    assert source_lines(TARGETS) == [
        f"{signed}/debian/ bookworm main",
        f"{signed}/debian/ bookworm-updates main",
        f"{signed}/debian-security/ bookworm-security main",
    ]


def apt_that_says(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "apt-get").write_text(f"#!/bin/sh\necho '{text}'\n", encoding="utf-8")
    (folder / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_machine_whose_apt_has_another_debian_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apt_that_says(tmp_path, "http://mirror.example/debian/ trixie main", monkeypatch)
    with pytest.raises(WrongSourcesError, match="no source of Debian's bookworm"):
        debian_sources(Runner("layer", tmp_path / "log"))


def test_of_apts_settings_those_are_taken_that_say_how_to_fetch() -> None:
    dump = [
        'Acquire::Check-Valid-Until "false";',
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::Retries "3";',
        'Acquire::Languages "none";',
        'DPkg::Post-Invoke:: "rm something";',
    ]
    assert wanted_settings(dump) == dump[:3]
