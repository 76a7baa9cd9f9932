"""Runs something for many shares: in order, some at once, none twice, and one that fails stops only those that need it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import Protocol

from plat.engine import EngineProblem, process
from plat.plan.shares import Head
from plat.rollout.model import Outcome, Result, State
from plat.rollout.order import before

_TICK = 0.2
"""Seconds after which the main thread looks round, so that it takes signals at once."""


class Watcher(Protocol):
    """Is told how a run goes, by several threads."""

    def began(self, share: Head) -> None:
        """Work on a share has begun."""

    def said(self, share: Head, line: str) -> None:
        """Something was said while it was worked on."""

    def ended(self, outcome: Outcome) -> None:
        """A share has come to its end in this run."""


class _Unwatched:
    def began(self, share: Head) -> None: ...

    def said(self, share: Head, line: str) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


UNWATCHED: Watcher = _Unwatched()
"""For a run of which nobody is told anything."""

Work = Callable[[Head, Callable[[str], None]], None]
"""What is done for a share; it tells of its progress. Raises EngineProblem."""

Current = Callable[[Head], bool]
"""Whether nothing has to be done for a share."""


@dataclass
class Rollout:
    """One run over `shares`, `parallel` of them at a time.

    Of those that may begin, what takes longest with all that waits for it goes first.

    A share that is `known` to be current is asked for at once; `current` may take its time. `cost` says how long work on a
    share takes beside others.
    """

    shares: Mapping[str, Head]
    work: Work
    current: Current
    watcher: Watcher
    parallel: int
    backwards: bool = False
    known: Current = lambda _: False
    cost: Callable[[Head], float] = lambda _: 0.0
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> Result:
        """Work on all of them. An interrupt reaches what is being worked on, and nothing more is begun."""
        needed = before(self.shares, backwards=self.backwards)
        urgency = self._urgency(needed)
        order = TopologicalSorter(needed)
        order.prepare()
        ended: dict[str, Outcome] = {}
        waiting: list[tuple[float, int, str]] = []
        running = 0
        done: SimpleQueue[Future[Outcome]] = SimpleQueue()

        def end(outcome: Outcome) -> None:
            ended[outcome.share] = outcome
            self.watcher.ended(outcome)
            order.done(outcome.share)

        with ThreadPoolExecutor(self.parallel) as pool, process.forwarding(self._stopped.set):
            while order.is_active():
                while ready := order.get_ready():
                    for name in ready:
                        if outcome := self._without_work(name, needed[name], ended):
                            end(outcome)
                        else:
                            heappush(waiting, (-urgency[name], len(ended) + len(waiting), name))
                while waiting and running < self.parallel:
                    pool.submit(self._do, self.shares[heappop(waiting)[2]]).add_done_callback(done.put)
                    running += 1
                with suppress(Empty):
                    if running:
                        outcome = done.get(timeout=_TICK).result()
                        running -= 1
                        end(outcome)
        return Result(tuple(ended[name] for name in needed))

    def _urgency(self, needed: Mapping[str, Collection[str]]) -> Mapping[str, float]:
        """For each share, what it costs with the most costly row of those that wait for it, one for another."""
        found = dict.fromkeys(needed, 0.0)
        for name in reversed(list(needed)):
            found[name] += self.cost(self.shares[name])
            for other in needed[name]:
                found[other] = max(found[other], found[name])
        return found

    def _without_work(self, name: str, needed: Collection[str], ended: Mapping[str, Outcome]) -> Outcome | None:
        """How a share has ended that nothing has to be done for; None where it may have to."""
        lost = sorted(each for each in needed if ended[each].state not in {State.DONE, State.CURRENT})
        if lost:
            return self._held_back(name, ended[lost[0]], lost)
        # Who works on it will say what is wrong.
        with suppress(EngineProblem):
            if not self._stopped.is_set() and self.known(self.shares[name]):
                return _outcome(self.shares[name], State.CURRENT, "nothing has changed")
        return None

    def _held_back(self, name: str, first: Outcome, lost: Sequence[str]) -> Outcome:
        verb = "needs it" if self.backwards else "is needed"
        return _outcome(self.shares[name], State.HELD_BACK, f"{', '.join(lost)} {verb}: {first.state}")

    def _do(self, share: Head) -> Outcome:
        begun = time.monotonic()
        if self._stopped.is_set():
            return _outcome(share, State.INTERRUPTED, "it was not begun")
        try:
            if self.current(share):
                return _outcome(share, State.CURRENT, "nothing has changed", begun)
            self.watcher.began(share)
            self.work(share, lambda line: self.watcher.said(share, line))
        except EngineProblem as problem:
            state = State.INTERRUPTED if self._stopped.is_set() else State.FAILED
            return _outcome(share, state, str(problem), begun)
        return _outcome(share, State.DONE, "", begun)


def _outcome(share: Head, state: State, reason: str, begun: float | None = None) -> Outcome:
    seconds = time.monotonic() - begun if begun is not None else 0.0
    return Outcome(share.name, str(share.stack), share.team, state, reason, seconds)
