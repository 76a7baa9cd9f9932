"""A modular monolith of whichever contexts one deployable hosts: all five in year 1, four in year 2, two in year 3.

Each module gets its own context's credentials and nothing of the others'. Shipping asks Pricing in process where both are
hosted here, and over HTTP where Pricing has moved out: that is all that changes for it.
"""

from __future__ import annotations

from importlib import import_module

from samples.environment import Environment
from samples.service import Service, main, together
from samples.upstream import InProcess


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where a hosted context lacks something."""
    parts: dict[str, Service] = {}
    # In the order of names, Pricing comes before Shipping, which may need it.
    for name in sorted(context.name for context in environment.contexts):
        # Only what is hosted here is loaded: a context that has moved out has taken its code along.
        module = import_module(f"samples.parcel_shipping.{name}")
        beside = {"pricing": InProcess(parts["pricing"].routes)} if name == "shipping" and "pricing" in parts else {}
        parts[name] = module.make(environment.of(name), **beside)
    return together(parts)


if __name__ == "__main__":
    main(make)
