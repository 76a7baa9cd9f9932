"""Runs something for many shares: in order, some at once, none twice, and one that fails stops only those that need it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from plat.engine import EngineProblem, process
from plat.plan.shares import Share
from plat.rollout.model import Outcome, Result, State
from plat.rollout.order import before

_TICK = 0.2
"""Seconds after which the main thread looks round, so that it takes signals at once."""


class Watcher(Protocol):
    """Is told how a run goes, by several threads."""

    def began(self, share: Share) -> None:
        """Work on a share has begun."""

    def said(self, share: Share, line: str) -> None:
        """Something was said while it was worked on."""

    def ended(self, outcome: Outcome) -> None:
        """A share has come to its end in this run."""


class _Unwatched:
    def began(self, share: Share) -> None: ...

    def said(self, share: Share, line: str) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


UNWATCHED: Watcher = _Unwatched()
"""For a run of which nobody is told anything."""

Work = Callable[[Share, Callable[[str], None]], None]
"""What is done for a share; it tells of its progress. Raises EngineProblem."""

Current = Callable[[Share], bool]
"""Whether nothing has to be done for a share."""


@dataclass
class Rollout:
    """One run over `shares`, `parallel` of them at a time."""

    shares: Mapping[str, Share]
    work: Work
    current: Current
    watcher: Watcher
    parallel: int
    backwards: bool = False
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> Result:
        """Work on all of them. An interrupt reaches what is being worked on, and nothing more is begun."""
        waiting = dict(before(self.shares, backwards=self.backwards))
        ended: dict[str, Outcome] = {}
        running: dict[Future[Outcome], str] = {}
        with ThreadPoolExecutor(self.parallel) as pool, process.forwarding(self._stopped.set):
            while waiting or running:
                for name in [name for name, needed in waiting.items() if needed <= ended.keys()]:
                    self._begin(name, waiting.pop(name), ended, running, pool)
                if running:
                    done, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._end(future.result(), ended)
                        del running[future]
        return Result(tuple(ended[name] for name in before(self.shares, backwards=self.backwards)))

    def _begin(
        self,
        name: str,
        needed: frozenset[str],
        ended: dict[str, Outcome],
        running: dict[Future[Outcome], str],
        pool: ThreadPoolExecutor,
    ) -> None:
        share = self.shares[name]
        lost = sorted(other for other in needed if ended[other].state not in {State.DONE, State.CURRENT})
        if lost:
            verb = "needs it" if self.backwards else "is needed"
            reason = f"{', '.join(lost)} {verb}: {ended[lost[0]].state}"
            self._end(_outcome(share, State.HELD_BACK, reason), ended)
        else:
            running[pool.submit(self._do, share)] = name

    def _end(self, outcome: Outcome, ended: dict[str, Outcome]) -> None:
        ended[outcome.share] = outcome
        self.watcher.ended(outcome)

    def _do(self, share: Share) -> Outcome:
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


def _outcome(share: Share, state: State, reason: str, begun: float | None = None) -> Outcome:
    seconds = time.monotonic() - begun if begun is not None else 0.0
    return Outcome(share.name, str(share.stack), share.team, state, reason, seconds)
