"""From the landscape to nodes and edges."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.landscape import Landscape, load_landscape
from plat.map.build import Wishes, context_map
from plat.map.model import ContextMap, Edge, EdgeKind, NodeKind
from tests.unit.map import atlas

CALL = "{context: ordering, uses: [GetOrder], pattern: anti-corruption-layer}"
READ = "{event: ordering.OrderPlaced, from-role: customer}"


def ends(drawn: ContextMap, source: str, target: str) -> list[tuple[str, str]]:
    """The marks at both ends of what leads from one to the other."""
    found = [edge for edge in drawn.edges if (edge.source, edge.target) == (source, target)]
    return [(" ".join(edge.source_marks), " ".join(edge.target_marks)) for edge in found]


def edge_of(drawn: ContextMap, kind: EdgeKind, target: str) -> Edge:
    return next(edge for edge in drawn.edges if edge.kind is kind and edge.target == target)


@pytest.mark.parametrize(
    ("pattern", "upstream", "downstream"),
    [
        ("open-host-service", "U OHS", "D"),
        ("published-language", "U PL", "D"),
        ("customer-supplier", "U S", "D C"),
        ("conformist", "U", "D CF"),
        ("anti-corruption-layer", "U", "D ACL"),
        ("partnership", "P", "P"),
        ("shared-kernel", "SK", "SK"),
        ("separate-ways", "U SW", "D SW"),
    ],
)
def test_every_pattern_of_a_call_shows_at_its_end(tmp_path: Path, pattern: str, upstream: str, downstream: str) -> None:
    files = {
        "ordering.yaml": atlas.FILES["ordering.yaml"].replace("offered-as: [open-host-service, published-language]\n", ""),
        "billing.yaml": atlas.FILES["billing.yaml"]
        .replace(CALL, CALL.replace("anti-corruption-layer", pattern))
        .replace("  - {event: ordering.OrderPlaced, pattern: conformist}\n", "")
        .replace("consumes:\n", ""),
    }

    drawn = context_map(atlas.load(tmp_path, files))

    assert ends(drawn, "context:ordering", "context:billing") == [(upstream, downstream)]


@pytest.mark.parametrize(
    ("role", "upstream", "downstream"),
    [("customer", "U S", "D C"), ("conformist", "U", "D CF"), ("partner", "P", "P")],
)
def test_the_part_that_a_consumer_plays_shows_at_its_end(tmp_path: Path, role: str, upstream: str, downstream: str) -> None:
    files = {
        "ordering.yaml": atlas.FILES["ordering.yaml"].replace("offered-as: [open-host-service, published-language]\n", ""),
        "reviews.yaml": atlas.FILES["reviews.yaml"].replace(READ, READ.replace("customer", role)),
    }

    drawn = context_map(atlas.load(tmp_path, files))

    assert ends(drawn, "context:ordering", "context:reviews") == [(upstream, downstream)]


def test_what_the_upstream_offers_shows_on_each_of_its_relations_beside_what_the_downstream_does(drawn: ContextMap) -> None:
    assert ends(drawn, "context:ordering", "context:billing") == [("U OHS PL", "D CF ACL")]
    assert ends(drawn, "context:ordering", "deployable:shop") == [("U OHS PL", "D")]
    assert ends(drawn, "context:stock", "context:ordering") == [("U S", "D C")]


@pytest.mark.parametrize(
    ("pair", "mark"),
    [
        (("context:purchasing", "context:stock"), "P"),
        (("context:billing", "context:ledger"), "SK"),
        (("context:billing", "context:reviews"), "SW"),
    ],
)
def test_a_symmetric_relation_has_its_pattern_at_both_ends(drawn: ContextMap, pair: tuple[str, str], mark: str) -> None:
    assert (mark, mark) in ends(drawn, *pair)


def test_what_passes_between_partners_is_drawn_on_their_relation(drawn: ContextMap) -> None:
    between = [edge for edge in drawn.edges if edge.joins("context:purchasing", "context:stock")]

    assert [(edge.kind, edge.events) for edge in between] == [(EdgeKind.SYMMETRIC, ("StockLow",))]


def test_a_dependency_that_partners_shield_themselves_from_stays_one(tmp_path: Path) -> None:
    text = atlas.FILES["purchasing.yaml"].replace("from-role: partner", "pattern: anti-corruption-layer")

    drawn = context_map(atlas.load(tmp_path, {"purchasing.yaml": text}))

    assert ends(drawn, "context:stock", "context:purchasing") == [("U", "D ACL")]
    assert ends(drawn, "context:purchasing", "context:stock") == [("P", "P")]


def test_use_between_those_that_go_separate_ways_is_drawn_beside_that(tmp_path: Path) -> None:
    text = atlas.FILES["landscape.yaml"].replace("between: [reviews, billing]", "between: [reviews, ordering]")

    drawn = context_map(atlas.load(tmp_path, {"landscape.yaml": text}))

    between = sorted(edge.kind for edge in drawn.edges if edge.joins("context:reviews", "context:ordering"))
    assert between == [EdgeKind.DEPENDENCY, EdgeKind.SYMMETRIC]


def test_calls_and_events_between_two_are_one_relation(drawn: ContextMap) -> None:
    between = [edge for edge in drawn.edges if edge.joins("context:ordering", "context:billing")]

    assert [(edge.calls, edge.events) for edge in between] == [(("GetOrder",), ("OrderPlaced",))]


def test_an_external_is_upstream_of_whoever_names_it_and_an_anti_corruption_layer_shields(drawn: ContextMap) -> None:
    assert ends(drawn, "external:carrier", "context:billing") == [("U", "D CF")]
    assert ends(drawn, "external:bank", "deployable:gateway") == [("U", "D ACL")]
    assert ends(drawn, "deployable:gateway", "context:billing") == [("U", "D")]


def test_contexts_of_a_modular_monolith_stand_in_its_frame_and_several_deployables_are_named(drawn: ContextMap) -> None:
    assert drawn.hosts == ("warehouse",)
    assert {node.name for node in drawn.nodes if node.host == "warehouse"} == {"stock", "purchasing"}
    assert drawn.node("context:ordering").details == ("runs in ordering-api, ordering-worker",)
    assert drawn.node("context:billing").details == ()


def test_a_monolith_that_calls_by_itself_is_a_node_in_its_frame(tmp_path: Path) -> None:
    text = atlas.FILES["warehouse.yaml"] + "externals: [{external: carrier, pattern: customer-supplier}]\n"

    drawn = context_map(atlas.load(tmp_path, {"warehouse.yaml": text}))

    assert drawn.node("deployable:warehouse").host == "warehouse"
    assert ends(drawn, "external:carrier", "deployable:warehouse") == [("U S", "D C")]


def test_a_monolith_of_two_teams_is_no_frame_but_is_named_on_its_contexts(tmp_path: Path) -> None:
    text = atlas.FILES["purchasing.yaml"].replace("team: goods-team", "team: orders-team")
    loaded = load_landscape(atlas.write(tmp_path, {"purchasing.yaml": text})).landscape
    assert loaded is not None

    drawn = context_map(loaded)

    assert drawn.hosts == ()
    assert drawn.node("context:stock").details == drawn.node("context:purchasing").details == ("runs in warehouse",)


def test_whoever_reads_foreign_data_is_always_drawn_with_the_contract(drawn: ContextMap) -> None:
    edge = edge_of(drawn, EdgeKind.DATA, "context:ledger")

    assert (edge.source, edge.details) == ("context:billing", ("contract accounts", "reads until 2027-06-30"))


def test_access_without_a_contract_says_so(tmp_path: Path) -> None:
    text = atlas.FILES["ledger.yaml"].replace(", contract: accounts", ", mode: write, tables: [orders]")
    loaded = load_landscape(atlas.write(tmp_path, {"ledger.yaml": text})).landscape
    assert loaded is not None

    assert edge_of(context_map(loaded), EdgeKind.DATA, "context:ledger").details == ("writes orders", "without a contract")


def test_databases_come_on_request_and_foreign_readers_are_then_tied_to_the_database_itself(landscape: Landscape) -> None:
    drawn = context_map(landscape, Wishes(databases=True))
    stores = {node.id: (node.name, node.details) for node in drawn.nodes if node.kind is NodeKind.DATASTORE}

    assert stores["datastore:ordering/postgresql/ordering"] == ("postgresql 16", ())
    assert stores["datastore:stock/postgresql/stock"] == ("postgresql", ("schema",))
    assert stores["datastore:billing/redis/billing"] == ("redis", ("in memory",))
    assert edge_of(drawn, EdgeKind.DATA, "context:ledger").source == "datastore:billing/postgresql/billing"


def test_topics_come_on_request_with_the_patterns_at_publisher_and_consumer(landscape: Landscape) -> None:
    drawn = context_map(landscape, Wishes(topics=True))

    assert drawn.node("event:ordering.OrderForgotten").details == ("v1 · deprecated",)
    assert ends(drawn, "context:ordering", "event:ordering.OrderPlaced") == [("U OHS PL S", "")]
    assert ends(drawn, "event:ordering.OrderPlaced", "context:reviews") == [("", "D C")]
    assert ends(drawn, "event:stock.StockLow", "context:purchasing") == [("", "P")]
    assert ends(drawn, "context:ordering", "event:ordering.OrderForgotten") == [("", "")]
    assert [edge.events for edge in drawn.edges if edge.events] == []


def test_where_events_are_drawn_it_is_said_what_carries_them(landscape: Landscape, drawn: ContextMap) -> None:
    assert context_map(landscape, Wishes(topics=True)).broker == "rabbitmq, run by platform-team"
    assert drawn.broker is None


def test_the_map_does_not_depend_on_the_order_of_files(tmp_path: Path) -> None:
    backwards = tmp_path / "backwards"
    (backwards / "atlas").mkdir(parents=True)
    for name, text in reversed(list(atlas.FILES.items())):
        place = backwards / "atlas" / ("landscape.yaml" if name == "landscape.yaml" else f"z-{len(name)}" + name)
        place.write_text(text, encoding="utf-8")
    other = load_landscape(backwards / "atlas").landscape
    assert other is not None

    assert context_map(other) == context_map(atlas.load(tmp_path))
