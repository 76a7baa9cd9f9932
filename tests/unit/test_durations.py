from __future__ import annotations

import pytest

from plat.durations import milliseconds, shown


@pytest.mark.parametrize(("text", "expected"), [("1s", 1_000), ("90m", 5_400_000), ("12h", 43_200_000), ("7d", 604_800_000)])
def test_a_duration_is_a_number_and_its_unit(text: str, expected: int) -> None:
    assert milliseconds(text) == expected


@pytest.mark.parametrize("text", ["", "7", "d", "7w", "-7d", "7 d"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        milliseconds(text)


@pytest.mark.parametrize("text", ["1s", "90m", "7d", "36h", "61s"])
def test_milliseconds_are_shown_as_they_would_be_written(text: str) -> None:
    assert shown(milliseconds(text)) == text


def test_less_than_a_second_is_shown_as_it_is() -> None:
    assert shown(1_500) == "1500 ms"
