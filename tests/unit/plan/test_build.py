from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from plat.plan.model import BrokerUser, Exchange, Operation, Plan, SecretRef
from plat.plan.problem import PlanProblem
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES

Planned = Callable[..., Plan]


def test_each_store_with_an_instance_of_its_own_has_a_server_owned_by_its_context(planned: Planned) -> None:
    assert [(server.name, server.owner, server.team) for server in planned().servers] == [
        ("platform--rabbitmq", "platform", "platform-team"),
        ("sales--postgresql", "sales", "sales-team"),
        ("sales--redis", "sales", "sales-team"),
    ]


def test_stores_with_a_database_of_their_own_share_the_platforms_server(planned: Planned) -> None:
    plan = planned(sales=SALES.replace('version: "16"}', "isolation: database}"))

    assert [(server.name, server.owner) for server in plan.servers if server.kind == "postgresql"] == [
        ("platform--postgresql", "platform")
    ]
    assert plan.datastores_of("sales")[0].server == "platform--postgresql"


def test_every_port_is_different(planned: Planned) -> None:
    plan = planned()
    ports = [server.port for server in plan.servers] + [
        port for server in plan.servers for port in server.extra_ports.values()
    ]
    ports += [workload.port for workload in plan.workloads if workload.port]

    assert len(ports) == len(set(ports)) == 7


def test_a_publisher_may_write_its_own_exchange_under_the_keys_of_its_live_events_only(planned: Planned) -> None:
    broker = planned().broker
    assert broker is not None
    assert broker.exchanges == (Exchange("sales.events", "sales", ("OrderTaken.v2",)),)
    assert broker.users[1] == BrokerUser(
        name="sales",
        context="sales",
        team="sales-team",
        secret=SecretRef("broker/sales"),
        publishes_to=("sales.events",),
        consumes_from=(),
        routing_keys=("OrderTaken.v2",),
    )


def test_a_consumer_may_read_its_own_queue_and_its_dead_letters_only(planned: Planned) -> None:
    user = planned().broker_user("goods")
    assert user is not None
    assert user.consumes_from == ("goods.sales.OrderTaken.v2", "goods.sales.OrderTaken.v2.dead")
    assert user.publishes_to == ()


def test_an_operation_knows_who_declared_its_use(planned: Planned) -> None:
    surface = planned().surface("sales")
    assert surface is not None
    assert surface.operations == (
        Operation("GetOrder", public=False, callers=("goods",)),
        Operation("TakeOrder", public=True, callers=()),
    )


def test_a_deployable_gets_the_variables_of_its_contexts_things_and_of_nothing_else(planned: Planned) -> None:
    plan = planned()
    port = plan.server("sales--postgresql").port
    sales = plan.workload("sales-api")

    assert sales.environment["DATABASE_URL"] == f"postgresql://sales:$(POSTGRESQL_PASSWORD)@127.0.0.1:{port}/sales"
    assert sales.environment["DATABASE_URL"] == sales.environment["POSTGRESQL_URL"]
    assert sorted(sales.secrets) == [
        "BROKER_PASSWORD",
        "PGPASSWORD",
        "POSTGRESQL_PASSWORD",
        "REDISCLI_AUTH",
        "REDIS_PASSWORD",
    ]
    assert sales.secrets["REDIS_PASSWORD"] == "datastore/sales--redis"
    assert json.loads(sales.environment["PLAT_PUBLISHES"]) == {
        "sales.OrderTaken": {"exchange": "sales.events", "routing_key": "OrderTaken.v2"}
    }
    assert json.loads(plan.workload("goods").environment["PLAT_CONSUMES"]) == {
        "goods.sales.OrderTaken.v2": {
            "event": "sales.OrderTaken",
            "context": "goods",
            "dead_letter_queue": "goods.sales.OrderTaken.v2.dead",
        }
    }
    assert sales.callers == {"goods": "route/goods/sales-api"}
    assert sorted(plan.workload("goods").secrets) == ["BROKER_PASSWORD", "SALES_TOKEN"]
    assert plan.workload("goods").environment["SALES_URL"] == f"http://goods:$(SALES_TOKEN)@127.0.0.1:{sales.port}"


def test_a_second_store_of_one_type_has_variables_with_its_own_name(planned: Planned) -> None:
    plan = planned(sales=SALES.replace("{type: redis}", "{type: postgresql, name: sales-archive}"))
    sales = plan.workload("sales-api")

    assert sales.secrets["POSTGRESQL_PASSWORD"] == "datastore/sales--postgresql"
    assert sales.secrets["SALES_ARCHIVE_POSTGRESQL_PASSWORD"] == "datastore/sales-archive--postgresql"
    assert sales.environment["DATABASE_URL"] == sales.environment["POSTGRESQL_URL"]
    assert sales.environment["SALES_ARCHIVE_POSTGRESQL_URL"].endswith("/sales_archive")


