"""`platlocal:index:Outbox`: the table in which a context writes events in one transaction with its data.

Whatever is in it stays: the table is made where it is missing, and never changed, emptied or dropped. The context's own
account owns it. (Chris Richardson, Microservices Patterns (2018), ch. 3 'Transactional messaging'.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, Protocol

import psycopg
import pymysql

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import outbox_mysql, outbox_postgresql
from providers.local.errors import Unusable
from providers.local.inputs import KIND_TITLES, OutboxInputs
from providers.local.machine import Machine


class _Kind(Protocol):
    """What has to be known of a kind of server."""

    def missing(self, inputs: OutboxInputs) -> list[str]:
        """What is missing of the outbox, for a person to read. Raises the client's error."""

    def make(self, inputs: OutboxInputs) -> None:
        """Makes what is missing. Raises the client's error."""


_KINDS: Mapping[str, _Kind] = {"postgresql": outbox_postgresql, "mysql": outbox_mysql}


class Outbox:
    """The type of resource. Deleting one leaves the table with all that is in it."""

    model = OutboxInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, machine: Machine, inputs: OutboxInputs) -> None:
        """Find nothing: what is wrong only the server can tell."""

    def drift(self, machine: Machine, inputs: OutboxInputs, known: Outputs) -> Drift:
        """Return `drift` where something is missing, as far as the server can be asked."""
        found = self.read(machine, inputs, known, lambda _: None)
        return {"drift": "; ".join(found["drift"])} if found and found["drift"] else {}

    def create(self, machine: Machine, order: Order, inputs: OutboxInputs) -> tuple[str, Outputs]:
        """Make the table, or take over the one that is there."""
        del machine, order
        return f"{inputs.host}:{inputs.port}/{_place(inputs)}", _made(inputs)

    def update(self, machine: Machine, order: Order, old: OutboxInputs | None, new: OutboxInputs) -> Outputs:
        """Make what is missing."""
        del machine, order, old
        return _made(new)

    def read(self, machine: Machine, inputs: OutboxInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return what is missing; None where the server does not answer."""
        del machine, known
        try:
            return {"drift": _KINDS[inputs.kind].missing(inputs)}
        except (psycopg.Error, pymysql.MySQLError) as error:
            warn(f"{_place(inputs)} could not be looked at: {_where(inputs)} says: {_words(error)}")
            return None

    def delete(self, machine: Machine, resource_id: str, inputs: OutboxInputs) -> None:
        """Do nothing: events that nobody has published yet are never dropped."""


def _made(inputs: OutboxInputs) -> Outputs:
    kind = _KINDS[inputs.kind]
    with _told(inputs):
        kind.make(inputs)
        left = kind.missing(inputs)
    if left:
        msg = (
            f"there is a table {_place(inputs)} of another form ({'; '.join(left)}): rename it, or leave `outbox: true` out "
            "of the descriptor"
        )
        raise Unusable(msg)
    return {"drift": []}


@contextmanager
def _told(inputs: OutboxInputs) -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, pymysql.MySQLError) as error:
        msg = f"{_place(inputs)} cannot be made: {_where(inputs)} says: {_words(error)}"
        raise Unusable(msg) from None


def _place(inputs: OutboxInputs) -> str:
    return f"{inputs.database}.{inputs.table}" if inputs.kind == "mysql" else f"{inputs.table_schema}.{inputs.table}"


def _where(inputs: OutboxInputs) -> str:
    return f"{KIND_TITLES[inputs.kind]} at {inputs.host}:{inputs.port}"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())
