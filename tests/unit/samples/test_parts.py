"""What the sample services share: one context's view of a monolith, the port to an upstream, fields, consumption."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus

import pytest

from samples.consuming import consumer_of
from samples.environment import Environment, MisconfiguredError, read
from samples.fields import Document, MalformedError, amount, day, line, one_of, record, time_of_day, whole
from samples.service import Service, together
from samples.upstream import InProcess, OverHttp, Upstream, UpstreamDownError, UpstreamRefusedError
from samples.web import Answer, Problem, Request, Route
from tests.unit.samples.test_environment import ONE, SEVERAL

MONOLITH = {
    "HOST": "127.0.0.1",
    "SHIPPING_PARTNER_HOST": "partner.example",
    "PLAT_CONTEXTS": "order,order-archive",
    "ORDER_POSTGRESQL_URL": "postgresql://order:one@127.0.0.1:1/app",
    "ORDER_PRICING_URL": "http://order:two@127.0.0.1:2",
    "ORDER_ARCHIVE_POSTGRESQL_URL": "postgresql://order_archive:three@127.0.0.1:1/app",
    "ORDER_ARCHIVE_PRICING_URL": "http://order-archive:four@127.0.0.1:2",
    "PLAT_PUBLISHES": '{"order.Placed": {"exchange": "order.events", "routing_key": "Placed.v1"},'
    ' "order-archive.Kept": {"exchange": "order-archive.events", "routing_key": "Kept.v1"}}',
}


def test_a_context_in_a_monolith_is_told_what_it_would_be_told_alone() -> None:
    order = read(MONOLITH).of("order")
    archive = read(MONOLITH).of("order-archive")

    assert order.datastore("postgresql") == "postgresql://order:one@127.0.0.1:1/app"
    assert order.upstream("pricing") == "http://order:two@127.0.0.1:2"
    assert set(order.publishes) == {"order.Placed"}
    assert order.variables["SHIPPING_PARTNER_HOST"] == archive.variables["SHIPPING_PARTNER_HOST"] == "partner.example"
    assert archive.datastore("postgresql") == "postgresql://order_archive:three@127.0.0.1:1/app"
    assert archive.upstream("pricing") == "http://order-archive:four@127.0.0.1:2"


@pytest.mark.parametrize(("context", "foreign"), [("order", ("three", "four")), ("order-archive", ("one", "two"))])
def test_a_context_in_a_monolith_gets_no_key_of_another(context: str, foreign: tuple[str, ...]) -> None:
    held = read(MONOLITH).of(context)

    assert not [value for value in held.variables.values() for secret in foreign if secret in value]
    assert [item.name for item in held.contexts] == [context]


def test_a_context_of_a_monolith_reads_its_own_queues_alone() -> None:
    assert [item.queue for item in read(SEVERAL).of("tracking").consumes] == ["tracking.a.A.v1"]


def test_a_context_that_is_alone_is_told_everything() -> None:
    environment = read(ONE)

    assert environment.of("order-processing") == environment


def test_a_context_that_is_not_carried_is_refused() -> None:
    with pytest.raises(MisconfiguredError, match=r"^sample does not carry the context billing$"):
        read(SEVERAL).of("billing")


def test_several_contexts_become_one_service() -> None:
    def check() -> None:
        """Nothing is wrong."""

    one = Service({"A": Route({}, "A")}, {"postgresql": check})
    two = Service({"B": Route({}, "B")}, {"postgresql": check})
    both = together({"sales": one, "billing": two})

    assert set(both.routes) == {"A", "B"}
    assert set(both.checks) == {"postgresql (sales)", "postgresql (billing)"}


def test_two_contexts_cannot_answer_at_one_path() -> None:
    part = Service({"A": Route({}, "A")})
    with pytest.raises(MisconfiguredError, match=r"^billing answers at /A, and so does a context beside it"):
        together({"sales": part, "billing": part})


def upstream(answer: Answer | Problem) -> Upstream:
    def handler(request: Request) -> Answer:
        assert request.query == {"id": "1"}
        if isinstance(answer, Problem):
            raise answer
        return answer

    return InProcess({"Get": Route({"GET": handler}, "Get")})


def test_an_upstream_in_the_same_process_answers_as_over_the_network() -> None:
    assert upstream(Answer({"price": Decimal("1.50")})).ask("Get", {"id": "1"}) == {"price": "1.50"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Problem(HTTPStatus.NOT_FOUND, "no such thing"), UpstreamRefusedError),
        (Problem(HTTPStatus.SERVICE_UNAVAILABLE, "no such thing"), UpstreamDownError),
    ],
)
def test_an_upstream_that_says_no_is_told_from_one_that_is_down(answer: Problem, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="no such thing"):
        upstream(answer).ask("Get", {"id": "1"})


def test_an_upstream_that_nobody_declared_has_no_address() -> None:
    with pytest.raises(MisconfiguredError, match=r"^there is no URL of maps: this sample has it among its upstreams$"):
        OverHttp(read(ONE), "maps")


@pytest.mark.parametrize(
    ("read_field", "value", "found"),
    [
        (line, " Ada ", "Ada"),
        (amount, 19.9, "19.9"),
        (amount, "0.10", "0.10"),
        (whole, 3, "3"),
        (day, "2026-12-24", "2026-12-24"),
        (time_of_day, "19:30", "19:30"),
        (record, {}, "{}"),
    ],
)
def test_a_field_is_read(read_field: object, value: object, found: str) -> None:
    assert callable(read_field)
    assert str(read_field({"it": value}, "it")) == found


@pytest.mark.parametrize(
    ("read_field", "wrong"),
    [
        (line, [None, "", "  ", 7, "two\nlines", "x" * 201]),
        (amount, [None, -1, True, "a lot", float("nan"), 10**9]),
        (whole, [None, 0, -1, True, "3", 1.5, 10**9]),
        (day, [None, "soon", "2026-02-30", 20261224]),
        (time_of_day, [None, "7 pm", "24:00", "7:30"]),
        (record, [None, [], "text"]),
    ],
)
def test_a_field_that_is_not_as_agreed_is_named(read_field: object, wrong: list[object]) -> None:
    assert callable(read_field)
    for value in wrong:
        with pytest.raises(MalformedError, match=r"^`it` must be ") as caught:
            read_field({"it": value}, "it")
        assert caught.value.status == HTTPStatus.BAD_REQUEST


def test_a_choice_outside_of_the_list_is_refused() -> None:
    document: Document = {"channel": "pigeon"}
    with pytest.raises(MalformedError, match=r"^`channel` must be one of email, sms$"):
        one_of(document, "channel", ("email", "sms"))


@pytest.mark.parametrize(
    ("handled", "message"),
    [
        ({"a.A", "a.B"}, "PLAT_CONSUMES has no a.B: this sample consumes it"),
        (set(), "PLAT_CONSUMES has a.A, which this sample knows nothing about"),
    ],
)
def test_what_is_consumed_and_what_is_handled_are_the_same(handled: set[str], message: str) -> None:
    environment: Environment = read(SEVERAL).of("pricing")
    with pytest.raises(MisconfiguredError) as caught:
        consumer_of(environment, {event: lambda _: None for event in handled})

    assert str(caught.value) == message
