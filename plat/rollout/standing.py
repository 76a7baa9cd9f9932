"""How the stacks of shares stand: what each was last brought up with, and whether another update would do the same."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from plat.engine import Backend
from plat.engine.applied import Applied, applied
from plat.engine.backend.model import READERS, States
from plat.home import Home
from plat.meanwhile import meanwhile
from plat.plan.model import PLATFORM
from plat.plan.shares import Head
from plat.recalled import recalled
from plat.stacks import StackName, beside
from plat.versions import program_digest


class Standing:
    """What the stacks of shares have, by the `heads` of these. Each is read once, until it is said to have changed.

    Everything that reads raises BackendProblem.
    """

    def __init__(self, home: Home, backend: Backend, heads: Callable[[], Mapping[str, Head]]) -> None:
        self._home = home
        self._backend = backend
        self._given = heads
        self._ahead: Callable[[], Mapping[StackName, Applied | None]] = dict
        self._current: dict[str, bool] = {}

    def of(self, share: Head) -> Applied | None:
        """What its stack has; None where it has nothing."""
        if share.stack not in self._known:
            self._known[share.stack] = applied(self._backend.states, str(share.stack))
        return self._known[share.stack]

    def begin(self, landscape: StackName) -> None:
        """Begins to read what the stacks of `landscape` have, before anybody knows which shares there are.

        Where states are shared, many are read at a time, and the more that wait for it the better: `look` does.
        """
        if not self._backend.shared and "_known" not in self.__dict__:
            path = self._home.plans / f"{landscape}.applied"
            self._ahead = meanwhile(functools.partial(_applied_beside, self._backend.states, landscape, path))

    @cached_property
    def _heads(self) -> Mapping[str, Head]:
        return self._given()

    @cached_property
    def _known(self) -> dict[StackName, Applied | None]:
        return dict(self._ahead())

    def changed(self, share: Head) -> None:
        """Its stack is not what it was any more."""
        self._known.pop(share.stack, None)
        # Another one: what somebody else is just finding out goes into the one before.
        self._current = {}

    def is_current(self, share: Head) -> bool:
        """Whether the last update of its stack ended well, and would do the same again.

        Then its stack holds what the share has, and nothing else.
        """
        found = self._current
        if share.name not in found:
            found[share.name] = self._holds(share)
        return found[share.name]

    def _holds(self, share: Head) -> bool:
        last = self.of(share)
        if not last or not last.sound:
            return False
        wanted: dict[str, str | None] = {"program": self._program, "digest": share.digest}
        if share.giver:
            giver = self.of(self._heads[share.giver])
            wanted["received"] = giver.outputs.get("given") if giver else None
        return all(value and last.outputs.get(name) == value for name, value in wanted.items())

    def current(self) -> tuple[Head, ...]:
        """All that are current."""
        self.look(self._heads)
        return tuple(filter(self.is_current, self._heads.values()))

    def is_judged(self) -> bool:
        """Whether this very program has brought up the platform's stack: the policy pack has then judged what it makes."""
        platform = self._heads.get(PLATFORM)
        last = self.of(platform) if platform else None
        return bool(last and last.sound and last.outputs.get("program") == self._program)

    def look(self, names: Iterable[str]) -> None:
        """Reads what the stacks of these shares, and of those who give to them, have, many at a time.

        In a folder that would gain nothing, and in an object store it is most of a run that finds little to do.
        """
        if self._backend.shared:
            meant = [self._heads[name] for name in names]
            wanted = {*(share.name for share in meant), *(share.giver for share in meant if share.giver)}
            with ThreadPoolExecutor(READERS) as pool:
                list(pool.map(lambda name: self.of(self._heads[name]), sorted(wanted)))

    @cached_property
    def _program(self) -> str:
        return program_digest(self._home.root)


def _applied_beside(states: States, landscape: StackName, path: Path) -> Mapping[StackName, Applied | None]:
    with recalled(path) as kept:
        return {stack: applied(states, str(stack), kept) for stack in beside(states.stacks(), landscape)}
