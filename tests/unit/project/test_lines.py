from __future__ import annotations

from collections.abc import Sequence

import pytest

from plat.lines import line_of

TEXT = """\
a: 1
b:
  c: {d: 2}
  e:
    - 3
    - f: 4
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [(["a"], 1), (["b", "c", "d"], 3), (["b", "e", 1, "f"], 6), (["b", "x"], 2), (["x"], None), ([], None), (["a", 0], 1)],
)
def test_a_line_is_found_as_far_as_the_keys_lead(keys: Sequence[str | int], line: int | None) -> None:
    assert line_of(TEXT, keys) == line


def test_what_is_no_yaml_has_no_lines() -> None:
    assert line_of("a: [", ["a"]) is None
