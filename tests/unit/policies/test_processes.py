from __future__ import annotations

from collections.abc import Callable

import pytest

from plat.claims import Origin
from plat.reach import Carrier
from policies.observed import UNKNOWN, Observed
from tests.unit.policies.resources import BREACH, DEPLOYABLE, NONE, OWNERSHIP, RIGHT, UNREADABLE, Found, Market

Make = Callable[[Market], Observed]
CANARY = "canary-51c9e7"


def process(
    market: Market, name: str = "job", team: str = "billing-team", contexts: str = "billing", **changed: object
) -> Observed:
    properties = {"name": name, "command": ["python", "-m", "job"], "labels": {"team": team, "contexts": contexts}}
    return market.local("Process", **{**properties, **changed})


def planned(market: Market, name: str, **changed: object) -> Observed:
    workload = market.ground.plan.workload(name)
    return process(
        market,
        name,
        workload.team,
        ",".join(workload.contexts),
        command=list(workload.command),
        **{"environment": dict(workload.environment), "secrets": UNKNOWN, "port": workload.port, **changed},
    )


def with_variable(text: str, name: str = "TARGET") -> Make:
    """A process of billing with one variable; in the text `{server}` and `{server.purpose}` stand for ports."""

    def make(market: Market) -> Observed:
        ports = {server.name: server.port for server in market.ground.plan.servers}
        ports |= {f"{s.name}.{purpose}": port for s in market.ground.plan.servers for purpose, port in s.extra_ports.items()}
        ports |= {workload.name: workload.port or 0 for workload in market.ground.plan.workloads}
        written = text
        for key in sorted(ports, key=len, reverse=True):
            written = written.replace(f"{{{key}}}", str(ports[key])).replace(f"{{{key}:x}}", f"{ports[key]:#x}")
        return process(market, environment={name: written})

    return make


ALLOWED: dict[str, Make] = {
    "a planned deployable passes before its secrets are known": lambda m: planned(m, "ordering"),
    "a planned deployable without any context passes": lambda m: planned(m, "storefront"),
    "a planned deployable passes once its secrets are known": lambda m: planned(
        m, "billing", secrets={name: f"{name}-{CANARY}" for name in m.ground.plan.workload("billing").secrets}
    ),
    "a planned deployable passes while some of its secrets are not known": lambda m: planned(
        m, "billing", secrets=dict.fromkeys(m.ground.plan.workload("billing").secrets, UNKNOWN)
    ),
    "a job of one's own that nobody planned passes": process,
    "a job of two contexts on the database of either": lambda m: process(
        m,
        team="fulfilment-team",
        contexts="fulfilment,returns",
        environment={
            name: f"postgresql://localhost:{m.port('platform--postgresql')}/{name}" for name in ("fulfilment", "returns")
        },
    ),
    "one's own database": with_variable("postgresql://billing@127.0.0.1:{platform--postgresql}/billing"),
    "one's own cache": with_variable("redis://billing@localhost:{billing--redis}/0"),
    "the broker, as oneself": with_variable("amqp://billing@127.0.0.1:{platform--rabbitmq}/market"),
    "one's own deployable": with_variable("http://127.0.0.1:{billing}/healthz"),
    "another machine over HTTP": with_variable("https://rates.example:8443/v1"),
    "an external system by who names it": lambda m: process(
        m, "storefront", "web-team", "", environment={"TARGET": "https://api.cards.example/v1"}
    ),
    "a host that only begins like an external system's": with_variable("https://api.cards.example.org/v1"),
    "a number that is no port": with_variable("30"),
    "a port inside of a longer word": with_variable("a{ordering--postgresql}b"),
}

