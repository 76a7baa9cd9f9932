"""Everything that the cluster is made of, in the order in which it is made."""

from __future__ import annotations

import os
from collections.abc import Sequence

from toolchain.cluster.addons.parts import AddOnParts
from toolchain.cluster.addons.registry import addons_of
from toolchain.cluster.archive import Image
from toolchain.cluster.images import Images
from toolchain.cluster.packages import Packages
from toolchain.cluster.places import KIND, Places
from toolchain.cluster.programs import COREDNS, KUBE_ROUTER, KUBERNETES, PLUGIN, Program, register_plugin
from toolchain.errors import raise_all
from toolchain.libraries import Libraries
from toolchain.lock import alone_in
from toolchain.parts import Part, is_complete, provide_all
from toolchain.progress import Progress

_ETCD = "go.etcd.io/etcd/server/v3"


class Built:
    """The parts."""

    def __init__(self, places: Places, operators: Sequence[str] = ()) -> None:
        """Take the operators that are wanted, by their names in the registry."""
        site = places.site
        self._places = places
        self._libraries = Libraries(site)
        self._packages = Packages(site, os.environ.get("PATH", os.defpath), KIND)
        self._plugin = Program(site, PLUGIN)
        self._coredns = Program(site, COREDNS)
        self.kubernetes = Program(site, KUBERNETES)
        self.kube_router = Program(site, KUBE_ROUTER)
        python = self._libraries.folder / "bin" / "python"
        self.operators = operators
        self.addons = [AddOnParts(places, addon, python) for addon in addons_of(operators)]
        self._images = Images(places, self.kubernetes, self._coredns, python)
        self.dns_name = self._images.dns_name

    @property
    def missing(self) -> list[str]:
        """What has to be built first."""
        programs = [program.name for program in self._programs if not program.ready]
        libraries = [] if is_complete(self._libraries.folder) else [self._libraries.name]
        layers = [part.name for part in self._images.parts if not part.ready]
        addons = [name for addon in self.addons for name in addon.missing]
        return [*self._packages.missing, *programs, *libraries, *layers, *addons]

    @property
    def images(self) -> list[Image]:
        """Every image, once all is built."""
        return [*self._images.images, *(image for addon in self.addons if (image := addon.image))]

    @property
    def versions(self) -> dict[str, str]:
        """The version of each program of ours, by the name of its daemon."""
        kubernetes = dict.fromkeys(KUBERNETES.names, self.kubernetes.version)
        return kubernetes | {"etcd": self.kubernetes.version_of(_ETCD), "kube-router": self.kube_router.version}

    def build(self, progress: Progress) -> None:
        """Make what is missing, after everything has said what it lacks.

        One after another: each program's build uses all processors by itself.
        """
        cache = self._places.site.cache
        shared: list[Part] = [self._libraries, self._images.base.ferretdb, self._images.base.kafka]
        addons = [part for addon in self.addons for part in addon.parts]
        own: list[Part] = [self._packages, *self._programs, *self._images.parts, *addons]
        raise_all(error for part in (*shared, *own) for error in part.lacks())
        with alone_in(cache, progress):
            provide_all(shared, progress)
        self._places.cache.mkdir(exist_ok=True)
        with alone_in(self._places.cache, progress):
            provide_all(own, progress)
        register_plugin(self._places.site, self._plugin)

    @property
    def _programs(self) -> list[Program]:
        return [self.kubernetes, self._coredns, self.kube_router, self._plugin]
