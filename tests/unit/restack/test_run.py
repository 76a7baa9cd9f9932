from __future__ import annotations

from pathlib import Path

from plat.engine import backend_of
from plat.home import Home
from plat.plan.build import build
from plat.plan.shares import shares
from plat.restack import Restack
from tests.unit.plan.conftest import ENVIRONMENT, GOODS, LANDSCAPE, SALES, load, write


def test_servers_that_are_kept_by_the_landscapes_name_are_no_stack_to_remove(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS})
    home = Home(tmp_path)
    (home.local / "shop.test").mkdir(parents=True)

    said: list[str] = []
    restack = Restack(home, backend_of(home), shares(build(load(folder), ENVIRONMENT)), said.append)
    restack.run()

    assert (restack.moves(), said) == ((), [])
