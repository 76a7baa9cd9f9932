from __future__ import annotations

from plat.plan.model import Plan
from tests.unit.plan.conftest import Planned
from tests.unit.plan.test_outline import BFF, HOSTED, MONOLITH


def units(plan: Plan) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return {unit.name: (unit.team, unit.contexts, unit.deployables) for unit in plan.units}


def test_a_context_is_a_unit_with_all_that_runs_for_it_and_so_is_the_platform(planned: Planned) -> None:
    assert units(planned()) == {
        "goods": ("goods-team", ("goods",), ("goods",)),
        "platform": ("platform-team", (), ()),
        "sales": ("sales-team", ("sales",), ("sales-api",)),
    }


def test_a_deployable_beside_contexts_is_a_unit_of_its_own(planned: Planned) -> None:
    assert units(planned(web=BFF))["web"] == ("goods-team", (), ("web",))


def test_a_deployable_is_one_unit_with_the_contexts_that_it_hosts(planned: Planned) -> None:
    hosted = {name: HOSTED.format(name=name) for name in ("goods", "shelves")}
    found = units(planned(floor=MONOLITH, **hosted))
    assert found["shop-floor"] == ("goods-team", ("goods", "shelves"), ("shop-floor",))
    assert not {"goods", "shelves"} & found.keys()


def test_deployables_that_host_one_context_are_one_unit(planned: Planned) -> None:
    hosted = {name: HOSTED.format(name=name) for name in ("goods", "shelves", "stands")}
    second = MONOLITH.replace("shop-floor", "shop-back").replace("[goods, shelves]", "[shelves, stands]")
    found = units(planned(floor=MONOLITH, back=second, **hosted))
    assert found["shop-back"] == ("goods-team", ("goods", "shelves", "stands"), ("shop-back", "shop-floor"))
    assert "shop-floor" not in found
