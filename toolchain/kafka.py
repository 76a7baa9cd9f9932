"""A Kafka that the local target can run: jars from Maven Central in the cache, run by the machine's own Java."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError
from toolchain.java import OLDEST, find_java
from toolchain.maven import Jars
from toolchain.parts import is_complete, key_of, making
from toolchain.site import Site, outside
from toolchain.wrappers import KAFKA_COMMANDS, write_kafka_wrappers

if TYPE_CHECKING:
    from toolchain.progress import Step

_FORMAT = b"2"  # raise it when the wrappers change


class Kafka:
    """The server's jars, with a wrapper for Java and one for each command."""

    name = "kafka"
    variable = "PLAT_KAFKA_BIN"
    commands = tuple(KAFKA_COMMANDS)

    def __init__(self, site: Site, search_path: str) -> None:
        """Look for Java and Maven in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        self._java = find_java(outside(search_path, site), root=site.root)
        self._jars = Jars(site, self.name, search_path)

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
        return self._site.cache / self.name / key_of([_FORMAT, *self._jars.pins, f"{self._java}".encode()])

    def lacks(self) -> list[SetupError]:
        """Name a missing Java, and a missing Maven where the jars are still to be fetched."""
        found: list[SetupError] = []
        if not self._java:
            remedy = f"`apt-get install openjdk-{OLDEST}-jre-headless` (as root)"
            found.append(MissingToolError(f"Java {OLDEST} or newer", "the broker kafka runs on it", remedy))
        if not self.ready:
            found += self._jars.lacks_maven("it fetches the broker kafka, which Debian does not have")
        return found

    def provide(self, step: Step) -> None:
        """Fetch the jars and write the wrappers, unless they are there."""
        how = "cached" if self.ready else "fetched from Maven Central"
        if not self.ready:
            with making(self._base) as base:
                self._jars.fetch(base / "libs", Runner(self.name, self._site.logs / "kafka.log"), step)
                write_kafka_wrappers(base / "bin", self._java or Path("java"), base / "libs")
        step.done(f"{how}, runs on {self._java}")
