"""Finding and reading a landscape's files: regular files inside of its folder, and nothing else.

A descriptor is a file `<name>.yaml`. Files that end in `.openapi.yaml`, `.asyncapi.yaml`, `.schema.yaml` or `.odcs.yaml`
describe operations, events and data, hidden and editors' files are nobody's, and what has another suffix is left alone.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from plat.descriptors.errors import reading
from plat.descriptors.problems import Problem
from plat.descriptors.text import SIZE_LIMIT
from plat.findings import Finding, Location

DEPTH_LIMIT: Final = 3
FILE_LIMIT: Final = 20_000
ENTRY_LIMIT: Final = 50_000
CONTRACT_SUFFIXES: Final = (".openapi.yaml", ".asyncapi.yaml", ".schema.yaml", ".odcs.yaml")

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
_KINDS = (
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A descriptor's file: where it is, its path inside of the landscape's folder, and how locations call it."""

    path: Path
    inside: str
    shown: str


@dataclass(slots=True)
class Listing:
    """What a landscape's folder holds, sorted: descriptors, the paths of other regular files, and of what was refused."""

    descriptors: list[Found] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _TooMany(Exception):  # noqa: N818 - control flow of this module, never seen outside
    """A cap on the number of files is reached."""


def shown_folder(folder: Path) -> str:
    """Give how locations call a landscape's folder: its own name below its parent's, wherever both are."""
    whole = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a symbolic link to another name
    return "/".join(_printable(part) for part in (whole.parent.name, whole.name) if part)


def list_files(folder: Path) -> Listing:
    """List the files of a landscape. Nothing is opened and no symbolic link is followed."""
    listing = Listing()
    try:
        _Lister(folder, listing).visit(folder, "", 0)
    except _TooMany:
        listing.findings.append(reading.too_many_files(FILE_LIMIT).at(Location(shown_folder(folder))))
    return listing


class _Lister:
    def __init__(self, folder: Path, listing: Listing) -> None:
        self._shown = shown_folder(folder)
        self._listing = listing
        self._entries = 0

    def visit(self, folder: Path, inside: str, depth: int) -> None:
        """List one folder and those in it; `inside` is its path in the landscape's folder, with a slash at its end."""
        seen: dict[str, str] = {}
        for entry in self._entries_of(folder, inside):
            if entry.name.startswith((".", "#")) or entry.name.endswith("~"):
                continue
            mode = entry.stat(follow_symlinks=False).st_mode
            path = inside + entry.name
            other = seen.setdefault(entry.name.casefold(), entry.name)
            if stat.S_ISDIR(mode) and not entry.name.endswith(".yaml"):
                self._folder(entry, path, depth)
            elif entry.name.lower().endswith((".yaml", ".yml")) or stat.S_ISLNK(mode):
                self._candidate(entry, path, mode)
            elif stat.S_ISREG(mode):
                self._listing.others.append(path)
                continue
            if other != entry.name:
                self._refuse(reading.same_but_for_case(other), path)

    def _entries_of(self, folder: Path, inside: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                found = list(self._counted(entries))
        except OSError as error:
            self._refuse(reading.unreadable(_reason(error)), inside.rstrip("/"))
            return []
        return sorted(found, key=lambda entry: entry.name)

    def _counted(self, entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            self._entries += 1
            if self._entries > ENTRY_LIMIT:
                raise _TooMany
            yield entry

    def _folder(self, entry: os.DirEntry[str], path: str, depth: int) -> None:
        if _SAFE_NAME.fullmatch(entry.name) is None:
            self._refuse(reading.file_name(), path)
        elif depth >= DEPTH_LIMIT:
            self._refuse(reading.folders_too_deep(DEPTH_LIMIT), path)
        else:
            self.visit(Path(entry.path), f"{path}/", depth + 1)

    def _candidate(self, entry: os.DirEntry[str], path: str, mode: int) -> None:
        if not stat.S_ISREG(mode):
            self._refuse(reading.not_regular(_kind(mode)), path)
        elif _SAFE_NAME.fullmatch(entry.name) is None:
            self._refuse(reading.file_name(), path)
        elif not entry.name.endswith(".yaml"):
            stem, suffix = os.path.splitext(entry.name)  # noqa: PTH122 - a name, not a path
            self._refuse(reading.wrong_suffix(suffix, f"{stem}.yaml"), path)
        elif entry.name.endswith(CONTRACT_SUFFIXES):
            self._listing.others.append(path)
        elif len(self._listing.descriptors) >= FILE_LIMIT:
            raise _TooMany
        else:
            self._listing.descriptors.append(Found(Path(entry.path), path, f"{self._shown}/{path}"))

    def _refuse(self, problem: Problem, path: str) -> None:
        place = "/".join([self._shown, *(_printable(part) for part in path.split("/") if part)])
        self._listing.refused.append(path)
        self._listing.findings.append(problem.at(Location(place)))


def read_file(found: Found) -> bytes | Finding:
    """Give a file's bytes, one more than the size cap at most, or the finding that it cannot be read."""
    # It may have been exchanged since it was listed: neither a link is followed nor a pipe waited for.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(found.path, flags)
    except OSError as error:
        linked = error.errno == errno.ELOOP
        problem = reading.not_regular("symbolic link") if linked else reading.unreadable(_reason(error))
        return problem.at(Location(found.shown))
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            return reading.not_regular(_kind(mode)).at(Location(found.shown))
        try:
            return file.read(SIZE_LIMIT + 1)
        except OSError as error:
            return reading.unreadable(_reason(error)).at(Location(found.shown))


def is_regular_inside(folder: Path, inside: str) -> bool:
    """Tell whether `inside` leads to a regular file below `folder` without passing any symbolic link."""
    path = folder
    for part in inside.split("/"):
        path /= part
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            return False
        if stat.S_ISLNK(mode):
            return False
    return stat.S_ISREG(mode)


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "special file")


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()


def _printable(name: str) -> str:
    return name if name.isprintable() and name.isascii() else ascii(name)[1:-1]
