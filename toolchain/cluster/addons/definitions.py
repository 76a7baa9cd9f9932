"""Definitions that a program of its authors' makes of an API's Java classes: as JSON in the cache, without the jars."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from toolchain.cluster.addons.addon import Definitions, Object
from toolchain.cluster.addons.manifests import as_json
from toolchain.cluster.places import Places
from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError
from toolchain.java import find_java
from toolchain.maven import Jars
from toolchain.parts import is_complete, key_of, making
from toolchain.progress import Step
from toolchain.site import outside

_FORMAT = b"1"  # raise it when what is kept changes
_USUAL_PLACES = Path("/usr/lib/jvm")


class Generated:
    """The definitions of one API."""

    def __init__(self, places: Places, source: Definitions, python: Path) -> None:
        self.name = f"definitions {source.name}"
        site = places.site
        search_path = os.environ.get("PATH", os.defpath)
        # A newer one than what the machine runs by itself may lie beside it.
        beside = os.pathsep.join(f"{folder}" for folder in sorted(_USUAL_PLACES.glob("*/bin")))
        self._java = find_java(f"{outside(search_path, site)}{os.pathsep}{beside}", root=site.root, oldest=source.java)
        self._jars = Jars(site, source.name, search_path)
        self._source = source
        self._python = python
        self._log = site.logs / f"definitions-{source.name}.log"
        told = [*source.generator, *source.classes]
        key = key_of([_FORMAT, *self._jars.pins, *(text.encode() for text in told)])
        self._folder = places.cache / "definitions" / f"{source.name}-{key}"

    @property
    def ready(self) -> bool:
        """Whether they are there."""
        return is_complete(self._folder)

    @property
    def version(self) -> str:
        """The version of the API."""
        return self._jars.version_of(self._source.artifact)

    @property
    def objects(self) -> tuple[Object, ...]:
        """The definitions, once they are there."""
        found: list[Object] = json.loads((self._folder / "objects.json").read_text(encoding="utf-8"))
        return tuple(found)

    def lacks(self) -> list[SetupError]:
        """Name a missing Java, and a missing Maven, where they are still to be made."""
        if self.ready:
            return []
        needed_for = f"it makes the definitions of {self._source.name}"
        found = self._jars.lacks_maven(needed_for)
        if not self._java:
            remedy = f"unpack one into {_USUAL_PLACES} (Debian 12's own package is older), or let JAVA_HOME name it"
            found.append(MissingToolError(f"Java {self._source.java} or newer", needed_for, remedy))
        return found

    def provide(self, step: Step) -> None:
        """Make them unless they are there."""
        how = "cached"
        if not self.ready:
            how = "made of jars from Maven Central"
            runner = Runner(self.name, self._log)
            with making(self._folder) as folder:
                jars, made = folder / "jars", folder / "made"
                made.mkdir()
                self._jars.fetch(jars, runner, step)
                step.note("making definitions")
                files = {name: made / f"{name}.yaml" for name in self._source.classes}
                told = [f"{name}={file}" for name, file in files.items()]
                runner.run([f"{self._java}", "-cp", f"{jars}/*", *self._source.generator, *told])
                as_json(files.values(), folder, runner, self._python)
                shutil.rmtree(jars)
                shutil.rmtree(made)
        step.done(f"{self.version}, {how}, {len(self.objects)} objects")
