"""Moves what does not stand in the stack that it belongs to, by `pulumi state move`."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from plat.engine import Backend, Engine
from plat.engine.applied import resources_of
from plat.engine.backend.model import READERS
from plat.home import Home
from plat.plan.shares import Head, Share
from plat.restack.moves import Move, is_left, moves
from plat.stacks import StackName, beside


class Restack:
    """The stacks of the landscape `whole` in one environment, and what they are to hold, which `shares` gives by name.

    `current` gives the heads of the shares whose stacks hold what they are to hold, and nothing else.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it works on, and how
        self,
        home: Home,
        backend: Backend,
        whole: StackName,
        shares: Callable[[], Mapping[str, Share]],
        say: Callable[[str], None],
        current: Callable[[], Iterable[Head]] = tuple,
    ) -> None:
        self._home = home
        self._backend = backend
        self._whole = whole
        self._shares = shares
        self._say = say
        self._current = current

    def moves(self) -> tuple[Move, ...]:
        """What is to be moved; nothing where everything is in its place."""
        states = self._states(without={str(share.stack) for share in self._current()})
        # What every share holds is much to make, and of most runs all stacks are current.
        return moves(self._shares(), states) if states else ()

    def run(self) -> None:
        """Moves it, stack by stack, and forgets stacks in which nothing is left. Raises EngineProblem.

        Each move is one change of both states: when it is ended in between, the next run does the rest.
        """
        planned = self.moves()
        for source in dict.fromkeys(move.source for move in planned):
            self._engine(source).settle()
        for move in planned:
            self._say(f"{len(move.urns)} from {move.source} to {move.dest}")
            # One that a killed command has only half made would take what it cannot keep.
            self._engine(move.dest, like=move.source).settle()
            self._engine(move.source).move(move.urns, move.dest)
        kept = {str(share.stack) for share in self._shares().values()}
        for stack, resources in self._states().items():
            if stack not in kept and is_left(resources):
                self._engine(stack).remove_stack()
                self._say(f"{stack}: nothing is left in it, and it is gone")

    def _states(self, without: Container[str] = ()) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        names = [str(name) for name in beside(self._backend.states.stacks(), self._whole) if str(name) not in without]
        # Where they are far away, each takes its time, and nobody computes meanwhile.
        with ThreadPoolExecutor(READERS) as pool:
            return dict(pool.map(lambda name: (name, resources_of(self._backend.states, name)), names))

    def _engine(self, stack: str, like: str = "") -> Engine:
        return Engine(self._home, self._backend, stack, self._say, like)
