"""What a stack holds, for its program and its policy pack: read at once where `plat` has kept it, and made where it has not.

Reading descriptors takes the most of a second before the first is read. Many stacks that follow from the same files need that
once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from plat.asked import ENVIRONMENTS, today
from plat.compiled import kept
from plat.plan.model import Plan
from plat.plan.shares import Share
from plat.rules import Facts
from plat.stacks import StackName, StackNameProblem

if TYPE_CHECKING:
    from plat.project import Project


class Remembered(Protocol):
    """What `Compiled` gives, from wherever that is had."""

    def share(self, name: str) -> Share | None:
        """The share of that name; None where there is none."""

    def judged_by(self) -> tuple[Plan, Facts]:
        """The whole plan, with or without its claims, and the facts that follow from these."""


_remembered: dict[tuple[Path, StackName], Remembered] = {}


def remember(root: Path, landscape: StackName, known: Remembered) -> None:
    """Let what a landscape of the project in `root` holds be had of `known` in this process, whatever happens to files."""
    _remembered[root.resolve(), landscape.whole] = known


class Held:
    """What the stack called `stack` of the project in `root` holds. What it gives raises Refusal as `Project` does."""

    def __init__(self, root: Path, stack: str) -> None:
        self._root = root
        self._stack = stack
        self._kept = self._found()

    def share(self) -> Share:
        """Its share of the landscape; all of it where one stack holds all."""
        share = self._kept.share(StackName.parse(self._stack).share) if self._kept else None
        return share or self._project().share(self._stack)

    def judged_by(self) -> tuple[Plan, Facts]:
        """The plan of the whole landscape, with or without its claims, and the facts that follow from these."""
        if self._kept:
            return self._kept.judged_by()
        plan = self._project().plan(self._stack)
        return plan, Facts.of(plan.teams, plan.claims)

    def require_backend(self) -> None:
        """Raises Unreadable where Pulumi runs on another backend than the environment names."""
        name = self._stack.rpartition(".")[2]
        try:
            text = (self._root / ENVIRONMENTS / f"{name}.yaml").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return  # Whoever asks what the stack holds is told so.
        if "backend" in text:
            self._project().require_backend(self._stack)

    def _found(self) -> Remembered | None:
        try:
            name = StackName.parse(self._stack)
        except StackNameProblem:
            return None
        if known := _remembered.get((self._root.resolve(), name.whole)):
            return known
        found = kept(self._root, name, today(), lambda _: self._project().plan(self._stack))
        return found if found and found.is_there else None

    def _project(self) -> Project:
        from plat.project import Project  # noqa: PLC0415 - see above

        return Project(self._root)
