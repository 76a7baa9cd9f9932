"""The stacks of a landscape whose environment gives each unit its own.

Most of what is done with them goes by the heads of their shares; only what has to know more asks for the shares themselves,
which follow from the whole plan.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

from plat.engine import Backend, Engine, EngineProblem
from plat.engine.applied import is_down, resources_of
from plat.home import Home
from plat.plan.model import PAIRING, PLATFORM, SecretRef
from plat.plan.shares import LATER, LEAVING, UNGIVEN, Head, Share
from plat.rollout.model import Outcome, Result, State
from plat.rollout.order import circles
from plat.rollout.run import UNWATCHED, Rollout, Watcher
from plat.rollout.select import selected
from plat.rollout.standing import Standing
from plat.stacks import beside

Say = Callable[[str], None]

PARALLEL = max(2, os.cpu_count() or 1)
"""How many stacks are worked on at a time, if nobody says: they compute and wait in turns."""

_NEW = 2.0
"""What work on a stack costs that has never been there, as a multiple of what a change does."""


class UnitStacks:
    """The stacks of shares of the project in `home.root`; `parallel` of them are worked on at a time.

    `heads` are those of the shares, by name, and `shares` gives all of each. How they stand is known to `standing`. Their
    programs and policy packs get the variables `by`.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it works on, and how
        self,
        home: Home,
        backend: Backend,
        heads: Mapping[str, Head],
        shares: Callable[[], Mapping[str, Share]],
        standing: Standing,
        watcher: Watcher = UNWATCHED,
        parallel: int = PARALLEL,
        by: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._home = home
        self._backend = backend
        self._heads = heads
        self._given = shares
        self._standing = standing
        self._watcher = watcher
        self._parallel = parallel
        self._by = by

    def up(self, names: Sequence[str], *, refresh: bool = False, force: bool = False) -> Result:
        """Brings up what is meant by `names`, all by none, but for what is current. Raises NotThere, EngineProblem."""
        meant = selected(self._heads, names)
        self._require(meant)
        if not (refresh or force):
            self._standing.look(meant)

        together = {name: [self._heads[other] for other in group] for group in circles(meant) for name in group}

        def work(share: Head, say: Say) -> None:
            circle = together.get(share.name, [share])
            if len(circle) > 1 and share == circle[0]:
                for other in circle:
                    self._begin(other, say)
            self._up(share, say, refresh=refresh)

        def current(share: Head) -> bool:
            return not (refresh or force) and all(map(self._standing.is_current, together.get(share.name, [share])))

        def cost(share: Head) -> float:
            if refresh or force:
                return 1.0
            return 0.0 if current(share) else 1.0 if self._standing.of(share) else _NEW

        return self._rollout(meant, work, current, known=current, cost=cost).run()

    def due(self, names: Sequence[str]) -> tuple[str, ...]:
        """The shares that are meant by `names` and not current. Raises NotThere."""
        meant = selected(self._heads, names)
        self._standing.look(meant)
        return tuple(name for name, share in meant.items() if not self._standing.is_current(share))

    def _begin(self, share: Head, say: Say) -> None:
        """Makes of a share that others need, and that needs them, what needs nothing of theirs."""
        there = {str(item["urn"]).rpartition("::")[2] for item in resources_of(self._backend.states, str(share.stack))}
        later = [name for name in self.share(share.name).leaning if name not in there]
        if later:
            say(f"{share.name}: first without {', '.join(later)}")
            self._up(share, say, variables={LATER: ",".join(later)})

    def _up(
        self, share: Head, say: Say, *, refresh: bool = False, variables: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        try:
            self._engine(share, say).up(refresh=refresh, previewed=not self._standing.is_judged(), variables=variables)
        finally:
            self._standing.changed(share)

    def preview(self, names: Sequence[str], also: Callable[[Head, str], None] = lambda _share, _line: None) -> Result:
        """Says what `up` would change, without changing it. Raises NotThere.

        `also` gets each line of the engine's log of events. As nothing is made, no share waits for what it needs.
        """
        meant = {name: dataclasses.replace(share, needs=()) for name, share in selected(self._heads, names).items()}
        self._standing.look(meant)
        ungiven = {name for name, share in meant.items() if share.giver and not self._gives(self._heads[share.giver])}

        def work(share: Head, say: Say) -> None:
            variables = {UNGIVEN: "1"} if share.name in ungiven else {}
            self._engine(share, say).preview(lambda line: also(share, line), variables)

        return self._rollout(meant, work, self._standing.is_current, known=self._standing.is_current).run()

    def _gives(self, share: Head) -> bool:
        there = self._standing.of(share)
        return there is not None and bool(there.outputs.get("given"))

    def share(self, name: str) -> Share:
        """The share of that name. Raises KeyError where there is none."""
        return self._given()[name]

    def secrets_of(self, name: str) -> tuple[str, ...]:
        """All that a share's stack has made, gives or is given, in plain text, for what must not be shown.

        Raises EngineProblem.
        """
        found: list[str] = []
        share = self._heads[name]
        for other in (share, *([self._heads[share.giver]] if share.giver else [])):
            engine = self._engine(other, lambda _: None)
            if engine.exists():
                found += engine.generated(PAIRING, self.share(other.name).derives)
                found += engine.outputs().get("secrets", {}).values()
        return tuple(found)

    def since(self, name: str) -> str:
        """The digest of the plan that a share's stack was last brought up with; empty where there is none that is known."""
        there = self._standing.of(self._heads[name])
        return str(there.outputs.get("digest") or "") if there else ""

    def left(self) -> tuple[str, ...]:
        """Stacks of the landscape in this environment that no share has any more: what `up` leaves as it is."""
        had = {share.stack for share in self._heads.values()}
        whole = next(iter(had)).whole
        return tuple(str(name) for name in beside(self._backend.states.stacks(), whole) if name not in had | {whole})

    def refresh(self, names: Sequence[str]) -> Result:
        """Takes into the state what there is; the next `up` puts it right. Raises NotThere."""

        def work(share: Head, say: Say) -> None:
            self._engine(share, say).refresh()

        meant = {name: share for name, share in selected(self._heads, names).items() if self.exists(share)}
        return self._rollout(meant, work, lambda _: False).run()

    def destroy(self, names: Sequence[str], *, force: bool = False) -> Result:
        """Deletes what runs and every right, and keeps datastores; what needs others goes first.

        Raises NotThere, and EngineProblem where something else is up that needs it, unless by `force`.
        """

        def work(share: Head, say: Say) -> None:
            self._engine(share, say).destroy()

        meant = {name: share for name, share in selected(self._heads, names).items() if self.exists(share)}
        if not force:
            self._require_unneeded(meant)
        result = self._rollout(meant, work, self.is_down, backwards=True).run()
        if result.of(State.INTERRUPTED):
            return result
        return Result((*result.outcomes, *self._closed(meant)))

    def _closed(self, removed: Mapping[str, Head]) -> Sequence[Outcome]:
        """Lets nobody into the platform's servers any more who has been removed, where no provider has seen to that."""
        if not removed:
            return ()
        closing = [name for name, share in self._given().items() if share.closes and name not in removed]
        meant = {name: dataclasses.replace(self._heads[name], needs=()) for name in closing if self.exists(self._heads[name])}
        if not meant:
            return ()
        entering = [share for share in self._given().values() if share.elsewhere and not share.closes]
        gone = [context for share in entering if not self._is_up(self._heads[share.name]) for context in share.contexts]

        def work(share: Head, say: Say) -> None:
            self._up(share, say, variables={LEAVING: ",".join(sorted(gone))})

        return self._rollout(meant, work, lambda _: not gone).run().outcomes

    def _is_up(self, share: Head) -> bool:
        return self.exists(share) and not self.is_down(share)

    def is_down(self, share: Head) -> bool:
        """Whether nothing of it is there but what a destroy keeps."""
        return is_down(resources_of(self._backend.states, str(share.stack)))

    def remove(self) -> None:
        """Forgets every stack with all that is in it. Raises EngineProblem."""
        for share in self._heads.values():
            if self.exists(share):
                self._engine(share, lambda _: None).remove_stack()

    def exists(self, share: Head) -> bool:
        """Whether its stack has ever been made."""
        return self._engine(share, lambda _: None).exists()

    def secrets(self) -> Mapping[SecretRef, str]:
        """What all of its stacks give, in plain text, by name. Raises EngineProblem where one is not up."""
        with ThreadPoolExecutor(self._parallel) as pool:
            found = list(pool.map(self._outputs, self._heads.values()))
        return {SecretRef(name): value for outputs in found for name, value in outputs["secrets"].items()}

    def _outputs(self, share: Head) -> Mapping[str, Any]:
        again = f"`plat up {share.stack.landscape} -e {share.stack.environment}`"
        if not self.exists(share):
            msg = f"{share.stack} has not been brought up here: {again} does"
            raise EngineProblem(msg)
        outputs = self._engine(share, lambda _: None).outputs()
        if "secrets" not in outputs:
            msg = f"the last update of {share.stack} did not end well: run {again} again"
            raise EngineProblem(msg)
        return outputs

    def _require(self, meant: Mapping[str, Head]) -> None:
        """Raises EngineProblem where something is needed that is not meant, and has never been there."""
        for share in meant.values():
            for name in share.needs:
                if name not in meant and not self.exists(self._heads[name]):
                    unit = self._heads[name].unit
                    msg = (
                        f"{share.name} needs {name} of {self._heads[name].team}, which has never been brought up here: "
                        f"`plat up {share.stack.landscape} {unit} -e {share.stack.environment}` does"
                    )
                    raise EngineProblem(msg)

    def _require_unneeded(self, meant: Mapping[str, Head]) -> None:
        """Raises EngineProblem where something is up that is not meant, and needs what is."""
        for share in self._heads.values():
            needed = sorted(set(share.needs) & meant.keys())
            if share.name not in meant and needed and not self.is_down(share):
                msg = (
                    f"{share.name} of {share.team} is up and needs {needed[0]}: name {share.unit} too, or say --force, and "
                    "it goes on without"
                )
                raise EngineProblem(msg)

    def _rollout(
        self,
        meant: Mapping[str, Head],
        work: Callable[[Head, Say], None],
        current: Callable[[Head], bool],
        **more: Any,  # noqa: ANN401 - what else a Rollout has
    ) -> Rollout:
        return Rollout(meant, work, current, self._watcher, self._parallel, **more)

    def _engine(self, share: Head, say: Say) -> Engine:
        platform = self._heads.get(PLATFORM)
        return Engine(self._home, self._backend, str(share.stack), say, str(platform.stack) if platform else "", self._by)
