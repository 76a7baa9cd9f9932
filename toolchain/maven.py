"""Jars from Maven Central that a folder of `toolchain/maven` pins: what its pom.xml names, with all that that needs.

Maven verifies what it fetches against the repository's own sums, and here every jar is compared with the pinned ones.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.errors import MissingToolError, SetupError, UnexpectedFilesError
from toolchain.site import Site, outside

if TYPE_CHECKING:
    from toolchain.commands import Runner
    from toolchain.progress import Step

_COPY = "dependency:copy-dependencies"


class Jars:
    """The jars called `name`."""

    def __init__(self, site: Site, name: str, search_path: str) -> None:
        """Look for Maven in the folders of the search path, in the form of the variable PATH."""
        self._name = name
        self._pins = site.checkout / "toolchain" / "maven" / name
        self._maven = shutil.which("mvn", path=outside(search_path, site))

    @property
    def pins(self) -> list[bytes]:
        """What they are, to the byte."""
        return [(self._pins / name).read_bytes() for name in ("pom.xml", "SHA256SUMS")]

    def version_of(self, artifact: str) -> str:
        """Give the version that is asked of an artifact; the empty string where it is not asked for."""
        text = (self._pins / "pom.xml").read_text(encoding="utf-8")
        found = re.search(rf"<artifactId>{re.escape(artifact)}</artifactId>\s*<version>([^<]+)</version>", text)
        return found[1] if found else ""

    def lacks_maven(self, needed_for: str) -> list[SetupError]:
        """Name a missing Maven."""
        return [] if self._maven else [MissingToolError("mvn", needed_for, "`apt-get install maven` (as root)")]

    def fetch(self, folder: Path, runner: Runner, step: Step) -> None:
        """Fetch them into a folder. Raises `UnexpectedFilesError` where they are not the pinned ones."""
        downloaded = 0

        def count(line: str) -> None:
            nonlocal downloaded
            downloaded += "Downloaded from" in line
            step.note(f"{downloaded} files downloaded")

        maven = [self._maven or "mvn", "--batch-mode", "--strict-checksums", "--file", str(self._pins / "pom.xml")]
        runner.run([*maven, _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"], on_line=count)
        _verify(self._name, folder, self._pins / "SHA256SUMS")


def _verify(name: str, folder: Path, pinned: Path) -> None:
    """Compare every jar with its pinned sum; raises `UnexpectedFilesError` for one too many, too few or another."""
    wanted = {line.split()[1]: line.split()[0] for line in pinned.read_text(encoding="utf-8").splitlines()}
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    if different := sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name)):
        raise UnexpectedFilesError(name, different)
