"""What many ask of one thing, worked out once."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def once_for_each(work: Callable[[_T], _R]) -> Callable[[_T], _R]:
    """`work`, done once for each thing, equal ones too, and known for as long as that thing is there.

    The thing must not change, and be one that can be referred to weakly; what is made of it must not hold on to it.
    """
    known: dict[int, _R] = {}

    @functools.wraps(work)
    def done(thing: _T) -> _R:
        key = id(thing)
        if key not in known:
            known[key] = work(thing)
            weakref.finalize(thing, known.pop, key).atexit = False
        return known[key]

    return done
