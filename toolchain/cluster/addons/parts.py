"""What an add-on gives to the set-up: programs, an image made of them, and its authors' objects as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from toolchain.cluster.addons.addon import NOBODY, AddOn, Certificate, Definitions, Given, Object
from toolchain.cluster.addons.definitions import Generated
from toolchain.cluster.addons.manifests import CONVERT, as_json
from toolchain.cluster.archive import Image
from toolchain.cluster.layers import LayerPart, files_layer
from toolchain.cluster.places import Places
from toolchain.cluster.programs import Program
from toolchain.commands import Runner
from toolchain.errors import SetupError
from toolchain.parts import Part, is_complete, key_of, making
from toolchain.progress import Step


class Manifests:
    """The objects that an add-on's module brings with it: read out of Go's cache once, so that a later `up` needs no Go."""

    def __init__(self, places: Places, addon: AddOn, upstream: str, program: Program, python: Path) -> None:
        self.name = f"manifests {addon.name}"
        self._addon = addon
        self._program = program
        self._python = python
        self._log = places.site.logs / f"manifests-{addon.name}.log"
        told = [CONVERT, upstream, program.version, *addon.manifests]
        self._folder = places.cache / "manifests" / f"{addon.name}-{key_of(text.encode() for text in told)}"

    @property
    def ready(self) -> bool:
        """Whether they are there."""
        return is_complete(self._folder)

    @property
    def objects(self) -> tuple[Object, ...]:
        """The objects, once they are there."""
        found: list[Object] = json.loads((self._folder / "objects.json").read_text(encoding="utf-8"))
        return tuple(found)

    def lacks(self) -> list[SetupError]:
        """Name a missing Go, where they are still to be read."""
        return [] if self.ready else self._program.lacks_go()

    def provide(self, step: Step) -> None:
        """Read them unless they are there."""
        how = "cached"
        if not self.ready:
            how = "read"
            runner = Runner(self.name, self._log)
            upstream = self._program.upstream_folder(runner)
            files = [file for name in self._addon.manifests for file in _files(upstream / name)]
            with making(self._folder) as folder:
                as_json(files, folder, runner, self._python)
        step.done(f"{how}, {len(self.objects)} objects")


class AddOnParts:
    """The parts of one add-on."""

    def __init__(self, places: Places, addon: AddOn, python: Path) -> None:
        self.addon = addon
        self._layer: LayerPart | None = None
        source = addon.source
        if isinstance(source, Definitions):
            generated = Generated(places, source, python)
            self.version = generated.version
            self._manifests: Manifests | Generated = generated
            self._made: list[Program | Manifests | Generated | LayerPart] = [generated]
            return
        program = Program(places.site, source)
        self.version = program.version
        self._manifests = Manifests(places, addon, source.upstream, program, python)
        programs = [package.rpartition("/")[2] for package in source.packages]
        files = addon.files or {name: name for name in programs}
        trees = {place: program.folder / name for place, name in files.items()}
        self._first = next(iter(trees), "")
        self._layer = files_layer(places, addon.name, trees) if trees else None
        self._made = [program, self._manifests, self._layer] if self._layer else [self._manifests]

    @property
    def parts(self) -> list[Part]:
        """All of them, in the order in which they are made."""
        return [*self._made]

    @property
    def missing(self) -> list[str]:
        """Those that have to be made first."""
        return [part.name for part in self._made if not part.ready]

    @property
    def image(self) -> Image | None:
        """The image, once its layer is there; None for an add-on without programs.

        Another content is another name, so that pods are made anew.
        """
        if self._layer is None:
            return None
        layer = self._layer.layer
        name = f"docker.io/plat/{self.addon.name}:{self.version}-{layer.digest[:8]}"
        return Image(name, (layer,), {"Entrypoint": [f"/{self._first}"], "User": f"{NOBODY}", "WorkingDir": "/"})

    def objects(self, certificate: Certificate | None) -> list[Object]:
        """Give what is applied, once everything is there."""
        image = self.image
        return [*self.addon.objects(Given(image.name if image else "", self._manifests.objects, certificate))]


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]
