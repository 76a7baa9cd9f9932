"""The virtual environment with Plat's libraries, in the cache and named by what is locked in requirements.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError, UnusableFolderError
from toolchain.interpreter import Interpreter, find_interpreter
from toolchain.parts import is_complete, key_of, making
from toolchain.site import Site, point

if TYPE_CHECKING:
    from pathlib import Path

    from toolchain.progress import Step


class Libraries:
    """The virtual environment; `.venv` in the checkout points to it."""

    name = "python"

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = site.checkout / "requirements.txt"
        self._interpreter: Interpreter | None = None

    @property
    def interpreter(self) -> Interpreter:
        """The Python that the environment is made with; raises `MissingToolError` when there is none."""
        if self._interpreter is None:
            self._interpreter = find_interpreter(root=self._site.root)
        return self._interpreter

    @property
    def folder(self) -> Path:
        """Where the environment is."""
        made_of = (self._lock.read_bytes(), f"{self.interpreter}".encode())
        return self._site.cache / "venv" / key_of(made_of)

    def lacks(self) -> list[SetupError]:
        """Name a missing Python, and a `.venv` that is not ours."""
        try:
            _ = self.interpreter
        except MissingToolError as error:
            return [error]
        link = self._site.checkout / ".venv"
        if link.exists() and not link.is_symlink():
            reason = "it is a folder where the set-up puts a link to its own environment"
            return [UnusableFolderError(link, reason, "Move it away")]
        return []

    def provide(self, step: Step) -> None:
        """Make the environment and install every locked library, each verified by its hash."""
        folder = self.folder
        if is_complete(folder):
            step.done(f"{self.interpreter.version} with its libraries, cached")
        else:
            self._make(folder, step)
            step.done(f"{self.interpreter.version} with its libraries, installed")
        point(self._site.checkout / ".venv", folder)

    def _make(self, folder: Path, step: Step) -> None:
        runner = Runner(self.name, self._site.logs / "python.log")
        with making(folder):
            step.note("making the virtual environment")
            runner.run([str(self.interpreter.path), "-m", "venv", "--clear", str(folder)])
            collected = 0

            def count(line: str) -> None:
                nonlocal collected
                collected += line.startswith("Collecting ")
                step.note("installing" if line.startswith("Installing") else f"{collected} libraries collected")

            install = ["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input"]
            command = [str(folder / "bin" / "python"), *install, "--disable-pip-version-check", "-r", str(self._lock)]
            runner.run(command, on_line=count)
