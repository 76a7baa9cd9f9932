"""What must not be: each story as raw resources beside our components, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_postgresql as postgresql
import pulumi_rabbitmq as rabbitmq
import pulumi_random as random

from plat.plan.model import Plan
from providers.local import sdk

CANARY = "canary-83be2d55"


@dataclass(frozen=True)
class Beside:
    """What a raw resource may lean on: the plan, the secrets, and the landscape to come after."""

    plan: Plan
    secrets: pulumi.Output[Mapping[str, str]]
    landscape: pulumi.Resource

    def postgresql(self, name: str, host: str | None = None) -> pulumi.ResourceOptions:
        server = self.plan.server("platform--postgresql")
        provider = postgresql.Provider(
            name,
            host=host or server.host,
            port=server.port,
            username=server.admin_user,
            password=self.secrets.apply(lambda found: found[server.admin_secret]),
            sslmode="disable",
            opts=pulumi.ResourceOptions(depends_on=[self.landscape]),
        )
        return pulumi.ResourceOptions(provider=provider, depends_on=[self.landscape])

    def rabbitmq(self, name: str) -> pulumi.ResourceOptions:
        server = self.plan.server("platform--rabbitmq")
        password = self.secrets.apply(lambda found: found[server.admin_secret])
        endpoint = f"http://{server.host}:{server.extra_ports['management']}"
        opts = pulumi.ResourceOptions(depends_on=[self.landscape])
        provider = rabbitmq.Provider(name, endpoint=endpoint, username=server.admin_user, password=password, opts=opts)
        return pulumi.ResourceOptions(provider=provider, depends_on=[self.landscape])

    def process(self, name: str, team: str, contexts: str, environment: Mapping[str, str] | None = None) -> None:
        local = sdk.Provider(f"{name}-local", stack=self.plan.stack)
        sdk.Process(
            name,
            name=name,
            command=["python", "-c", "import time; time.sleep(3600)"],
            labels={"team": team, "contexts": contexts},
            environment=environment,
            opts=pulumi.ResourceOptions(provider=local, depends_on=[self.landscape]),
        )


def three_contexts_on_one_orders_table(beside: Beside) -> None:
    """Billing owns `orders`; two others get to write to it."""
    opts = beside.postgresql("orders-table")
    for context in ("fulfilment", "returns"):
        postgresql.Grant(
            f"orders-for-{context}",
            database="billing",
            schema="public",
            role=context,
            object_type="table",
            privileges=["SELECT", "INSERT", "UPDATE"],
            opts=opts,
        )


def orders_api_of_two_teams(beside: Beside) -> None:
    """One deployable that takes orders and tracks their fulfilment."""
    beside.process("orders-api", "orders-team", "ordering,fulfilment")


def modules_that_reach_into_each_other(beside: Beside) -> None:
    """Whatever tables one module makes, the other one reads."""
    postgresql.DefaultPrivileges(
        "rates-for-shipping",
        database="returns",
        schema="public",
        owner="returns",
        role="fulfilment",
        object_type="table",
        privileges=["SELECT"],
        opts=beside.postgresql("modules"),
    )


def service_on_another_contexts_database(beside: Beside) -> None:
    """A service of one's own, on another context's database."""
    port = beside.plan.server("ordering--postgresql").port
    url = f"postgresql://fulfilment:{CANARY}@localhost:{port}/ordering"
    beside.process("order-reports", "fulfilment-team", "fulfilment", {"DATABASE_URL": url})


def superuser(beside: Beside) -> None:
    opts = beside.postgresql("powers")
    postgresql.Role("dba", name="dba", superuser=True, password=CANARY, opts=opts)


def foreign_data(beside: Beside) -> None:
    postgresql.Extension("fdw", name="postgres_fdw", database="billing", opts=beside.postgresql("extensions"))


def public_grant(beside: Beside) -> None:
    postgresql.Grant(
        "for-everybody",
        database="billing",
        role="public",
        object_type="database",
        privileges=["CONNECT"],
        opts=beside.postgresql("grants"),
    )


def elsewhere(beside: Beside) -> None:
    opts = beside.postgresql("elsewhere", host="db.example")
    postgresql.Database("archive", name="archive", owner="billing", opts=opts)


def unknown_owner(beside: Beside) -> None:
    owner = random.RandomPassword("owner", length=12).result
    postgresql.Schema("mystery", name="mystery", database="billing", owner=owner, opts=beside.postgresql("unknowns"))


def all_queues(beside: Beside) -> None:
    rights = rabbitmq.PermissionsPermissionsArgs(configure="", write="", read=".*")
    rabbitmq.Permissions("tap", user="returns", vhost=beside.plan.landscape, permissions=rights, opts=beside.rabbitmq("tap"))


def broker_administrator(beside: Beside) -> None:
    opts = beside.rabbitmq("administration")
    rabbitmq.User("operator", name="operator", password=CANARY, tags=["administrator"], opts=opts)


def other_stack(beside: Beside) -> None:  # noqa: ARG001 - every story has one signature
    pulumi.StackReference("neighbour", stack_name="organization/plat/order-processing.local")


def ignored_changes(beside: Beside) -> None:
    opts = pulumi.ResourceOptions.merge(beside.postgresql("blind"), pulumi.ResourceOptions(ignore_changes=["owner"]))
    postgresql.Schema("history", name="history", database="billing", owner="billing", opts=opts)


def another_stacks_servers(beside: Beside) -> None:
    local = sdk.Provider("neighbours", stack="order-processing.local")
    opts = pulumi.ResourceOptions(provider=local, depends_on=[beside.landscape])
    labels = {"team": "billing-team", "contexts": "billing"}
    sdk.Process("visitor", name="visitor", command=["true"], labels=labels, opts=opts)


def sound_job(beside: Beside) -> None:
    """A job of one's own, on one's own database: the nearest thing that is allowed."""
    port = beside.plan.server("platform--postgresql").port
    url = f"postgresql://returns@localhost:{port}/returns"
    beside.process("stock-taking", "fulfilment-team", "returns", {"DATABASE_URL": url})


STORIES: Mapping[str, Callable[[Beside], None]] = {
    story.__name__: story
    for story in (
        three_contexts_on_one_orders_table,
        orders_api_of_two_teams,
        modules_that_reach_into_each_other,
        service_on_another_contexts_database,
        superuser,
        foreign_data,
        public_grant,
        elsewhere,
        unknown_owner,
        all_queues,
        broker_administrator,
        other_stack,
        ignored_changes,
        another_stacks_servers,
        sound_job,
    )
}
