"""The stacks that the backend has of a landscape in an environment, whoever has made them, with their states."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from plat.engine import Backend, Engine
from plat.home import Home
from plat.rollout import PARALLEL
from plat.stacks import StackName, beside


def names(backend: Backend, of: StackName) -> tuple[StackName, ...]:
    """The stacks of the landscape and the environment of `of`, those too that no share has any more."""
    return beside(backend.states.stacks(), of)


def states(home: Home, backend: Backend, of: StackName) -> Mapping[StackName, Mapping[str, Any]]:
    """Their states, secrets in plain text: in memory alone, for what has to be judged by them. Raises EngineProblem."""
    found = names(backend, of)
    with ThreadPoolExecutor(PARALLEL) as pool:
        exported = pool.map(lambda name: Engine(home, backend, str(name), lambda _: None).exported(), found)
        return dict(zip(found, exported, strict=True))
