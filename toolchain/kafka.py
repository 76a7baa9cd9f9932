"""A Kafka that the local target can run: jars from Maven Central in the cache, run by the machine's own Java.

Maven verifies what it fetches against the repository's own sums, and here every jar is compared with the pinned ones.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError, UnexpectedFilesError
from toolchain.java import OLDEST, find_java
from toolchain.parts import is_complete, key_of, making
from toolchain.site import Site, outside
from toolchain.wrappers import KAFKA_COMMANDS, write_kafka_wrappers

if TYPE_CHECKING:
    from toolchain.progress import Step

_FORMAT = b"2"  # raise it when the wrappers change
_COPY = "dependency:copy-dependencies"


class Kafka:
    """The server's jars, with a wrapper for Java and one for each command."""

    name = "kafka"
    variable = "PLAT_KAFKA_BIN"
    commands = tuple(KAFKA_COMMANDS)

    def __init__(self, site: Site, search_path: str) -> None:
        """Look for Java and Maven in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        self._java = find_java(outside(search_path, site), root=site.root)
        self._maven = shutil.which("mvn", path=outside(search_path, site))
        self._pins = site.checkout / "toolchain" / "maven" / "kafka"

    @property
    def folder(self) -> Path:
        """Where the wrappers are."""
        return self._base / "bin"

    @property
    def ready(self) -> bool:
        """Whether the jars are there, and a Java to run them."""
        return self._java is not None and is_complete(self._base)

    @property
    def _base(self) -> Path:
        texts = [(self._pins / name).read_bytes() for name in ("pom.xml", "SHA256SUMS")]
        return self._site.cache / self.name / key_of([_FORMAT, *texts, f"{self._java}".encode()])

    def lacks(self) -> list[SetupError]:
        """Name a missing Java, and a missing Maven where the jars are still to be fetched."""
        found: list[SetupError] = []
        if not self._java:
            remedy = f"`apt-get install openjdk-{OLDEST}-jre-headless` (as root)"
            found.append(MissingToolError(f"Java {OLDEST} or newer", "the broker kafka runs on it", remedy))
        if not self._maven and not self.ready:
            remedy = "`apt-get install maven` (as root)"
            found.append(MissingToolError("mvn", "it fetches the broker kafka, which Debian does not have", remedy))
        return found

    def provide(self, step: Step) -> None:
        """Fetch the jars and write the wrappers, unless they are there."""
        how = "cached" if self.ready else "fetched from Maven Central"
        if not self.ready:
            with making(self._base) as base:
                self._fetch(base / "libs", step)
                write_kafka_wrappers(base / "bin", self._java or Path("java"), base / "libs")
        step.done(f"{how}, runs on {self._java}")

    def _fetch(self, folder: Path, step: Step) -> None:
        runner = Runner(self.name, self._site.logs / "kafka.log")
        downloaded = 0

        def count(line: str) -> None:
            nonlocal downloaded
            downloaded += "Downloaded from" in line
            step.note(f"{downloaded} files downloaded")

        maven = [self._maven or "mvn", "--batch-mode", "--strict-checksums", "--file", str(self._pins / "pom.xml")]
        runner.run([*maven, _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"], on_line=count)
        _verify(folder, self._pins / "SHA256SUMS")


def _verify(folder: Path, pinned: Path) -> None:
    """Compare every jar with its pinned sum; raises `UnexpectedFilesError` for one too many, too few or another."""
    wanted = {line.split()[1]: line.split()[0] for line in pinned.read_text(encoding="utf-8").splitlines()}
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    if different := sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name)):
        raise UnexpectedFilesError("kafka", different)
