"""What the quick loop (`make check`) leaves to `make test`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest
from hypothesis import settings

thorough = pytest.mark.thorough


def all_but_thoroughly(quick: Collection[object], cases: Iterable[Any]) -> list[Any]:
    """`cases` in their order, of which the quick loop takes only those in `quick`."""
    found = [*cases]
    assert all(case in found for case in quick)
    return [
        case if case in quick else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=thorough)
        for case in found
    ]


def examples(number: int) -> settings:
    """So many examples of a property; in the quick loop the part of them that its profile has of the usual hundred."""
    loaded = settings.default
    assert loaded
    return settings(max_examples=max(1, number * loaded.max_examples // 100))


def _thorough(case: Any) -> Any:  # noqa: ANN401 - what parametrize takes
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=thorough)
