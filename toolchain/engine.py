"""The Pulumi CLI and its Python language host: what is installed is used as it is, the rest is built."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError
from toolchain.gomodule import GoModule
from toolchain.parts import is_complete, making
from toolchain.site import Site, outside

if TYPE_CHECKING:
    from toolchain.progress import Step

_CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_HOST = "./cmd/pulumi-language-python"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
_OLDEST_TRIED = (3, 230, 0)
_NEEDED_FOR = "it builds the Pulumi engine where no `pulumi` is installed"


class Engine:
    """The CLI and the language host, each installed or built."""

    name = "pulumi"

    def __init__(self, site: Site, search_path: str) -> None:
        """Look for what is installed in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        others = outside(search_path, site)
        self.installed = shutil.which("pulumi", path=others)
        host = shutil.which("pulumi-language-python", path=others) or _beside(self.installed)
        self._module = _module(site, cli=not self.installed)
        self._builds = not (self.installed and host)

    @property
    def folders(self) -> list[Path]:
        """What the PATH needs in front of it; nothing when everything is installed."""
        return [self._folder / "bin"] if self._builds else []

    @property
    def _folder(self) -> Path:
        return self._site.cache / "toolchain" / f"engine-{self._module.key}"

    def lacks(self) -> list[SetupError]:
        """Name a missing Go, when something is to be built."""
        if not self._builds or is_complete(self._folder):
            return []
        try:
            self._module.find_go(_NEEDED_FOR)
        except MissingToolError as error:
            return [error]
        return []

    def provide(self, step: Step) -> None:
        """Build the CLI and the language host, or the language host alone, unless they are there."""
        how = ""
        if self._builds:
            how = "cached" if is_complete(self._folder) else "built from Go modules"
            if not is_complete(self._folder):
                self._build(step)
        step.done(_outcome(self.installed, how))

    def _build(self, step: Step) -> None:
        runner = Runner(self.name, self._site.logs / "pulumi.log")
        go = self._module.find_go(_NEEDED_FOR)
        with making(self._folder) as folder:
            self._module.build(go, folder / "bin", runner, step)
            sdk = self._module.folder_of(go, _SDK, runner)
            for script in _SCRIPTS:
                copy = folder / "bin" / script.rpartition("/")[2]
                shutil.copyfile(sdk / script, copy)
                copy.chmod(0o755)


def _beside(program: str | None) -> str | None:
    """Find the language host where Pulumi's own archive has it: in the folder of the CLI itself."""
    return shutil.which("pulumi-language-python", path=str(Path(program).resolve().parent)) if program else None


def _module(site: Site, *, cli: bool) -> GoModule:
    folder = site.checkout / "toolchain" / "go" / "engine"
    pinned = re.search(r"pulumi/pkg/v3 (v[\d.]+)$", (folder / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    stamp = f"-X {_SDK}/go/common/version.Version={pinned.group(1)}" if pinned else ""
    return GoModule(folder, (_CLI, _HOST) if cli else (_HOST,), stamp)


def _outcome(installed: str | None, how: str) -> str:
    if not installed:
        return f"engine and language host {how}"
    shown = subprocess.run([installed, "version"], capture_output=True, text=True, check=False).stdout.strip()
    numbers = tuple(int(number) for number in re.findall(r"\d+", shown)[:3])
    oldest = ".".join(map(str, _OLDEST_TRIED))
    warning = f", older than {oldest}, the oldest that was tried" if () < numbers < _OLDEST_TRIED else ""
    host = f"; its Python language host was missing: {how}" if how else ""
    return f"installed {shown or 'of unknown version'} at {installed}, used as it is{warning}{host}"
