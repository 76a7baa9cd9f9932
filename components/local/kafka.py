"""The landscape's Kafka: topics, users, and for each user exactly its rights, by literal names.

Producing needs Write and Describe on the topic, consuming Read and Describe on the topic and Read on the group
(https://kafka.apache.org/41/security/authorization-and-acls/): nobody but the platform gets any other right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kafka as kafka

from components.local.servers import RunningServer
from components.options import child
from plat.plan.model import Broker, BrokerUser, Topic

_MECHANISM = "SCRAM-SHA-512"
_ITERATIONS = 4096
_SECONDS = 30


@dataclass(frozen=True)
class Cluster:
    """The landscape's Kafka, open to its administrator."""

    plan: Broker
    server: RunningServer

    def sources(self, context: str, parent: pulumi.Resource) -> Mapping[str, pulumi.Resource]:
        """Makes the topics of the context's events; they hold data."""
        own = [topic for topic in self.plan.topics_of(context) if not topic.dead_letters_of]
        return {topic.name: self._topic(topic, parent) for topic in own}

    def user(
        self,
        plan: BrokerUser,
        password: pulumi.Output[str],
        parent: pulumi.Resource,
        sources: Mapping[str, pulumi.Resource],  # noqa: ARG002 - rights need no topic to be there
    ) -> Sequence[pulumi.Resource]:
        """Makes a context's user with its rights; returns what a workload has to wait for."""
        account = kafka.UserScramCredential(
            f"{plan.name}--user",
            username=plan.name,
            password=password,
            scram_mechanism=_MECHANISM,
            scram_iterations=_ITERATIONS,
            opts=self._inside(parent),
        )
        return [account, *(self._right(plan, *right, parent) for right in _rights(plan))]

    def subscriptions(
        self, context: str, parent: pulumi.Resource, sources: Mapping[str, pulumi.Resource]
    ) -> Sequence[pulumi.Resource]:
        """Makes the topics for what the context cannot handle; returns what a workload has to wait for."""
        dead = [self._topic(topic, parent) for topic in self.plan.topics_of(context) if topic.dead_letters_of]
        return [*dead, *(sources[item.topic] for item in self.plan.subscriptions_of(context) if item.topic in sources)]

    def _topic(self, plan: Topic, parent: pulumi.Resource) -> kafka.Topic:
        return kafka.Topic(
            plan.name,
            name=plan.name,
            partitions=plan.partitions,
            replication_factor=1,
            config={"cleanup.policy": "delete", "retention.ms": str(plan.retention_ms)},
            opts=child(parent, provider=self.server.provider, holds_data=True),
        )

    def _right(self, user: BrokerUser, kind: str, name: str, operation: str, parent: pulumi.Resource) -> kafka.Acl:
        return kafka.Acl(
            f"{user.name}--{kind.lower()}--{name}--{operation.lower()}",
            acl_principal=f"User:{user.name}",
            acl_host="*",
            acl_resource_type=kind,
            acl_resource_name=name,
            resource_pattern_type_filter="Literal",
            acl_operation=operation,
            acl_permission_type="Allow",
            opts=self._inside(parent),
        )

    def _inside(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        return child(parent, provider=self.server.provider)


def administrator(server: RunningServer, parent: pulumi.Resource) -> kafka.Provider:
    """The way into `server` as its administrator."""
    return kafka.Provider(
        server.plan.name,
        bootstrap_servers=[f"{server.plan.host}:{server.plan.port}"],
        sasl_mechanism="plain",
        sasl_username=server.plan.admin_user,
        sasl_password=server.admin_password,
        tls_enabled=False,  # loopback
        timeout=_SECONDS,
        opts=child(parent, depends_on=server.made),
    )


def inside(broker: Broker, server: RunningServer, parent: pulumi.Resource) -> Cluster:  # noqa: ARG001 - one signature for brokers
    """The cluster; it needs nothing made first."""
    return Cluster(broker, server)


def _rights(user: BrokerUser) -> Iterator[tuple[str, str, str]]:
    """Each right as kind of thing, its name, and operation."""
    yield from _on("Topic", sorted({*user.publishes_to, *user.consumes_from}), "Describe")
    yield from _on("Topic", user.publishes_to, "Write")
    yield from _on("Topic", user.consumes_from, "Read")
    yield from _on("Group", user.groups, "Read")


def _on(kind: str, names: Iterable[str], operation: str) -> Iterator[tuple[str, str, str]]:
    yield from ((kind, name, operation) for name in names)
