"""From a folder to descriptors: every file listed, read, checked and validated by itself."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Generic, Protocol, TypeVar

from plat.descriptors.agreements import DataContractDescriptor
from plat.descriptors.errors import linking, reading
from plat.descriptors.fields import own_name_problem
from plat.descriptors.files import Found, list_files, read_file, shown_folder
from plat.descriptors.models import ContextDescriptor, DeployableDescriptor, Descriptor, LandscapeDescriptor
from plat.descriptors.problems import Problem
from plat.descriptors.source import Source
from plat.descriptors.validate import name_of, validate
from plat.descriptors.yaml import read_document
from plat.findings import Finding, Location, errors

LANDSCAPE_FILE: Final = "landscape.yaml"
_STEM: Final = "landscape"
RUN_LIMIT: Final = 1_000  # findings after which no further file is read

_NAME = re.compile(rb"^name:[ \t]*[\"']?([a-z0-9-]{1,63})", re.MULTILINE)  # of a file that is no YAML
_D = TypeVar("_D", LandscapeDescriptor, ContextDescriptor, DeployableDescriptor, DataContractDescriptor)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[_D]):
    """A descriptor that is right by itself, and where it was read."""

    descriptor: _D
    source: Source

    def blame(self, problem: Problem, field: str, *related: Location) -> Finding:
        """Give the finding that `problem` stands in this descriptor at `field`."""
        return problem.at(self.source.at(field), field=field, subject=self.descriptor.name, related=related)


Right = tuple[Descriptor, Source]
"""What the file of a descriptor says that is right by itself."""


class Before(Protocol):
    """What files were found to say before."""

    def read(self, found: Found) -> bytes | Finding:
        """What a file holds, as `read_file` gives it."""

    def of(self, found: Found, data: bytes) -> Right | None:
        """What a file says where it holds `data`; None where that is not known."""

    def keep(self, found: Found, data: bytes, right: Right) -> None:
        """Take in what a file says."""


Runnable = Parsed[ContextDescriptor] | Parsed[DeployableDescriptor]


@dataclass(frozen=True, slots=True)
class Loaded:
    """All descriptors of a folder that are right by themselves; `stopped` where there were too many errors to go on.

    `broken` are the names of the others, as far as they can be known: nobody who refers to one is to blame.
    `others` are the paths of further files, such as the specifications that descriptors name.
    """

    folder: Path
    landscape: Parsed[LandscapeDescriptor] | None
    contexts: tuple[Parsed[ContextDescriptor], ...]
    deployables: tuple[Parsed[DeployableDescriptor], ...]
    contracts: tuple[Parsed[DataContractDescriptor], ...]
    broken: frozenset[str]
    others: frozenset[str]
    findings: tuple[Finding, ...]
    stopped: bool = False

    @property
    def runnables(self) -> tuple[Runnable, ...]:
        """All contexts and deployables of their own."""
        return (*self.contexts, *self.deployables)

    @property
    def complete(self) -> bool:
        """Whether every descriptor of the landscape is there."""
        return self.landscape is not None and not errors(self.findings)


class _Loader:
    def __init__(self, folder: Path, before: Before | None) -> None:
        self.folder = folder
        self.before = before
        self.findings: list[Finding] = []
        self.broken: set[str] = set()
        self.landscape: Parsed[LandscapeDescriptor] | None = None
        self.contexts: list[Parsed[ContextDescriptor]] = []
        self.deployables: list[Parsed[DeployableDescriptor]] = []
        self.contracts: list[Parsed[DataContractDescriptor]] = []

    def load(self, found: Found) -> None:
        """Take one file in: as a descriptor, or as findings."""
        data = self.before.read(found) if self.before else read_file(found)
        if isinstance(data, Finding):
            self._break(found, data)
            return
        if self.before and (right := self.before.of(found, data)):
            self._accept(found, *right)
            return
        document = read_document(found.shown, data)
        if document.tree is None:
            written = _NAME.search(data)
            self._break(found, *document.findings, name=written.group(1).decode() if written else "")
            return
        source = Source.of(found, document.tree)
        descriptor, findings = validate(source)
        if descriptor is None or document.findings:
            self._break(found, *document.findings, *findings, name=name_of(document.tree))
        else:
            if self.before:
                self.before.keep(found, data, (descriptor, source))
            self._accept(found, descriptor, source)

    def _accept(self, found: Found, descriptor: Descriptor, source: Source) -> None:
        if isinstance(descriptor, LandscapeDescriptor) != (found.inside == LANDSCAPE_FILE):
            problem = linking.misplaced(descriptor.kind, LANDSCAPE_FILE)
            self._break(found, problem.at(source.at("kind"), field="kind", subject=descriptor.name), name=descriptor.name)
        elif isinstance(descriptor, LandscapeDescriptor):
            self.landscape = Parsed(descriptor, source)
        elif isinstance(descriptor, ContextDescriptor):
            self.contexts.append(Parsed(descriptor, source))
        elif isinstance(descriptor, DeployableDescriptor):
            self.deployables.append(Parsed(descriptor, source))
        else:
            self.contracts.append(Parsed(descriptor, source))

    def _break(self, found: Found, *findings: Finding, name: str = "") -> None:
        self.findings.extend(findings)
        self.broken |= {name, PurePosixPath(found.inside).stem}


def load_descriptors(folder: Path, before: Before | None = None) -> Loaded:
    """Load every descriptor in `folder` by itself; links between them are not looked at.

    What is known from `before` is not read again, and what is read it is told.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - is_dir() raises where the parent is closed
        return _nothing(folder)
    listing = list_files(folder)
    loader = _Loader(folder, before)
    for found in listing.descriptors:
        if len(loader.findings) > RUN_LIMIT:
            loader.findings.append(reading.more(RUN_LIMIT).at(Location(found.shown)))
            break
        loader.load(found)
    refused = {PurePosixPath(path).stem for path in listing.refused}
    if not any(found.inside == LANDSCAPE_FILE for found in listing.descriptors) and _STEM not in refused:
        place = Location(f"{shown_folder(folder)}/{LANDSCAPE_FILE}")
        loader.findings.append(linking.no_landscape_file(LANDSCAPE_FILE).at(place))
    return Loaded(
        folder=folder,
        landscape=loader.landscape,
        contexts=tuple(sorted(loader.contexts, key=_order)),
        deployables=tuple(sorted(loader.deployables, key=_order)),
        contracts=tuple(sorted(loader.contracts, key=_order)),
        broken=frozenset(loader.broken | refused),
        others=frozenset(listing.others),
        findings=(*listing.findings, *loader.findings),
        stopped=len(loader.findings) > RUN_LIMIT,
    )


def _order(parsed: Runnable | Parsed[DataContractDescriptor]) -> tuple[str, Location]:
    return parsed.descriptor.name, parsed.source.at("name")


def _nothing(folder: Path) -> Loaded:
    finding = reading.missing_folder(folder.name).at(Location(shown_folder(folder)))
    empty: frozenset[str] = frozenset()
    return Loaded(folder, None, (), (), (), empty, empty, (finding,))


def check_name(name: str) -> str:
    """Say why no context or landscape can be called `name`, in one line with the way out; nothing where it can."""
    problem = own_name_problem(name)
    return ": ".join(text for text in (problem.message, problem.hint) if text) if problem else ""
