from __future__ import annotations

import pytest

from plat.stacks import StackName, StackNameProblem


@pytest.mark.parametrize("text", ["shop.local", "shop.sales.local", "shop.sales_access.local"])
def test_a_name_is_read_as_it_is_written(text: str) -> None:
    assert str(StackName.parse(text)) == text


def test_a_share_knows_its_neighbours_and_the_whole() -> None:
    name = StackName.parse("shop.sales.local")
    assert (name.landscape, name.share, name.environment) == ("shop", "sales", "local")
    assert str(name.whole) == "shop.local"
    assert str(name.of("platform")) == "shop.platform.local"


@pytest.mark.parametrize("text", ["", "shop", "shop.", ".local", "shop..local", "a.b.c.d"])
def test_another_name_is_refused(text: str) -> None:
    with pytest.raises(StackNameProblem, match="is named neither"):
        StackName.parse(text)
