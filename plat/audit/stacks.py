"""The stacks that the backend has of a landscape in an environment, whoever has made them, with their states."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from plat.engine import Engine
from plat.home import Home
from plat.stacks import StackName, StackNameProblem

_PARALLEL = max(2, os.cpu_count() or 1)


def names(home: Home, of: StackName) -> tuple[StackName, ...]:
    """The stacks of the landscape and the environment of `of`, those too that no share has any more."""
    folder = home.state / ".pulumi" / "stacks" / "plat"
    found = (_parsed(path.stem) for path in folder.glob("*.json"))
    return tuple(sorted(name for name in found if name and name.whole == of.whole))


def states(home: Home, of: StackName) -> Mapping[StackName, Mapping[str, Any]]:
    """Their states, secrets in plain text: in memory alone, for what has to be judged by them. Raises EngineProblem."""
    found = names(home, of)
    with ThreadPoolExecutor(_PARALLEL) as pool:
        exported = pool.map(lambda name: Engine(home, str(name), lambda _: None).exported(), found)
        return dict(zip(found, exported, strict=True))


def _parsed(stem: str) -> StackName | None:
    try:
        return StackName.parse(stem)
    except StackNameProblem:
        return None