REFUSED: dict[str, tuple[Make, Found]] = {
    "another context's database": (
        with_variable("postgresql://127.0.0.1:{ordering--postgresql}/ordering"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's database by any spelling of this machine": (
        with_variable("postgresql://[::1]:{ordering--postgresql}/ordering"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's port alone, as a client's own variable": (
        with_variable("{ordering--postgresql}", "PGPORT"),
        [(OWNERSHIP, "environment.PGPORT")],
    ),
    "another context's port in a sentence": (
        with_variable("host=127.0.0.1 port={ordering--postgresql} dbname=x"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's port in hexadecimal": (
        with_variable("{ordering--postgresql:x}"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's database inside of the server that one shares with it": (
        with_variable("postgresql://billing@127.0.0.1:{platform--postgresql}/fulfilment"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's role": (
        with_variable("postgresql://fulfilment@127.0.0.1:{platform--postgresql}/billing"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's database by a client's own variable": (
        with_variable("fulfilment", "PGDATABASE"),
        [(OWNERSHIP, "environment.PGDATABASE")],
    ),
    "another context's database in settings": (
        with_variable("dbname=fulfilment user=billing"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "another context's database as the second host of an address": (
        with_variable("postgresql://127.0.0.1:{platform--postgresql},127.0.0.1:{ordering--postgresql}/billing"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "an external system that it does not name": (
        with_variable("https://api.cards.example/v1"),
        [(RIGHT, "environment.TARGET")],
    ),
    "an external system in another spelling": (
        with_variable("https://user@API.Cards.Example.:443/v1"),
        [(RIGHT, "environment.TARGET")],
    ),
    "a database that no descriptor declares": (
        with_variable("postgresql://127.0.0.1:5432/other"),
        [(UNREADABLE, "environment.TARGET")],
    ),
    "a database on another machine": (with_variable("mysql+pymysql://db.example/other"), [(UNREADABLE, "environment.TARGET")]),
    "the broker under another context's name": (
        with_variable("amqp://fulfilment@127.0.0.1:{platform--rabbitmq}/market"),
        [(RIGHT, "environment.TARGET")] * 3,
    ),
    "the broker's administration": (
        with_variable("http://127.0.0.1:{platform--rabbitmq.management}/api"),
        [(RIGHT, "environment.TARGET")],
    ),
    "the broker, by a context that neither publishes nor consumes": (
        lambda m: process(
            m,
            team="fulfilment-team",
            contexts="returns",
            environment={"TARGET": f"amqp://localhost:{m.port('platform--rabbitmq')}/market"},
        ),
        [(RIGHT, "environment.TARGET")],
    ),
    "a context that one has not declared to call": (
        with_variable("http://127.0.0.1:{ordering}/GetOrder"),
        [(RIGHT, "environment.TARGET")],
    ),
    "a context that exposes nothing": (with_variable("127.0.0.1:{fulfilment}"), [(RIGHT, "environment.TARGET")]),
    "another context's data directory": (
        with_variable("/srv/plat/data/ordering--postgresql/base"),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "the folder of Plat's servers": (with_variable("../.plat/local"), [(BREACH, "environment.TARGET")]),
    "other processes' variables": (with_variable("/proc/1/environ"), [(BREACH, "environment.TARGET")]),
    "an address put together from two variables": (
        lambda m: process(
            m,
            environment={
                "A": str(m.port("ordering--postgresql"))[:2],
                "B": str(m.port("ordering--postgresql"))[2:],
                "TARGET": "$(A)$(B)",
            },
        ),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "an address with an escaped digit": (
        lambda m: process(
            m,
            environment={"TARGET": f"%3{m.port('ordering--postgresql') // 10000}{m.port('ordering--postgresql') % 10000:04}"},
        ),
        [(OWNERSHIP, "environment.TARGET")],
    ),
    "an address among the secrets": (
        lambda m: process(m, secrets={"URL": f"redis://:{CANARY}@127.0.0.1:{m.port('ordering--postgresql')}"}),
        [(OWNERSHIP, "secrets.URL")],
    ),
    "an address in the command": (
        lambda m: process(m, command=["psql", "-p", str(m.port("ordering--postgresql"))]),
        [(OWNERSHIP, "command[2]")],
    ),
    "a folder outside of the checkout": (lambda m: process(m, workdir="../other"), [(BREACH, "workdir")]),
    "an address beyond this machine": (lambda m: process(m, host="10.0.0.7"), [(BREACH, "host")]),
    "every address": (lambda m: process(m, host="0.0.0.0"), [(BREACH, "host")]),  # noqa: S104 - what is refused
    "a variable that is not known yet": (
        lambda m: process(m, environment={"TARGET": UNKNOWN}),
        [(UNREADABLE, "environment.TARGET")],
    ),
    "a secret that is not known yet, and that nobody planned": (
        lambda m: process(m, secrets={"TOKEN": UNKNOWN}),
        [(UNREADABLE, "secrets.TOKEN")],
    ),
    "a secret that is not known yet, beside those that were planned": (
        lambda m: planned(m, "billing", secrets={"TOKEN": UNKNOWN}, environment={}),
        [(UNREADABLE, "secrets.TOKEN")],
    ),
    "secrets that are not known yet, in a process that nobody planned": (
        lambda m: process(m, secrets=UNKNOWN),
        [(UNREADABLE, "secrets")],
    ),
    "a reference to nothing": (lambda m: process(m, environment={"A": "$(B)"}), [(UNREADABLE, "environment")]),
    "a process that says of nobody that it is theirs": (
        lambda m: m.local("Process", name="job", command=["true"]),
        [(UNREADABLE, "labels.team")],
    ),
    "contexts of two teams": (
        lambda m: process(m, contexts="billing,ordering"),
        [(DEPLOYABLE, "labels")],
    ),
    "a context of another team": (lambda m: process(m, contexts="ordering"), [(DEPLOYABLE, "labels")]),
    "a context that is none": (lambda m: process(m, contexts="reporting"), [(DEPLOYABLE, "labels")]),
    "the name of a planned deployable with other contexts": (
        lambda m: process(m, name="ordering"),
        [(BREACH, "labels")],
    ),
}


@pytest.mark.parametrize("make", ALLOWED.values(), ids=ALLOWED.keys())
def test_a_process_may_reach(market: Market, make: Make) -> None:
    assert market.found(make(market)) == NONE


@pytest.mark.parametrize(("make", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_process_may_not_have(market: Market, make: Make, expected: Found) -> None:
    assert market.found(make(market)) == expected


def test_a_deployable_of_two_teams_is_told_why_its_boundary_lies(market: Market) -> None:
    assert market.messages(process(market, "orders-api", "orders-team", "ordering,fulfilment")) == (
        "error[deployable-ownership]: platlocal:Process `orders-api`: deployable `orders-api` of team `orders-team` carries "
        "`ordering` (orders-team), `fulfilment` (fulfilment-team): it crosses the ownership of teams. If two teams own pieces "
        "of one deployable, its boundary is lying: neither can release, change or answer for it alone\n"
        "    split the deployable along the contexts so that each team releases its own, or move the contexts to one team if "
        "they really are one team's work"
    )


def test_no_message_quotes_a_value(market: Market) -> None:
    port = market.port("ordering--postgresql")
    text = f"postgresql://{CANARY}:{CANARY}@127.0.0.1:{port}/{CANARY} /proc/{CANARY} redis://{CANARY}@elsewhere"
    resource = process(market, environment={"TARGET": text}, secrets={"TOKEN": text}, command=[text])
    assert CANARY not in market.messages(resource)


def test_the_place_of_a_deployable_without_contexts_is_its_own_too(market: Market) -> None:
    assert market.messages(process(market, "storefront")) == (
        "error[way-round-the-fence]: platlocal:Process `storefront`: `labels` opens a way round the fences: `storefront` is "
        "web-team's and carries no context, as its descriptor says: this one would take its name and its place\n"
        "    leave it to Plat, which runs what descriptors describe, or give it a name of its own"
    )


def test_the_place_of_a_deployable_is_its_contexts_too(market: Market) -> None:
    assert "`ordering` is orders-team's and carries ordering, as its descriptor says" in market.messages(
        process(market, "ordering")
    )


def test_what_one_of_its_contexts_owns_a_workload_may_name(market: Market) -> None:
    both = Carrier("job", ("ordering", "billing"))
    texts = {"command[0]": "/data/ordering--postgresql/base", "command[1]": "/data/billing--redis"}
    assert list(market.ground.reach.claims(both, texts, lambda field: Origin("job", None, field))) == []
