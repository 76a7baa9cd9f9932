"""Grouping by a key, so that looking things up costs the same in a landscape of ten contexts and of ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


def grouped(things: Iterable[_T], key: Callable[[_T], _K]) -> dict[_K, tuple[_T, ...]]:
    """The things by their key, each group in the order in which they came."""
    return grouped_by_each(things, lambda thing: (key(thing),))


def grouped_by_each(things: Iterable[_T], keys: Callable[[_T], Iterable[_K]]) -> dict[_K, tuple[_T, ...]]:
    """The same where a thing has several keys: it stands in the group of each."""
    found: dict[_K, list[_T]] = {}
    for thing in things:
        for key in keys(thing):
            found.setdefault(key, []).append(thing)
    return {key: tuple(group) for key, group in found.items()}
