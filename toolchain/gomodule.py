"""Builds programs from a pinned Go module of this folder; go.sum verifies all that is downloaded for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.errors import MissingToolError
from toolchain.parts import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolchain.commands import Runner
    from toolchain.progress import Step

_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false")
_USUAL_PLACE = Path("/usr/local/go/bin/go")
_DOWNLOADS_AT_ONCE = "16"
_GARBAGE = "200"
"""How much of what a compiler holds may be garbage, in percent: half as often looked for, a build takes a tenth less."""

_SOURCES = {".go", ".mod", ".sum"}
_COMPILING = threading.Lock()
"""Held by who compiles: Go uses all processors, and builds side by side each compile anew what they have in common."""

_INSTALLED_PULUMI = "install `pulumi` with its plugins, which is then used as it is"
_BESIDE = re.compile(r" => \.\./(\S+)$", re.MULTILINE)


class GoModule:
    """One module and those programs of it, or of the modules that it pins, that are wanted."""

    def __init__(
        self,
        folder: Path,
        packages: tuple[str, ...],
        stamp: str = "",
        variables: Mapping[str, str] | None = None,
        tags: str = "",
    ) -> None:
        """Take the module's folder, the programs' import paths, and a linker option that stamps them, if any.

        The variables are for Go itself; what they change is how it builds and not what. Tags choose among its files.
        """
        self._folder = folder
        self._packages = packages
        self._variables = variables or {}
        chosen = (f"-tags={tags}",) if tags else ()
        self._flags = (*_FLAGS, *chosen, f"-ldflags=-s -w {stamp}".rstrip())

    @property
    def key(self) -> str:
        """Name what is built: the module's sums and sources, the wanted programs, the flags and the kind of machine.

        Go's own version is no part of it: where the programs are in the cache, no Go is needed at all.
        """
        found = ((folder, path) for folder in self._folders for path in folder.rglob("*") if path.suffix in _SOURCES)
        sources = sorted((folder, path) for folder, path in found if not path.name.endswith("_test.go"))
        texts = [part for folder, path in sources for part in (f"{path.relative_to(folder)}".encode(), path.read_bytes())]
        return key_of([*texts, " ".join((*self._packages, *self._flags, os.uname().machine)).encode()])

    @property
    def _folders(self) -> list[Path]:
        """Its own folder, and those beside it whose modules it takes in by a `replace`."""
        beside = _BESIDE.findall(self._text)
        return [self._folder, *(self._folder.parent / name for name in beside)]

    @property
    def _text(self) -> str:
        return (self._folder / "go.mod").read_text(encoding="utf-8")

    def find_go(self, needed_for: str, instead: str = _INSTALLED_PULUMI) -> str:
        """Give a Go that can build the module; `instead` is what else would do, if anything.

        Raises `MissingToolError` when there is none, or only an older one that cannot fetch a newer by itself.
        """
        wanted = _version_in(r"^go (\d+)\.(\d+)(?:\.(\d+))?$", self._text)
        tool = f"Go {'.'.join(map(str, wanted))} or newer"
        remedy = "unpack it into /usr/local/go (Debian 12's own package is older)" + (f", or {instead}" if instead else "")
        found = shutil.which("go") or (str(_USUAL_PLACE) if _USUAL_PLACE.exists() else None)
        if not found:
            raise MissingToolError(tool, needed_for, remedy)
        # In the module's folder a Go with automatic toolchains turns into the one that go.mod asks for.
        probe = subprocess.run([found, "version"], cwd=self._folder, capture_output=True, text=True, check=False)
        if _version_in(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", probe.stdout) < wanted:
            raise MissingToolError(tool, f"{needed_for}, and {found} is older", remedy)
        return found

    def build(self, go: str, out: Path, runner: Runner, step: Step) -> None:
        """Build the programs into a folder, telling how many packages are compiled of at most how many."""
        total = len(self._packages_below(go, runner, step))
        compiled = 0

        def count(line: str) -> None:
            nonlocal compiled
            compiled += not line.startswith("go: ")
            step.note(f"{compiled} of up to {total} packages compiled")

        step.note("waiting for another build")
        with _COMPILING:
            step.note(f"compiling up to {total} packages")
            self._run(runner, [go, "build", "-v", *self._flags, "-o", f"{out}{os.sep}", *self._packages], count)

    def test(self, go: str, runner: Runner) -> None:
        """Run the module's own tests; raises `CommandFailedError` where one fails.

        With the flags of a build, so that what was compiled for that is there.
        """
        self._run(runner, [go, "test", *self._flags, "./..."])

    def version_of(self, module: str) -> str:
        """Give the version that go.mod asks of a module, such as `v1.34.2`; the empty string where it names none."""
        found = re.search(rf"^(?:require )?\s*{re.escape(module)} (v\S+)", self._text, re.MULTILINE)
        return found[1] if found else ""

    def folder_of(self, go: str, module: str, runner: Runner) -> Path:
        """Give the folder of Go's module cache that a module of the build lies in."""
        self._run(runner, [go, "mod", "download", module])
        return Path(self._run(runner, [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module])[-1])

    def _packages_below(self, go: str, runner: Runner, step: Step) -> list[str]:
        """Name every package of the build. Go downloads as many modules at once as it may use processors."""
        downloads = 0

        def count(line: str) -> None:
            nonlocal downloads
            downloads += line.startswith("go: downloading ")
            step.note(f"{downloads} Go modules downloaded")

        command = ["env", f"GOMAXPROCS={_DOWNLOADS_AT_ONCE}", go, "list", *self._flags, "-deps", *self._packages]
        return [line for line in self._run(runner, command, count) if not line.startswith("go: ")]

    def _run(self, runner: Runner, command: list[str], on_line: Callable[[str], None] | None = None) -> list[str]:
        # Without C there is one result whether or not a compiler is installed.
        variables = {"GOGC": _GARBAGE, **self._variables, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
        return runner.run(command, folder=self._folder, variables=variables, on_line=on_line)


def _version_in(pattern: str, text: str) -> tuple[int, ...]:
    """Give the first version that the pattern finds; the empty tuple, older than all others, when there is none."""
    match = re.search(pattern, text, re.MULTILINE)
    return tuple(int(number or 0) for number in match.groups()) if match else ()
