"""Looks at stacks: what an update of each would change."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence

from plat.engine import EngineProblem
from plat.engine.steps import Log
from plat.preview.make import Looked, without
from plat.rollout import State, UnitStacks


def look(stacks: UnitStacks, names: Sequence[str]) -> list[Looked]:
    """What an update of the shares that are meant by `names` would change, all by none. Raises NotThere."""
    logs: defaultdict[str, Log] = defaultdict(Log)
    result = stacks.preview(names, lambda share, line: logs[share.name].take(line))
    found = []
    for outcome in result.outcomes:
        share = stacks.share(outcome.share)
        looked = Looked(share, outcome, logs[share.name], stacks.since(outcome.share))
        found.append(looked if looked.whole else _clean(looked, stacks))
    return found


def _clean(looked: Looked, stacks: UnitStacks) -> Looked:
    """The same, with no secret in what was said of a failure."""
    if looked.outcome.state in {State.CURRENT, State.HELD_BACK}:
        return looked
    try:
        return without(looked, stacks.secrets_of(looked.share.name))
    except EngineProblem:
        # Without knowing which texts are secrets, nobody's words can be shown.
        first = looked.outcome.reason.partition("\n")[0]
        log = dataclasses.replace(looked.log, problems=[], violations=[])
        return dataclasses.replace(looked, log=log, outcome=dataclasses.replace(looked.outcome, reason=first))
