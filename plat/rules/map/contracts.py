"""Data contracts: with two owners, for what is really read, and with an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from plat.findings import Severity
from plat.landscape import Landscape, LinkedContract
from plat.plan.intent import is_used
from plat.rules.map.model import Flaw, MapRule

SOON = timedelta(days=30)
"""How long before its end a contract is worth a warning."""

_EXAMPLE = """\
apiVersion: plat/v1
kind: DataContract
name: pricing-rates
provider: pricing
consumer: billing
views: [{name: current_rates, columns: {rate_id: integer, zone: text, amount: "numeric(10,2)"}}]
reason: Month-end invoicing reads every rate in force
owners: {provider: pricing-team, consumer: billing-team}
expires: 2027-06-30
"""


def check_expired(landscape: Landscape, today: date) -> Iterator[Flaw]:
    """Yields a flaw for each contract whose last day is over."""
    for contract in landscape.contracts:
        if contract.expires < today:
            yield Flaw(
                subject=contract.name,
                message=f"{_between(contract)} ended on {contract.expires}",
                place=contract,
                field="expires",
                hint=f"ask {contract.provider_owner} whether it goes on, and write the new last day; or take it out, with its "
                f"entry in `accesses` of {contract.consumer}",
            )


def check_soon(landscape: Landscape, today: date) -> Iterator[Flaw]:
    """Yields a flaw for each contract that ends within thirty days."""
    for contract in landscape.contracts:
        if today <= contract.expires < today + SOON:
            left = (contract.expires - today).days
            when = "today" if not left else "tomorrow" if left == 1 else f"in {left} days"
            yield Flaw(
                subject=contract.name,
                message=f"{_between(contract)} ends {when}, on {contract.expires}",
                place=contract,
                field="expires",
                hint=f"from the day after, the server lets {contract.consumer} in no more: agree with "
                f"{contract.provider_owner} on another way, or on a later day",
            )


def check_owners(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each side of a contract that another team answers for than the context's own."""
    for contract in landscape.contracts:
        sides = (
            ("provider", contract.provider, contract.provider_owner),
            ("consumer", contract.consumer, contract.consumer_owner),
        )
        for side, context, owner in sides:
            team = landscape.context(context).team
            if owner != team:
                yield Flaw(
                    subject=contract.name,
                    message=f"{owner} answers for the {side} of contract `{contract.name}`, but `{context}` is {team}'s",
                    place=contract,
                    field=f"owners.{side}",
                    hint=f"write `{side}: {team}`, once {team} has agreed",
                )


def check_unused(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each contract that its consumer does not name."""
    for contract in landscape.contracts:
        if not is_used(contract, landscape):
            yield Flaw(
                subject=contract.name,
                message=f"`{contract.consumer}` does not name contract `{contract.name}` in its `accesses`: nothing is made "
                "of it",
                place=contract,
                field="consumer",
                hint=f"write `accesses: [{{datastore: {contract.provider}, contract: {contract.name}}}]` in the descriptor of "
                f"`{contract.consumer}`, or take the contract out",
            )


def _between(contract: LinkedContract) -> str:
    return f"contract `{contract.name}` of `{contract.provider}` for `{contract.consumer}`"


EXPIRED = MapRule(
    id="contract-expired",
    title="A DataContract is in force",
    severity=Severity.ERROR,
    why=(
        "A contract is an exception from the rule that nobody reads another context's data, and every exception has an end: "
        "on that day its reason is looked at again. The server itself lets the consumer in no longer."
    ),
    fix="agree on a later day with the provider, or take the contract out, with its entry in `accesses`",
    source="Sam Newman, Building Microservices (2nd ed., 2021), ch. 4, 'Database': an interface for others to read is a "
    "contract like any other; docs/adr/0011",
    example=_EXAMPLE,
    exceptable=False,
    check=check_expired,
)

SOON_EXPIRED = MapRule(
    id="contract-expires-soon",
    title="A DataContract does not end unnoticed",
    severity=Severity.WARNING,
    why="Within thirty days of its end both sides still have the time to find another way, or to agree on a later day.",
    fix="agree on another way, or on a later day, before it ends",
    source="Open Data Contract Standard v3, 'Service-Level Agreement' (end of support, end of life); docs/adr/0011",
    example=_EXAMPLE,
    exceptable=False,
    check=check_soon,
)

OWNERS = MapRule(
    id="contract-owner",
    title="The teams of both contexts answer for their DataContract",
    severity=Severity.ERROR,
    why=(
        "The provider promises not to change what it shows, the consumer to need it no longer than agreed. Nobody can promise "
        "that for a context that is another team's."
    ),
    fix="name the provider's team and the consumer's team in `owners`",
    source="Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 3 'Team-First Thinking': one team owns each part",
    example=_EXAMPLE,
    exceptable=False,
    check=check_owners,
)

UNUSED = MapRule(
    id="contract-unused",
    title="A DataContract is used",
    severity=Severity.WARNING,
    why=(
        "A contract binds its provider to views that it can never change. One that nobody reads by binds it for nothing; and "
        "who reads says so itself, so that the map shows it at both ends."
    ),
    fix="name it in `accesses` of its consumer, or take it out",
    source="Ian Robinson, Consumer-Driven Contracts: A Service Evolution Pattern (2006): a provider keeps what its consumers "
    "really use",
    example=_EXAMPLE,
    exceptable=False,
    check=check_unused,
)
