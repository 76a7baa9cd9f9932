from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plat.claims import BreachClaim, Claim, GrantClaim, OpaqueClaim, ProtectionClaim
from plat.findings import Location
from plat.outline import Outline, outline
from plat.outline.build import parts
from plat.outline.tell import tell
from plat.plan.model import Backups, Endpoint, Hypervisor, Operation, Plan, Pooler, Queue, Scaling, Server, View
from tests.unit.plan.conftest import GOODS, LANDSCAPE, Planned

KAFKA = LANDSCAPE.replace("{type: rabbitmq}", "{type: kafka}")
BFF = """
apiVersion: plat/v1
kind: Deployable
name: web
team: goods-team
purpose: Shows orders.
image: registry.example/web:1
command: [python, -m, web]
upstreams: [{context: sales, uses: [GetOrder]}]
"""
MONOLITH = """
apiVersion: plat/v1
kind: Deployable
name: shop-floor
team: goods-team
purpose: Carries two contexts.
hosts: [goods, shelves]
image: registry.example/floor:1
command: [python, -m, floor]
"""
HOSTED = """
apiVersion: plat/v1
kind: Context
name: {name}
team: goods-team
subdomain: supporting
purpose: Is carried by another one.
datastore: {{type: redis}}
"""
# A surface tells of its operations, a contract of its views, a machine of its hypervisor, a PostgreSQL of its copies, whatever
# has a second address of that; no landscape intends what the claims here say.
TOLD_BY_OTHERS = {Backups, Endpoint, Hypervisor, Operation, Pooler, Scaling, View, OpaqueClaim, BreachClaim, ProtectionClaim}


def texts(found: Outline, section: str) -> list[str]:
    lines = next(one for one in found.sections if one.name == section).lines
    return [
        f"{line.kind}: {line.text} <- {Path(line.location.file).name}:{line.location.line}" for line in lines if line.location
    ]


def test_every_type_of_part_that_a_plan_can_hold_is_told() -> None:
    held = held_by(Plan)

    assert {kind.__name__ for kind in held - set(tell.registry) - TOLD_BY_OTHERS} == set()
    assert {Server, Queue, Operation, GrantClaim} <= held, "the search finds what is held at any depth"


def held_by(kind: type) -> set[type]:
    """The dataclasses that fields of `kind` hold, and what those hold, without places."""
    found: set[type] = set()
    for hint in typing.get_type_hints(kind).values():
        for inner in _inside(hint):
            if inner.__module__ in {Plan.__module__, "plat.claims"} and inner not in found:
                found |= {inner} | (held_by(inner) if inner.__module__ == Plan.__module__ else set())
    return found


def _inside(hint: Any) -> Iterator[type]:  # noqa: ANN401 - a type as it is written
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
    if typing.get_origin(hint) in {tuple, types.UnionType, typing.Union}:
        for argument in typing.get_args(hint):
            yield from _inside(argument)


def test_a_type_that_nobody_tells_is_named(planned: Planned) -> None:
    with pytest.raises(TypeError, match="nothing in plat/outline tells of a Operation"):
        tell(Operation("GetOrder", public=False, callers=()), planned())


def test_every_line_names_the_place_that_makes_it(planned: Planned) -> None:
    for changed in ({}, {"landscape": KAFKA}, {"web": BFF}):
        for section in outline(planned(**changed)).sections:
            assert [line for line in section.lines if line.location is None] == []


def test_a_context_is_told_all_that_it_gets(planned: Planned) -> None:
    lines = [line for line in texts(outline(planned()), "sales") if " on 127.0.0.1:" not in line]

    assert lines == [
        "datastore: sales--postgresql: database sales in its own server sales--postgresql <- sales.yaml:8",
        (
            "role: sales: with a password of its own, the only one besides the administrator that may enter sales--postgresql"
            " <- sales.yaml:8"
        ),
        "datastore: sales--redis: all of its own server sales--redis <- sales.yaml:8",
        (
            "role: sales: with a password of its own, the only one besides the administrator that may enter sales--redis"
            " <- sales.yaml:8"
        ),
        "exchange: sales.events, to publish OrderTaken.v2 <- sales.yaml:12",
        "broker user: sales: with a password of its own <- sales.yaml:12",
        (
            "variables: DATABASE_URL, PGDATABASE, PGHOST, PGPASSWORD, PGPORT, PGUSER, POSTGRESQL_PASSWORD, POSTGRESQL_URL of"
            " sales-api <- sales.yaml:8"
        ),
        "variables: REDISCLI_AUTH, REDIS_PASSWORD, REDIS_URL of sales-api <- sales.yaml:8",
        (
            "variables: HOST, PLAT_CONTEXT, PLAT_CONTEXTS, PLAT_DEPLOYABLE, PLAT_ENVIRONMENT, PLAT_LANDSCAPE, PLAT_TEAM of"
            " sales-api <- sales.yaml:10"
        ),
        "variables: PORT of sales-api <- sales.yaml:10",
        "variables: PRICE of sales-api <- sales.yaml:10",
        "variables: PLAT_CALLERS, PLAT_SURFACE of sales-api <- sales.yaml:11",
        "variables: BROKER_PASSWORD, BROKER_URL, PLAT_CONSUMES, PLAT_PUBLISHES of sales-api <- sales.yaml:12",
        "right: may read from and write to sales--postgresql <- sales.yaml:8",
        "right: may read from and write to sales--redis <- sales.yaml:8",
        "right: may publish to sales.events with OrderTaken.v2 <- sales.yaml:12",
    ]


