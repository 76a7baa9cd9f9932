"""Where descriptors really are: locations told as paths that the reader of a report can follow."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from plat.descriptors.files import shown_folder
from plat.findings import Finding, Location

_REPOSITORY = ".git"


@dataclass(frozen=True, slots=True)
class Places:
    """Leads from locations, which name files as `<landscapes>/<landscape>/<path>`, to paths relative to `base`.

    `landscapes` is the folder of landscapes, wherever it lies. What does not lie below `base` gets its absolute path.
    """

    landscapes: Path
    base: Path

    def file(self, location: Location, landscape: str) -> str:
        """The path of the file that `location` in `landscape` names, with `/` between its parts."""
        folder = self.landscapes / landscape
        shown = shown_folder(folder)
        if not f"{location.file}/".startswith(f"{shown}/"):
            return location.file
        # Links are resolved, as readers of reports match paths with the files that a repository holds.
        real = folder.resolve() / location.file[len(shown) + 1 :]
        base = self.base.resolve()
        return (real.relative_to(base) if real.is_relative_to(base) else real).as_posix()

    def place(self, location: Location, landscape: str) -> Location:
        """`location` with its file's path."""
        return Location(self.file(location, landscape), location.line, location.column)

    def moved(self, finding: Finding, landscape: str) -> Finding:
        """`finding` with the paths of all its files; one without a place is at the landscape's own descriptor."""
        location = finding.location or Location(f"{shown_folder(self.landscapes / landscape)}/landscape.yaml")
        related = tuple(self.place(other, landscape) for other in finding.related)
        return dataclasses.replace(finding, location=self.place(location, landscape), related=related)


def repository(landscapes: Path, root: Path) -> Path:
    """The top of the repository that holds `landscapes`, or the project's `root` where there is no repository."""
    real = landscapes.resolve()
    return next((folder for folder in (real, *real.parents) if (folder / _REPOSITORY).exists()), root)
