"""The landscape: every descriptor of one system, linked. `load_landscape` is the way from a folder to it."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Final

from plat.descriptors.assemble import assemble
from plat.descriptors.errors import reading
from plat.descriptors.files import shown_folder
from plat.descriptors.linked import (
    Landscape,
    LinkedAccess,
    LinkedBroker,
    LinkedConsumption,
    LinkedContext,
    LinkedContract,
    LinkedDatastore,
    LinkedDeployable,
    LinkedException,
    LinkedExternal,
    LinkedRelation,
    LinkedRelease,
    LinkedTeam,
    LinkedUpstream,
    LinkedView,
    Placed,
)
from plat.descriptors.links import check_links
from plat.descriptors.loader import Before, load_descriptors
from plat.descriptors.registry import Registry
from plat.findings import Finding, Location, errors

__all__ = [
    "Landscape",
    "LinkedAccess",
    "LinkedBroker",
    "LinkedConsumption",
    "LinkedContext",
    "LinkedContract",
    "LinkedDatastore",
    "LinkedDeployable",
    "LinkedException",
    "LinkedExternal",
    "LinkedRelation",
    "LinkedRelease",
    "LinkedTeam",
    "LinkedUpstream",
    "LinkedView",
    "LoadResult",
    "Placed",
    "load_landscape",
]

LINK_LIMIT: Final = 500


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """What loading gave: the landscape, and every finding of the run.

    The landscape is there as soon as every descriptor can be read by itself, even when links between them are wrong, so
    that rules can speak in the same run; relations that lead nowhere are then left out of it. Only `ok` says that it may
    be provisioned. Links are looked through when somebody asks for findings.
    """

    landscape: Landscape | None
    find: Callable[[], Iterable[Finding]] = field(repr=False, compare=False)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong, sorted."""
        return tuple(sorted(set(self.find())))

    @property
    def ok(self) -> bool:
        """Whether nothing stands against it: a landscape, and no error among the findings."""
        return self.landscape is not None and not errors(self.findings)


def load_landscape(folder: Path, before: Before | None = None) -> LoadResult:
    """Load the landscape in `folder`, which is named like it and holds `landscape.yaml` and the descriptors.

    Only files in that folder are read, three levels deep. Whatever they hold, the result is findings or a landscape, never
    an exception; locations name files as `<folder's parent>/<folder>/<file>`. Of files that have not changed since `before` it
    takes what they said then.
    """
    root = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a symbolic link to another name
    loaded = load_descriptors(root, before)
    registry = Registry(loaded)

    def find() -> Iterator[Finding]:
        yield from loaded.findings
        if not loaded.stopped:
            yield from _some(chain(registry.clashes(), check_links(registry)), root)

    return LoadResult(landscape=assemble(registry) if loaded.complete else None, find=find)


def _some(findings: Iterator[Finding], root: Path) -> Iterator[Finding]:
    """Give the first findings, and one that says so where there are more: looking for hints costs time."""
    yield from islice(findings, LINK_LIMIT)
    if next(findings, None) is not None:
        yield reading.more(LINK_LIMIT).at(Location(shown_folder(root)))