def test_a_consumer_is_told_of_its_queue_its_rights_and_its_route(planned: Planned) -> None:
    lines = texts(outline(planned()), "goods")
    queue = "goods.sales.OrderTaken.v2"

    for line in (
        f"queue: {queue}: sales.OrderTaken, from sales.events by OrderTaken.v2, kept 7d <- goods.yaml:10",
        f"dead letters: {queue}.dead: what could not be handled of {queue} <- goods.yaml:10",
        f"right: may consume from {queue} <- goods.yaml:10",
        f"right: may consume from {queue}.dead <- goods.yaml:10",
    ):
        assert line in lines
    (route,) = [line for line in lines if line.startswith("route: ")]
    assert route.startswith("route: to sales on 127.0.0.1:")
    assert route.endswith(": may call GetOrder, with a token of its own <- goods.yaml:11")


def test_topics_and_consumer_groups_are_told_where_the_broker_is_kafka(planned: Planned) -> None:
    found = outline(planned(landscape=KAFKA))

    assert "topic: shop.sales.OrderTaken.v2: sales.OrderTaken v2, 3 partition(s), kept 7d <- sales.yaml:12" in texts(
        found, "sales"
    )
    goods = texts(found, "goods")
    assert (
        "consumer group: goods.sales.OrderTaken.v2: sales.OrderTaken, reads shop.sales.OrderTaken.v2 <- goods.yaml:10" in goods
    )
    assert "right: may consume from group goods.sales.OrderTaken.v2 <- goods.yaml:10" in goods


def test_what_belongs_to_no_context_has_a_section_of_its_own(planned: Planned) -> None:
    found = outline(planned(web=BFF))

    assert [(one.name, one.kind, one.team) for one in found.sections] == [
        ("goods", "context", "goods-team"),
        ("sales", "context", "sales-team"),
        ("web", "deployable", "goods-team"),
        ("platform", "platform", "platform-team"),
    ]
    assert texts(found, "web")[-1] == "variables: SALES_TOKEN, SALES_URL of web <- web.yaml:9"


def test_contexts_in_one_deployable_are_told_of_each_other(planned: Planned) -> None:
    files = {"goods": HOSTED.format(name="goods"), "shelves": HOSTED.format(name="shelves"), "floor": MONOLITH}
    found = outline(planned(**files))

    assert "deployable: shop-floor: carries this context together with shelves <- floor.yaml:2" in texts(found, "goods")
    assert [line for line in texts(found, "goods") if line.startswith("variables")] == []
    assert (
        "variables: SHELVES_DATABASE_URL, SHELVES_REDIS_PASSWORD, SHELVES_REDIS_URL of shop-floor <- shelves.yaml:8"
        in texts(found, "shop-floor")
    )


def test_a_schema_is_told_with_the_server_of_the_deployable_that_carries_it(planned: Planned) -> None:
    hosted = HOSTED.replace("{{type: redis}}", "{{type: postgresql, isolation: schema}}")
    files = {"goods": hosted.format(name="goods"), "shelves": hosted.format(name="shelves"), "floor": MONOLITH}
    found = outline(planned(**files))

    assert "server" in [line.kind for section in found.sections if section.name == "shop-floor" for line in section.lines]
    (store,) = [line for line in texts(found, "goods") if line.startswith("datastore")]
    assert store.startswith("datastore: goods--postgresql: schema goods of database ")
    assert store.endswith("shop-floor's server shop-floor--postgresql <- goods.yaml:8")


def test_an_external_system_is_told_to_the_one_deployable_that_names_it(planned: Planned) -> None:
    landscape = f"{LANDSCAPE}externals: [{{name: carrier, host: api.carrier.example}}]\n"
    goods = GOODS.replace("command: [python, -m, goods]", "command: [python, -m, goods], externals: [carrier]")
    found = outline(planned(landscape=landscape, goods=goods))

    assert "external: carrier: outside of this landscape, at api.carrier.example:443 <- landscape.yaml:8" in texts(
        found, "goods"
    )
    assert "right: may reach carrier <- goods.yaml:9" in texts(found, "goods")
    assert [line for line in texts(found, "sales") if "carrier" in line] == []


def test_an_outline_can_be_told_with_other_paths(planned: Planned) -> None:
    found = outline(planned()).moved(lambda place: Location("x", place.line))

    assert {line.location.file for section in found.sections for line in section.lines if line.location} == {"x"}


def test_details_hold_no_password_and_no_place(planned: Planned) -> None:
    server = outline(planned(goods=GOODS)).sections[1].lines[0]

    assert (server.details["kind"], server.details["admin_secret"]) == ("postgresql", "server/sales--postgresql")
    assert "location" not in server.details


def test_all_claims_that_a_landscape_intends_are_parts_of_its_plan(planned: Planned) -> None:
    plan = planned()
    claims: list[Claim] = [part for part in parts(plan) if isinstance(part, typing.get_args(Claim))]

    assert claims == list(plan.claims)
