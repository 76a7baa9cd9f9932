"""What a landscape's events become: in RabbitMQ exchanges and queues, in Kafka topics and consumer groups."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from plat.claims import GrantClaim, TopicClaim
from plat.plan.model import Broker, BrokerUser, Plan, SecretRef
from plat.plan.problem import PlanProblem
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES

Planned = Callable[..., Plan]

KAFKA = LANDSCAPE.replace("{type: rabbitmq}", "{type: kafka, retention: 3d, partitions: 2}")
TAKEN = "shop.sales.OrderTaken.v2"
GROUP = "goods.sales.OrderTaken.v2"
DAY = 86_400_000


def broker_of(plan: Plan) -> Broker:
    assert plan.broker is not None
    return plan.broker


def test_each_event_has_a_topic_named_by_landscape_owner_and_version(planned: Planned) -> None:
    topics = broker_of(planned(landscape=KAFKA)).topics_of("sales")

    assert [(topic.name, topic.partitions, topic.retention_ms, topic.dead_letters_of) for topic in topics] == [
        ("shop.sales.OrderLost.v1", 2, 3 * DAY, None),
        (TAKEN, 2, 3 * DAY, None),
    ]


def test_an_event_may_say_otherwise_than_the_broker(planned: Planned) -> None:
    sales = SALES.replace("{version: 2}", "{version: 2, retention: 12h, partitions: 6}")
    topic = broker_of(planned(landscape=KAFKA, sales=sales)).topics_of("sales")[1]

    assert (topic.partitions, topic.retention_ms) == (6, DAY // 2)


def test_a_consumer_has_a_group_and_a_topic_for_what_it_cannot_handle(planned: Planned) -> None:
    broker = broker_of(planned(landscape=KAFKA))
    (subscription,) = broker.subscriptions_of("goods")
    (dead,) = broker.topics_of("goods")

    assert (subscription.group, subscription.topic, subscription.dead_letter_topic) == (GROUP, TAKEN, dead.name)
    assert (dead.name, dead.dead_letters_of, dead.partitions, dead.retention_ms) == (f"{GROUP}.dead", GROUP, 1, 3 * DAY)


def test_everybody_has_exactly_the_rights_of_its_relations(planned: Planned) -> None:
    assert broker_of(planned(landscape=KAFKA)).users == (
        BrokerUser(
            name="goods",
            context="goods",
            team="goods-team",
            secret=SecretRef("broker/goods"),
            publishes_to=(f"{GROUP}.dead",),
            consumes_from=(f"{GROUP}.dead", TAKEN),
            routing_keys=(),
            groups=(GROUP,),
        ),
        BrokerUser(
            name="sales",
            context="sales",
            team="sales-team",
            secret=SecretRef("broker/sales"),
            publishes_to=(TAKEN,),
            consumes_from=(),
            routing_keys=(),
        ),
    )


def test_the_intended_claims_say_the_same(planned: Planned) -> None:
    claims = planned(landscape=KAFKA).claims
    grants = {(claim.who, claim.right, claim.resource) for claim in claims if isinstance(claim, GrantClaim)}

    assert grants == {
        ("goods", "consume", TAKEN),
        ("goods", "consume", f"group {GROUP}"),
        ("goods", "consume", f"{GROUP}.dead"),
        ("goods", "publish", f"{GROUP}.dead"),
        ("sales", "publish", TAKEN),
    }
    assert {(claim.owner, claim.topic) for claim in claims if isinstance(claim, TopicClaim)} == {
        ("goods", f"{GROUP}.dead"),
        ("sales", TAKEN),
    }


def test_services_learn_of_topics_and_groups(planned: Planned) -> None:
    plan = planned(landscape=KAFKA)
    sales, goods = plan.workload("sales-api").environment, plan.workload("goods").environment

    assert sales["BROKER_URL"] == f"kafka://sales:$(BROKER_PASSWORD)@127.0.0.1:{plan.server('platform--kafka').port}"
    assert json.loads(sales["PLAT_PUBLISHES"]) == {"sales.OrderTaken": {"topic": TAKEN}}
    assert json.loads(goods["PLAT_PUBLISHES"]) == {}
    assert json.loads(goods["PLAT_CONSUMES"]) == {
        GROUP: {"event": "sales.OrderTaken", "context": "goods", "topic": TAKEN, "dead_letter_topic": f"{GROUP}.dead"}
    }


def test_topics_that_kafka_could_not_keep_apart_are_refused(planned: Planned) -> None:
    goods = GOODS.replace("version: 2}]", "version: 2, queue: a.b}, {event: sales.OrderLost, queue: a_b}]")
    with pytest.raises(PlanProblem, match=r"kafka takes `a\.b\.dead` and `a_b\.dead` for one topic"):
        planned(landscape=KAFKA, goods=goods, sales=SALES.replace("{status: retired}", "{}"))


@pytest.mark.parametrize(("said", "kept"), [("", 7 * DAY), (", retention: 90m", 5_400_000)])
def test_a_queue_keeps_what_nobody_has_read_as_long_as_the_event_or_the_broker_says(
    planned: Planned, said: str, kept: int
) -> None:
    plan = planned(sales=SALES.replace("{version: 2}", f"{{version: 2{said}}}"))
    (queue,) = broker_of(plan).queues_of("goods")

    assert queue.retention_ms == kept


def test_a_retention_that_rabbitmq_cannot_count_is_refused_where_it_stands(planned: Planned) -> None:
    with pytest.raises(PlanProblem, match=r"sales.yaml:\d+:\d+: rabbitmq keeps a message for 49d at most"):
        planned(sales=SALES.replace("{version: 2}", "{version: 2, retention: 50d}"))
