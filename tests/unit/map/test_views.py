"""Parts of the map."""

from __future__ import annotations

from plat.landscape import Landscape
from plat.map import views
from plat.map.build import Wishes, context_map
from plat.map.model import ContextMap


def test_around_a_context_stands_what_is_in_a_relation_to_it_and_nothing_else(drawn: ContextMap) -> None:
    part = views.around(drawn, "ordering")

    assert {node.name for node in part.nodes} == {"ordering", "stock", "billing", "reviews", "shop"}
    assert all(edge.touches("context:ordering") for edge in part.edges)
    assert part.title == "Everything at once · around ordering"
    assert [team.name for team in part.teams] == ["goods-team", "money-team", "orders-team", "web-team"]
    assert part.hosts == ("warehouse",)


def test_a_team_sees_what_it_owns_and_its_neighbours_faded(drawn: ContextMap) -> None:
    part = views.of_team(drawn, "money-team")

    assert {node.name for node in part.nodes if not node.faded} == {"billing", "ledger"}
    assert {node.name for node in part.nodes if node.faded} == {"ordering", "gateway", "carrier", "reviews"}


def test_a_team_that_owns_nothing_has_an_empty_map(drawn: ContextMap) -> None:
    part = views.of_team(drawn, "platform-team")

    assert (part.nodes, part.edges, part.teams) == ((), (), ())


def test_a_consumer_sees_whose_the_event_is(landscape: Landscape) -> None:
    part = views.around(context_map(landscape, Wishes(topics=True)), "reviews")

    assert {node.id for node in part.nodes} == {
        "context:reviews",
        "event:ordering.OrderPlaced",
        "context:ordering",
        "context:billing",
    }


def test_a_publisher_sees_who_consumes_its_events_and_its_own_databases(landscape: Landscape) -> None:
    part = views.around(context_map(landscape, Wishes(topics=True, databases=True)), "stock")

    assert {node.id for node in part.nodes} == {
        "context:stock",
        "context:ordering",
        "context:purchasing",
        "datastore:stock/postgresql/stock",
        "event:stock.StockLow",
    }


def test_a_publisher_sees_whom_it_knows_by_its_events_alone(landscape: Landscape) -> None:
    part = views.around(context_map(landscape, Wishes(topics=True)), "ordering")

    assert {"event:ordering.OrderPlaced", "context:reviews"} <= {node.id for node in part.nodes}


def test_a_view_can_be_asked_for_around_whatever_takes_part(drawn: ContextMap) -> None:
    assert {"ordering", "gateway", "bank"} <= set(views.centres(drawn))
