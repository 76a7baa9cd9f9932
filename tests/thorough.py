"""What the quick loop (`make check`) leaves to `make test`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest
from hypothesis import settings

thorough = pytest.mark.thorough


def all_but_thoroughly(quick: Collection[object], cases: Iterable[Any]) -> list[Any]:
    """`cases` of a test in their order, of which the quick loop takes only those in `quick`; a tuple is several arguments."""
    return _marked(quick, cases, lambda case: case if isinstance(case, tuple) else (case,))


def values_but_thoroughly(quick: Collection[object], values: Iterable[Any]) -> list[Any]:
    """The same of a fixture, where a tuple is one value."""
    return _marked(quick, values, lambda value: (value,))


def examples(number: int) -> settings:
    """So many examples of a property; in the quick loop the part of them that its profile has of the usual hundred."""
    loaded = settings.default
    assert loaded
    return settings(max_examples=max(1, number * loaded.max_examples // 100))


def _marked(quick: Collection[object], cases: Iterable[Any], arguments: Callable[[Any], tuple[Any, ...]]) -> list[Any]:
    found = [*cases]
    assert all(case in found for case in quick)
    return [case if case in quick else pytest.param(*arguments(case), marks=thorough) for case in found]
