"""The cluster's images: what they are made of, and how containerd gets them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from toolchain.cluster.archive import Image, write_archive
from toolchain.cluster.errors import UnusableNameError
from toolchain.cluster.layers import ROOT, DebianLayer, LayerPart, Libraries, files_layer, libraries_layer, source_layer
from toolchain.cluster.places import Places
from toolchain.cluster.programs import Program
from toolchain.commands import Runner
from toolchain.errors import CommandFailedError
from toolchain.ferretdb import FerretDB
from toolchain.kafka import Kafka
from toolchain.parts import key_of

BASE = "docker.io/plat/base:dev"
PAUSE = "registry.k8s.io/pause:3.10"
DNS = "registry.k8s.io/coredns/coredns"

_FOLDERS = (
    f"/{ROOT}/bin",
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/rabbitmq/bin",  # in front of /usr/sbin, whose scripts refuse all users but root and rabbitmq
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
)
_VARIABLES = (
    f"PATH={':'.join(_FOLDERS)}",
    f"PYTHONPATH=/{ROOT}/site-packages:/{ROOT}/source",
    "PYTHONDONTWRITEBYTECODE=1",
    "LANG=C.UTF-8",
)
_NAME = re.compile(
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?"
)


class BaseImage:
    """The image that stands for all that contexts name: its layers as parts of the set-up, and what those are made of."""

    def __init__(self, places: Places, python: Path) -> None:
        """Take the Python of the checkout's libraries."""
        search_path = os.environ.get("PATH", os.defpath)
        self.ferretdb = FerretDB(places.site, search_path)
        self.kafka = Kafka(places.site, search_path)
        lock = places.site.checkout / "requirements.txt"
        jars = {"opt/kafka/libs": self.kafka.folder.parent / "libs"}
        server = {f"{ROOT}/bin/plat-ferretdb": self.ferretdb.folder / "plat-ferretdb"}
        # What changes most often lies on top: nothing below has to be imported again.
        self.parts: Sequence[LayerPart] = (
            DebianLayer(places),
            files_layer(places, "kafka", jars),
            files_layer(places, "ferretdb", server),
            libraries_layer(places, Libraries(python, lock)),
            source_layer(places, python),
        )

    @property
    def key(self) -> str:
        """Another one whenever the image is another, known before it is made."""
        return key_of([*(part.key.encode() for part in self.parts), *(text.encode() for text in _VARIABLES)])

    @property
    def image(self) -> Image:
        """The image, once its layers are there."""
        layers = tuple(part.layer for part in self.parts)
        return Image(BASE, layers, {"Env": list(_VARIABLES), "Cmd": ["python3"], "WorkingDir": "/"})


class Images:
    """All images that the cluster has from the start."""

    def __init__(self, places: Places, kubernetes: Program, coredns: Program, python: Path) -> None:
        """Take the programs that become images of their own, and the Python of the checkout's libraries."""
        self.base = BaseImage(places, python)
        self._pause = files_layer(places, "pause", {"pause": kubernetes.folder / "pause"})
        self._dns = files_layer(places, "coredns", {"coredns": coredns.folder / "coredns"})
        self.dns_name = f"{DNS}:{coredns.version}"

    @property
    def parts(self) -> list[LayerPart]:
        """The layers."""
        return [self._pause, self._dns, *self.base.parts]

    @property
    def images(self) -> list[Image]:
        """The images, once their layers are there."""
        return [
            Image(PAUSE, (self._pause.layer,), {"Entrypoint": ["/pause"]}),
            Image(self.dns_name, (self._dns.layer,), {"Entrypoint": ["/coredns"]}),
            self.base.image,
        ]


class Store:
    """The images that containerd has."""

    def __init__(self, places: Places, runner: Runner) -> None:
        self._ctr = places.ctr
        self._log = places.logs / "images.log"
        self._runner = runner

    @property
    def names(self) -> dict[str, str]:
        """The digest behind each name."""
        lines = self._runner.run([*self._ctr, "images", "ls"])[1:]
        return {words[0]: words[2] for line in lines if len(words := line.split()) > len(("name", "type", "digest"))}

    def fill(self, images: Sequence[Image]) -> list[str]:
        """Import those images that are not there as they are, and give their names.

        Names that were given to a former base image go over to the new one; what nobody names any more is forgotten.
        """
        before = self.names
        new = [image for image in images if before.get(image.name) != image.digest]
        if new:
            self._import(new)
            further = [name for name, digest in before.items() if name != BASE and digest == before.get(BASE)]
            self.tag(name for name in further if not name.startswith("sha256:"))
        current = {image.digest for image in images}
        self._forget(name for name, digest in self.names.items() if digest not in current)
        return [image.name for image in new]

    def tag(self, names: Iterable[str]) -> None:
        """Give the base image further names."""
        for name in names:
            self._runner.run([*self._ctr, "images", "tag", "--force", BASE, name])

    def keep_only(self, images: Sequence[Image]) -> None:
        """Forget every name that a former cluster's image was given."""
        ours = {image.name for image in images}
        self._forget(name for name in self.names if name not in ours and not name.startswith("sha256:"))

    def _forget(self, names: Iterable[str]) -> None:
        if listed := list(names):
            self._runner.run([*self._ctr, "images", "rm", *listed])

    def _import(self, images: Sequence[Image]) -> None:
        present = [line.removeprefix("sha256:") for line in self._runner.run([*self._ctr, "content", "ls", "--quiet"])]
        command = [*self._ctr, "images", "import", "-"]
        with (
            self._log.open("ab") as log,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log) as process,
        ):
            if process.stdin is None:
                raise AssertionError(command)
            try:
                with process.stdin as pipe:
                    write_archive(pipe, images, present)
            except BrokenPipeError:
                process.kill()
        if process.returncode:
            tail = self._log.read_text(encoding="utf-8", errors="replace")[-1000:]
            raise CommandFailedError("images", "ctr images import", process.returncode, tail, self._log)


def full_name(name: str) -> str:
    """Write an image's name out as the kubelet does: with its registry and its tag. Raises `UnusableNameError`."""
    if "@" in name:
        raise UnusableNameError(name, "a digest names one content and no other")
    if not _NAME.fullmatch(name):
        raise UnusableNameError(name, "an image's name is registry/path:tag, in small letters")
    first, slash, rest = name.partition("/")
    if not slash:
        first, rest = "docker.io", f"library/{name}"
    elif not (set(".:") & set(first) or first == "localhost"):
        first, rest = "docker.io", name
    return f"{first}/{rest}" if ":" in rest else f"{first}/{rest}:latest"
