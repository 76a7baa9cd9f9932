from __future__ import annotations

import pytest

from bench.unjudged import without_pack


def test_the_policy_pack_alone_is_left_out() -> None:
    assert without_pack(("up", "--yes", "--policy-pack", "policies", "--skip-preview")) == ["up", "--yes", "--skip-preview"]


@pytest.mark.parametrize("words", [("up", "--yes"), ("up", "--policy-pack"), ("up", "--policy-pack", "others")])
def test_where_it_is_asked_for_in_another_way_nothing_is_measured(words: tuple[str, ...]) -> None:
    with pytest.raises(RuntimeError, match="nothing asks for the policy pack"):
        without_pack(words)
