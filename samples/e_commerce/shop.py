"""The shop as a modular monolith: every context in one process, each with its own credentials and nothing of the others'."""

from __future__ import annotations

from samples.e_commerce import billing, catalog, fulfillment, sales
from samples.environment import Environment
from samples.service import Service, main, together
from samples.upstream import InProcess


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where a context of the shop lacks something."""
    products = catalog.make(environment.of("catalog"))
    return together(
        {
            "billing": billing.make(environment.of("billing")),
            "catalog": products,
            "fulfillment": fulfillment.make(environment.of("fulfillment")),
            "sales": sales.make(environment.of("sales"), catalog=InProcess(products.routes)),
        }
    )


if __name__ == "__main__":
    main(make)
