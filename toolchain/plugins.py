"""Pulumi's provider plugins, in sets that are installed, downloaded or built each by itself.

What not every landscape needs is a set with a Go module and a part of its own, so that the others never wait for it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.errors import CommandFailedError, MissingToolError, SetupError
from toolchain.gomodule import GoModule
from toolchain.parts import is_complete, making
from toolchain.site import Site, outside, point

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from toolchain.engine import Engine
    from toolchain.progress import Step

_NEEDED_FOR = "it builds Pulumi's provider plugins where they are not installed and cannot be downloaded"
_DOWNLOAD_SECONDS = "300"
_QUIET = {"PULUMI_SKIP_UPDATE_CHECK": "true"}


@dataclass(frozen=True)
class PluginSet:
    """Plugins that one binary serves: the part's name, the Go module's folder, the program in it, what each is called.

    Versions are of those whose Python SDK is not in use, which otherwise says them; tags are for Go.
    """

    part: str
    module: str
    program: str
    plugins: tuple[str, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""


DEFAULT = PluginSet("plugins", "plugins", "pulumi-plugins", ("postgresql", "rabbitmq", "random"))
"""What every landscape needs."""

BY_KIND = {"kafka": PluginSet("plugin of kafka", "kafka", "pulumi-resource-kafka", ("kafka",))}
"""What landscapes need besides, by the kind of server that their descriptors name."""


MACHINES = PluginSet(
    "plugins for machines",
    "machines",
    "pulumi-machines",
    ("docker", "libvirt"),
    {"docker": "5.2.0", "libvirt": "0.5.4"},
    tags="no_compose",  # a fifth of the provider, for a resource that nothing here uses
)
"""What virtual machines need, and the containers on them; a landscape that is named leaves it to their own set-up."""


class Plugins:
    """A set of plugins; those that a `pulumi` on this machine can have by itself are left to it."""

    def __init__(self, site: Site, engine: Engine, search_path: str, which: PluginSet = DEFAULT) -> None:
        """Look for plugins in the folders of the search path, in the form of the variable PATH."""
        self.name = which.part
        self._which = which
        self._site = site
        self._engine = engine
        self._search_path = outside(search_path, site)
        self._module = GoModule(
            site.checkout / "toolchain" / "go" / which.module, (f"./cmd/{which.program}",), tags=which.tags
        )
        self.folders: list[Path] = []  # what the PATH needs in front of it; known once they are provided

    @property
    def ready(self) -> bool:
        """Whether they have been built."""
        return is_complete(self._folder)

    @property
    def _folder(self) -> Path:
        return self._site.cache / "toolchain" / f"{self._which.module}-{self._module.key}"

    @property
    def _wanted(self) -> list[tuple[str, str]]:
        return [*self._which.versions.items()] or sdk_versions(self._site.checkout, self._which.plugins)

    def lacks(self) -> list[SetupError]:
        """Name a missing Go when it is sure to be needed: an installed `pulumi` may still download the plugins."""
        if self._engine.installed or self.ready:
            return []
        try:
            self._module.find_go(_NEEDED_FOR)
        except MissingToolError as error:
            return [error]
        return []

    def provide(self, step: Step) -> None:
        """Leave them to the installed `pulumi` where it has or can fetch them; else build them, once."""
        runner = Runner(self.name, self._site.logs / f"plugins-{self._which.module}.log")
        left_to_it = self._left_to(self._engine.installed, runner, step) if self._engine.installed else ""
        step.done(f"{', '.join(self._which.plugins)} {left_to_it or self._own(runner, step)}")

    def register_in(self, home: Path) -> None:
        """Hand our own plugins to an engine whose home is `home`, in the place where it keeps what it downloads.

        There they have a version and need no PATH, about which the engine warns in every run.
        """
        for name, version in self._wanted if self.folders else ():
            folder = home / "plugins" / f"resource-{name}-v{version}"
            folder.mkdir(parents=True, exist_ok=True)
            point(folder / f"pulumi-resource-{name}", self._folder / "bin" / f"pulumi-resource-{name}")
        self.folders = []

    def _left_to(self, pulumi: str, runner: Runner, step: Step) -> str:
        """Tell how the installed CLI has the plugins; the empty string when it has to use ours."""
        missing = self._missing(pulumi)
        if not missing:
            return "installed, used as they are"
        if self.ready:
            return ""
        for number, (name, version) in enumerate(missing, start=1):
            step.note(f"downloading {name} {version}, {number} of {len(missing)}")
            download = ["timeout", _DOWNLOAD_SECONDS, pulumi, "plugin", "install", "resource", name, version]
            try:
                runner.run(download, variables=_QUIET)
            except CommandFailedError:
                return ""
        return "downloaded"

    def _own(self, runner: Runner, step: Step) -> str:
        self.folders = [self._folder / "bin"]
        if self.ready:
            return "cached"
        go = self._module.find_go(_NEEDED_FOR)
        with making(self._folder) as folder:
            self._module.build(go, folder / "bin", runner, step)
            for program in (f"pulumi-resource-{name}" for name in self._which.plugins):
                if program != self._which.program:
                    (folder / "bin" / program).symlink_to(self._which.program)
        return "built from Go modules" + (", as they could not be downloaded" if self._engine.installed else "")

    def _missing(self, pulumi: str) -> list[tuple[str, str]]:
        command = [pulumi, "plugin", "ls", "--json"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **_QUIET})
        installed = json.loads(listed.stdout) if listed.returncode == 0 else []
        there = {(plugin["name"], plugin.get("version")) for plugin in installed}
        return [
            wanted
            for wanted in self._wanted
            if wanted not in there and not shutil.which(f"pulumi-resource-{wanted[0]}", path=self._search_path)
        ]


def plugin_sets(site: Site, engine: Engine, search_path: str, words: Collection[str] | None) -> list[Plugins]:
    """Give the sets that are wanted: the default one, those that the words name (all for None), and what is there anyway.

    What another landscape has needed stays in use, or its next update would not find it.
    """
    others = [(kind, Plugins(site, engine, search_path, which)) for kind, which in sorted(BY_KIND.items())]
    named = [plugins for kind, plugins in others if words is None or kind in words or plugins.ready]
    machines = Plugins(site, engine, search_path, MACHINES)
    return [Plugins(site, engine, search_path), *named, *([machines] if words is None or machines.ready else [])]


def sdk_versions(checkout: Path, names: Iterable[str] = DEFAULT.plugins) -> list[tuple[str, str]]:
    """Give each plugin's name and the version of its Python SDK in pyproject.toml, which the plugin's follows."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    pins = dict(pin.split("==") for pin in project["project"]["dependencies"])
    return [(name, pins[f"pulumi-{name}"]) for name in names]
