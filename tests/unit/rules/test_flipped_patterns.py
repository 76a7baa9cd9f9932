"""One relation, and every pattern that it can have in turn: what is found, and whether any right comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from plat.claims import RouteClaim, SeparationClaim
from plat.descriptors.parts import Pattern, Role, SymmetricPattern
from plat.findings import errors
from plat.project import Project, Refusal
from tests.unit.rules.written import context, landscape, project

ONE_WAY: dict[str, list[str]] = {
    "": [],
    "open-host-service": [],
    "published-language": [],
    "conformist": [],
    "anti-corruption-layer": [],
    "customer-supplier": ["not-offered"],
    "partnership": ["partnership-undeclared"],
    "shared-kernel": ["partnership-undeclared"],
    "separate-ways": ["separate-ways"],
}
BOTH_WAYS: dict[str, list[str]] = {
    "": ["mutual-dependency"],
    "open-host-service": ["mutual-dependency"],
    "published-language": ["mutual-dependency"],
    "conformist": ["consumes-only"],
    "anti-corruption-layer": ["consumes-only"],
    "customer-supplier": ["mutual-dependency", "not-offered"],
    "partnership": ["mutual-dependency", "partnership-undeclared"],
    "shared-kernel": ["mutual-dependency", "partnership-undeclared"],
    "separate-ways": ["mutual-dependency", "separate-ways"],
}
AMONG_PARTNERS: dict[str, list[str]] = {
    "": [],
    "open-host-service": [],
    "published-language": [],
    "conformist": ["consumes-only", "contradictory-patterns"],
    "anti-corruption-layer": ["consumes-only"],
    "customer-supplier": ["contradictory-patterns", "not-offered"],
    "partnership": [],
    "shared-kernel": ["partnership-undeclared"],
    "separate-ways": ["separate-ways"],
}
BY_ROLE: dict[str, list[str]] = {"customer": ["not-offered"], "conformist": [], "partner": ["partnership-undeclared"]}
AGREED: dict[str, list[str]] = {
    "partnership": [],
    "shared-kernel": ["shared-kernel-without-contract"],
    "separate-ways": ["separate-ways", "separate-ways"],
}


def _shop(  # noqa: PLR0913 - one for each thing that is flipped
    root: Path, pattern: str = "", *, role: str = "", back: bool = False, agreed: str = "", offered_to: str = ""
) -> Project:
    """Sales calls Catalog and consumes its event; the pattern is the call's, the role the consumption's."""
    call = f"{{context: catalog, uses: [GetProduct]{f', pattern: {pattern}' if pattern else ''}}}"
    event = f"{{event: catalog.PriceChanged{f', from-role: {role}' if role else ''}}}"
    offered = f"{{offered-to: [{offered_to}]}}" if offered_to else "{}"
    relation = f"relations:\n  - {{between: [sales, catalog], pattern: {agreed}}}\n" if agreed else ""
    files = {
        "landscape": landscape("sales-team", "catalog-team", rest=relation),
        "sales": context("sales", f"publishes: {{OrderPlaced: {{}}}}\nupstreams: [{call}]\nconsumes: [{event}]\n"),
        "catalog": context(
            "catalog",
            f"exposes: {{GetProduct: {offered}}}\npublishes: {{PriceChanged: {offered}}}\n"
            + ("consumes: [{event: sales.OrderPlaced}]\n" if back else ""),
        ),
    }
    return project(root, files)


def _rules(shop: Project) -> list[str]:
    return sorted(finding.rule for finding in shop.check("shop").findings)


def _rights_follow(shop: Project) -> bool:
    """Tell whether the relation becomes a route and a queue; where anything is refused, nothing comes into being."""
    refused = bool(errors(shop.check("shop").findings))
    try:
        plan = shop.plan("shop.local")
    except Refusal:
        assert refused
        return False
    assert not refused
    assert [(route.source, route.destination) for route in plan.routes] == [("sales", "catalog")]
    assert plan.broker
    assert "sales.catalog.PriceChanged.v1" in [queue.name for queue in plan.broker.queues]
    return True


def test_every_pattern_and_every_role_is_flipped() -> None:
    patterns = {"", *get_args(Pattern)}
    assert ONE_WAY.keys() == BOTH_WAYS.keys() == AMONG_PARTNERS.keys() == patterns
    assert BY_ROLE.keys() == {*get_args(Role)}
    assert AGREED.keys() == {*get_args(SymmetricPattern)}


@pytest.mark.parametrize("pattern", ONE_WAY)
def test_a_pattern_of_a_relation_in_one_direction(pattern: str, tmp_path: Path) -> None:
    shop = _shop(tmp_path, pattern)
    assert _rules(shop) == ONE_WAY[pattern]
    assert _rights_follow(shop) is not bool(ONE_WAY[pattern])


@pytest.mark.parametrize("pattern", BOTH_WAYS)
def test_a_pattern_where_the_upstream_depends_in_turn(pattern: str, tmp_path: Path) -> None:
    assert _rules(_shop(tmp_path, pattern, back=True)) == BOTH_WAYS[pattern]


@pytest.mark.parametrize("pattern", AMONG_PARTNERS)
def test_a_pattern_among_declared_partners_that_depend_on_each_other(pattern: str, tmp_path: Path) -> None:
    assert _rules(_shop(tmp_path, pattern, back=True, agreed="partnership")) == AMONG_PARTNERS[pattern]


@pytest.mark.parametrize("role", BY_ROLE)
def test_a_role_towards_the_publisher(role: str, tmp_path: Path) -> None:
    shop = _shop(tmp_path, role=role)
    assert _rules(shop) == BY_ROLE[role]


@pytest.mark.parametrize("pattern", AGREED)
def test_a_symmetric_relation_of_the_two(pattern: str, tmp_path: Path) -> None:
    shop = _shop(tmp_path, agreed=pattern)
    assert _rules(shop) == AGREED[pattern]


@pytest.mark.parametrize(("pattern", "role"), [("customer-supplier", ""), ("", "customer")])
def test_a_customer_gets_what_its_supplier_marks_for_it(pattern: str, role: str, tmp_path: Path) -> None:
    shop = _shop(tmp_path, pattern, role=role, offered_to="sales")
    assert _rules(shop) == []
    assert _rights_follow(shop)


def test_nobody_gets_what_is_marked_for_another(tmp_path: Path) -> None:
    assert _rules(_shop(tmp_path, offered_to="catalog")) == ["not-offered", "not-offered"]


def test_separate_ways_reach_the_policy_pack_as_a_claim(tmp_path: Path) -> None:
    files = {
        "landscape": landscape(
            "sales-team", "catalog-team", rest="relations: [{between: [sales, catalog], pattern: separate-ways}]\n"
        ),
        "sales": context("sales"),
        "catalog": context("catalog", "exposes: {GetProduct: {}}\n"),
    }
    claims = project(tmp_path, files).plan("shop.local").claims
    assert [(claim.one, claim.other) for claim in claims if isinstance(claim, SeparationClaim)] == [("catalog", "sales")]
    assert [claim for claim in claims if isinstance(claim, RouteClaim)] == []
