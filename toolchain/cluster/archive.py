"""Images in the layout of the Open Container Initiative, as archives that `ctr images import` reads, and in Docker's.

In Docker's every layer has to be in the archive, in the other those may be left out that containerd already has. So a change
of the checkout's own source is a matter of kilobytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_CONFIG = "application/vnd.oci.image.config.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_NAME = "io.containerd.image.name"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Layer:
    """A layer: the tar of its files, and the SHA-256 of that."""

    tar: Path
    digest: str

    @property
    def size(self) -> int:
        """The tar's length in bytes."""
        return self.tar.stat().st_size


@dataclass(frozen=True)
class Image:
    """An image: its name, its layers from the lowest up, and how its programs are run by default."""

    name: str
    layers: tuple[Layer, ...]
    run: Mapping[str, object] = field(default_factory=dict)

    @property
    def config(self) -> bytes:
        """The document that says what the layers are for; the same image has the same whenever it is made."""
        document = {
            "architecture": _ARCHITECTURES.get(os.uname().machine, os.uname().machine),
            "os": "linux",
            "config": self.run,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.digest}" for layer in self.layers]},
        }
        return _json(document)

    @property
    def manifest(self) -> bytes:
        """The document that names the other and the layers."""
        layers = [_described(_LAYER, layer.digest, layer.size) for layer in self.layers]
        return _json({"schemaVersion": 2, "mediaType": _MANIFEST, "config": _blob(_CONFIG, self.config), "layers": layers})

    @property
    def digest(self) -> str:
        """What containerd calls it besides its name."""
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"


def write_archive(out: IO[bytes], images: Iterable[Image], present: Collection[str] = ()) -> None:
    """Write the images, without those layers whose digests are named as present where the archive is read."""
    index = []
    written = set(present)
    with tarfile.open(fileobj=out, mode="w|") as archive:
        _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        for image in images:
            for layer in image.layers:
                if layer.digest not in written:
                    archive.add(layer.tar, f"blobs/sha256/{layer.digest}", filter=_plain)
                    written.add(layer.digest)
            for document in (image.config, image.manifest):
                _add(archive, f"blobs/sha256/{hashlib.sha256(document).hexdigest()}", document)
            index.append({**_blob(_MANIFEST, image.manifest), "annotations": {_NAME: image.name}})
        _add(archive, "index.json", _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": index}))


def write_docker_archive(out: IO[bytes], image: Image, names: Iterable[str]) -> None:
    """Write one image under several names for `docker load`, which follows the paths that manifest.json has."""
    config = f"{hashlib.sha256(image.config).hexdigest()}.json"
    layers = [f"{layer.digest}.tar" for layer in image.layers]
    with tarfile.open(fileobj=out, mode="w|") as archive:
        for layer, name in dict(zip(image.layers, layers, strict=True)).items():
            archive.add(layer.tar, name, filter=_plain)
        _add(archive, config, image.config)
        _add(archive, "manifest.json", _json([{"Config": config, "RepoTags": list(names), "Layers": layers}]))


def pack(trees: Mapping[str, Path], tar: Path) -> None:
    """Write folders and files as a layer, each below the path in the image that it is named by.

    Everything belongs to root and can be read by all, programs be run by all; no time is kept, so that the same files make the
    same layer.
    """
    parents: set[str] = set()
    with tarfile.open(tar, "w") as archive:
        for place, tree in sorted(trees.items()):
            for parent in reversed(Path(place).parents[:-1]):
                if f"{parent}" not in parents:
                    parents.add(f"{parent}")
                    folder = tarfile.TarInfo(f"{parent}")
                    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(folder)
            archive.add(tree, place, filter=_for_all)


def digest_of(tar: Path) -> str:
    """Give the SHA-256 of a file."""
    with tar.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _for_all(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry = _plain(entry)
    runnable = entry.isdir() or entry.mode & 0o111
    entry.mode = 0o755 if runnable else 0o644
    return entry


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = 0
    return entry


def _blob(kind: str, content: bytes) -> dict[str, object]:
    return _described(kind, hashlib.sha256(content).hexdigest(), len(content))


def _described(kind: str, digest: str, size: int) -> dict[str, object]:
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size}


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
