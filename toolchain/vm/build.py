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
from toolchain.vm.account import Account
from toolchain.vm.data import DataDisk
from toolchain.vm.disk import BootDisk, SystemPart
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
        self._account = Account(site)
        # The layers are the cluster's, whether or not there ever is one.
        self._layers = ClusterPlaces(site)
        self._base = BaseImage(self._layers, self._libraries.folder / "bin" / "python")
        self._system = SystemPart(places)
        names = [BASE, *images_of(site.checkout)]
        self._disks = (BootDisk(places, self._system), DataDisk(places, self._system, self._base, names))

    @property
    def missing(self) -> list[str]:
        """What has to be built first."""
        libraries = [] if is_complete(self._libraries.folder) else [self._libraries.name]
        # Layers and system are needed for the disks alone.
        account = [] if self._account.ready else [self._account.name]
        return [*self._packages.missing, *account, *libraries, *(disk.name for disk in self._disks if not disk.ready)]

    def build(self, progress: Progress) -> None:
        """Make what is missing, after everything has said what it lacks."""
        cache = self._places.site.cache
        shared: list[Part] = [self._libraries, self._base.ferretdb, self._base.kafka, self._plugins]
        own: list[Part] = [self._packages, self._account, self._system, *self._base.parts, *self._disks]
        raise_all(error for part in (*shared, *own) for error in part.lacks())
        with alone_in(cache, progress):
            provide_all(shared, progress)
            self._register_plugins(progress)
        for folder in (self._layers.cache, self._places.cache):
            folder.mkdir(exist_ok=True)
        with alone_in(self._places.cache, progress):
            provide_all([self._packages, self._account], progress)
            if not all(part.ready for part in self._base.parts):  # else no cluster on its way up has to be waited for
                with alone_in(self._layers.cache, progress):
                    provide_all(self._base.parts, progress)
            provide_all([self._system, *self._disks], progress)
        self._places.disks.mkdir(parents=True, exist_ok=True)
        for disk in self._disks:
            point(self._places.disks / disk.file.name, disk.file)

    def _register_plugins(self, progress: Progress) -> None:
        if not self._engine.installed:
            self._plugins.register_in(self._places.site.local / "pulumi-home")
        elif self._plugins.folders:
            progress.line("run `make setup` once more: it puts the plugins for machines on the PATH of .plat/activate")


def images_of(checkout: Path) -> list[str]:
    """Name every image of the checkout's descriptors in full: a machine's Docker knows the base image by these names too."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(checkout.glob("contexts/**/*.yaml")))
    return sorted({full_name(name) for text in texts for name in _IMAGE.findall(text)} - {BASE})
