"""Everything that the hypervisor and its machines are made of, in the order in which it is made."""

from __future__ import annotations

import os
import re
from pathlib import Path

from toolchain.cluster.images import BASE, BaseImage, full_name
from toolchain.cluster.places import Places as ClusterPlaces
from toolchain.engine import Engine
from toolchain.errors import raise_all
from toolchain.libraries import Libraries
from toolchain.lock import alone_in
from toolchain.parts import Part, is_complete, provide_all
from toolchain.plugins import MACHINES, Plugins
from toolchain.progress import Progress
from toolchain.site import point
from toolchain.vm.disk import DiskPart, SystemPart
from toolchain.vm.packages import Packages
from toolchain.vm.places import KIND, Places

_IMAGE = re.compile(r"^\s*(?:- )?image: *[\"']?([^\s\"'#]+)", re.MULTILINE)


class Built:
    """The parts."""

    def __init__(self, places: Places) -> None:
        site = places.site
        search_path = os.environ.get("PATH", os.defpath)
        self._places = places
        self._engine = Engine(site, search_path)
        self._plugins = Plugins(site, self._engine, search_path, MACHINES)
        self._libraries = Libraries(site)
        self._packages = Packages(site, search_path, KIND)
        # The layers are the cluster's, whether or not there ever is one.
        self._layers = ClusterPlaces(site)
        self._base = BaseImage(self._layers, self._libraries.folder / "bin" / "python")
        self._system = SystemPart(places)
        self._disk = DiskPart(places, self._system, self._base, [BASE, *images_of(site.checkout)])

    @property
    def missing(self) -> list[str]:
        """What has to be built first."""
        libraries = [] if is_complete(self._libraries.folder) else [self._libraries.name]
        # The other layers and the system are needed for the disk image alone.
        disk = [] if self._disk.ready else [self._disk.name]
        return [*self._packages.missing, *libraries, *disk]

    @property
    def disk(self) -> Path:
        """The machines' disk image."""
        return self._disk.file

    def build(self, progress: Progress) -> None:
        """Make what is missing, after everything has said what it lacks."""
        cache = self._places.site.cache
        shared: list[Part] = [self._libraries, self._base.ferretdb, self._base.kafka, self._plugins]
        own: list[Part] = [self._packages, self._system, *self._base.parts, self._disk]
        raise_all(error for part in (*shared, *own) for error in part.lacks())
        with alone_in(cache, progress):
            provide_all(shared, progress)
            self._register_plugins(progress)
        for folder in (self._layers.cache, self._places.cache):
            folder.mkdir(exist_ok=True)
        with alone_in(self._layers.cache, progress):
            provide_all([self._packages, *self._base.parts], progress)
        with alone_in(self._places.cache, progress):
            provide_all([self._system, self._disk], progress)
        self._places.image.parent.mkdir(parents=True, exist_ok=True)
        point(self._places.image, self._disk.file)

    def _register_plugins(self, progress: Progress) -> None:
        if not self._engine.installed:
            self._plugins.register_in(self._places.site.local / "pulumi-home")
        elif self._plugins.folders:
            progress.line("run `make setup` once more: it puts the plugins for machines on the PATH of .plat/activate")


def images_of(checkout: Path) -> list[str]:
    """Name every image of the checkout's descriptors in full: a machine's Docker knows the base image by these names too."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(checkout.glob("contexts/**/*.yaml")))
    return sorted({full_name(name) for text in texts for name in _IMAGE.findall(text)} - {BASE})
