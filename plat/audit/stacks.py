"""The stacks that the backend has of a landscape in an environment, whoever has made them, with their states."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from plat.engine import Engine
from plat.home import Home
from plat.rollout import PARALLEL
from plat.stacks import StackName, beside


def names(home: Home, of: StackName) -> tuple[StackName, ...]:
    """The stacks of the landscape and the environment of `of`, those too that no share has any more."""
    return beside(home.stored(), of)


def states(home: Home, of: StackName) -> Mapping[StackName, Mapping[str, Any]]:
    """Their states, secrets in plain text: in memory alone, for what has to be judged by them. Raises EngineProblem."""
    found = names(home, of)
    with ThreadPoolExecutor(PARALLEL) as pool:
        exported = pool.map(lambda name: Engine(home, str(name), lambda _: None).exported(), found)
        return dict(zip(found, exported, strict=True))