def test_a_mysql_store_has_the_addresses_and_what_the_client_reads_without_a_password_on_a_command_line(
    planned: Planned,
) -> None:
    plan = planned(sales=SALES.replace('{type: postgresql, version: "16"}', "{type: mysql, name: sales-archive}"))
    port = str(plan.server("sales-archive--mysql").port)
    sales = plan.workload("sales-api")

    assert plan.server("sales-archive--mysql").admin_user == "admin"
    assert sales.environment["MYSQL_URL"] == f"mysql://sales:$(MYSQL_PASSWORD)@127.0.0.1:{port}/sales_archive"
    assert sales.environment["DATABASE_URL"] == sales.environment["MYSQL_URL"]
    assert {name: text for name, text in sales.environment.items() if name.startswith("MYSQL_")} == {
        "MYSQL_DATABASE": "sales_archive",
        "MYSQL_HOST": "127.0.0.1",
        "MYSQL_TCP_PORT": port,
        "MYSQL_URL": sales.environment["MYSQL_URL"],
        "MYSQL_USER": "sales",
    }
    assert sales.secrets["MYSQL_PASSWORD"] == sales.secrets["MYSQL_PWD"] == "datastore/sales-archive--mysql"


def test_mysql_stores_with_a_database_of_their_own_share_the_platforms_server(planned: Planned) -> None:
    plan = planned(sales=SALES.replace('{type: postgresql, version: "16"}', "{type: mysql, isolation: database}"))

    assert [(server.name, server.owner) for server in plan.servers if server.kind == "mysql"] == [
        ("platform--mysql", "platform")
    ]
    assert plan.datastores_of("sales")[0].server == "platform--mysql"


def test_a_dollar_sign_of_a_descriptor_refers_to_nothing(planned: Planned) -> None:
    assert planned().workload("sales-api").environment["PRICE"] == "5$$"


def test_where_one_deployable_carries_several_contexts_each_has_variables_of_its_own(planned: Planned) -> None:
    monolith = """
apiVersion: plat/v1
kind: Deployable
name: monolith
team: sales-team
purpose: Runs everything.
hosts: [sales, goods]
image: registry.example/monolith:1
command: [python, -m, monolith]
port: 8080
"""
    without = [line for line in GOODS.replace("goods-team", "sales-team").splitlines() if "deployables" not in line]
    goods = "\n".join(line for line in without if "registry.example" not in line and "upstreams" not in line)
    sales = "\n".join(line for line in SALES.splitlines() if "deployables" not in line and "registry.example" not in line)
    workload = planned(sales=sales, goods=goods, monolith=monolith).workload("monolith")

    assert workload.contexts == ("goods", "sales")
    assert {"SALES_DATABASE_URL", "SALES_BROKER_URL", "GOODS_BROKER_URL"} <= workload.environment.keys()
    assert "DATABASE_URL" not in workload.environment


@pytest.mark.parametrize(
    ("sentence", "changed", "message"),
    [
        (
            "a database in a server that has none",
            {"sales": SALES.replace("{type: redis}", "{type: redis, isolation: database}")},
            "sales.yaml:8:48: `isolation: database` is not to be had of redis: `instance` is",
        ),
        (
            "a database in a MongoDB that others use too",
            {"sales": SALES.replace("{type: redis}", "{type: mongodb, isolation: database}")},
            "sales.yaml:8:48: `isolation: database` is not to be had of mongodb, whose server knows no roles: `instance` is",
        ),
        (
            "a variable that Plat derives",
            {"goods": GOODS.replace("goods]}", "goods], environment: {SALES_URL: elsewhere}}")},
            "`goods` sets SALES_URL, which Plat derives: leave it out",
        ),
    ],
)
def test_what_cannot_be_provisioned_is_refused_with_its_place(
    planned: Planned, sentence: str, changed: dict[str, str], message: str
) -> None:
    with pytest.raises(PlanProblem) as refusal:
        planned(**changed)

    assert message in str(refusal.value), sentence


def test_the_digest_changes_with_what_is_provisioned_and_with_nothing_else(planned: Planned) -> None:
    digest = planned().digest

    assert planned(sales="# a comment\n" + SALES).digest == digest
    assert planned(sales=SALES.replace("public: true", "public: false")).digest != digest


def test_only_who_names_an_external_system_learns_where_it_is(planned: Planned) -> None:
    outside = LANDSCAPE + "externals: [{name: card-payments, host: api.cards.example, port: 8443}]\n"
    named = SALES.replace("port: 8080,", "port: 8080, externals: [card-payments],")
    plan = planned(landscape=outside, sales=named)
    assert plan.workload("sales-api").environment["CARD_PAYMENTS_HOST"] == "api.cards.example"
    assert plan.workload("sales-api").environment["CARD_PAYMENTS_PORT"] == "8443"
    assert "CARD_PAYMENTS_HOST" not in plan.workload("goods").environment
    (external,) = plan.externals
    assert external.reached_by == ("sales-api",)


def test_a_mongodb_is_one_contexts_server_with_the_database_that_its_account_is_in(planned: Planned) -> None:
    plan = planned(sales=SALES.replace("{type: redis}", "{type: mongodb, durability: ephemeral}"))

    server = plan.server("sales--mongodb")
    assert (server.owner, server.admin_user, server.durability) == ("sales", "admin", "ephemeral")
    store = plan.datastores_of("sales")[1]
    assert (store.name, store.server, store.database, store.role) == ("sales--mongodb", "sales--mongodb", "sales", "sales")
    workload = plan.workload("sales-api")
    address = f"mongodb://sales:$(MONGODB_PASSWORD)@127.0.0.1:{server.port}/sales?authSource=sales"
    assert workload.environment["MONGODB_URL"] == address
    assert workload.secrets["MONGODB_PASSWORD"] == store.secret
