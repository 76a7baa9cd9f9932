from __future__ import annotations

import gc
from dataclasses import dataclass

from plat.once import once_for_each


@dataclass(frozen=True)
class Thing:
    name: str


def test_of_one_thing_it_is_worked_out_once_and_of_an_equal_one_again() -> None:
    asked: list[str] = []

    @once_for_each
    def length(thing: Thing) -> int:
        asked.append(thing.name)
        return len(thing.name)

    first, second = Thing("billing"), Thing("billing")
    assert [length(first), length(first), length(second), length(first)] == [7, 7, 7, 7]
    assert asked == ["billing", "billing"]


def test_it_is_forgotten_with_the_thing() -> None:
    asked: list[str] = []

    @once_for_each
    def name(thing: Thing) -> str:
        asked.append(thing.name)
        return thing.name

    for each in ("billing", "pricing", "shipping"):
        # One after another may get the same place in memory.
        assert name(Thing(each)) == each
        gc.collect()
    assert asked == ["billing", "pricing", "shipping"]
