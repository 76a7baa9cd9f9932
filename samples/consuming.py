"""Connects what a context consumes with what it does about it."""

from __future__ import annotations

from collections.abc import Mapping

from samples.broker import Consumer, Handler, consumer
from samples.environment import Environment, MisconfiguredError


def consumer_of(environment: Environment, handlers: Mapping[str, Handler]) -> Consumer:
    """A consumer that hands each event of `handlers` (by `<context>.<Event>`) to its handler, from the queue it arrives in.

    Raises MisconfiguredError where one of them is not consumed, or something is consumed that nobody handles.
    """
    consumed = {item.event for item in environment.consumes}
    if missing := sorted(handlers.keys() - consumed):
        msg = f"PLAT_CONSUMES has no {missing[0]}: this sample consumes it"
        raise MisconfiguredError(msg)
    if unknown := sorted(consumed - handlers.keys()):
        msg = f"PLAT_CONSUMES has {unknown[0]}, which this sample knows nothing about"
        raise MisconfiguredError(msg)
    return consumer(
        environment.broker_url(environment.only.name), {item: handlers[item.event] for item in environment.consumes}
    )
