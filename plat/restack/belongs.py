"""To which share a resource belongs, by its type and its name: it may stand anywhere in a state."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from components.kubernetes.objects import of_share
from plat.plan.shares import Share

_BROKERS = ("rabbitmq:", "kafka:")
_OBJECTS = "kubernetes:"
_RANDOM = "random:"
_PROCESS = "platlocal:index:Process"
_WORKING = ("--inside", "--only")
_SERVER = "platlocal:index:Server"


class Belongs:
    """Knows for every resource of a landscape which of its `shares` it is part of."""

    def __init__(self, shares: Mapping[str, Share]) -> None:
        self._shares = shares
        self._of_holder: dict[str, Collection[tuple[str, str]]] = {}
        self._whole = "" in shares

    def share_of(self, kind: str, name: str, holder: str | None = None) -> str | None:
        """The share that a resource of the type `kind` called `name` belongs to; None where the landscape has none of that.

        The stack of the share `holder` has it now.
        """
        if kind.startswith(_RANDOM):
            return self._secrets.get(name)
        if kind.startswith(_OBJECTS):
            if holder is not None and (kind, name) in self._held(holder):
                return holder
            return self._objects[kind, name] if (kind, name) in self._objects else self._working(name)
        if kind == _PROCESS:
            return self._workloads.get(name)
        if kind == _SERVER:
            return self._servers.get(name)
        return _beginning(self._topics if kind.startswith(_BROKERS) else self._stores, name)

    def _held(self, name: str) -> Collection[tuple[str, str]]:
        if name not in self._of_holder:
            self._of_holder[name] = _objects(self._shares[name])
        return self._of_holder[name]

    # Most that is asked about is found by the stack that has it, and each of these goes through everything.
    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        return {ref: name for name, share in self._shares.items() for ref in share.generates}

    @cached_property
    def _servers(self) -> Mapping[str, str]:
        return {server: name for name, share in self._shares.items() for server in _servers(share)}

    @cached_property
    def _workloads(self) -> Mapping[str, str]:
        return {item.name: name for name, share in self._shares.items() for item in share.plan.workloads}

    @cached_property
    def _stores(self) -> Mapping[str, str]:
        return {**self._servers, **{store: name for name, share in self._shares.items() for store in _stores(share)}}

    @cached_property
    def _topics(self) -> Mapping[str, str]:
        return {**self._servers, **{topic: name for name, share in self._shares.items() for topic in _topics(share)}}

    @cached_property
    def _objects(self) -> Mapping[tuple[str, str], str]:
        # All that there is to be on a cluster is much to make, and wanted only where something is in the wrong place.
        return {key: name for name in self._shares for key in self._held(name)}

    def _working(self, name: str) -> str | None:
        """Where one stack holds all, that: what worked inside of a server for a unit is for its next update to remove."""
        return _beginning(self._servers, name) if self._whole and name.endswith(_WORKING) else None


def _beginning(known: Mapping[str, str], name: str) -> str | None:
    """Whose a thing is: what belongs to it is called by its name, `--` and what it is."""
    parts = name.split("--")
    beginnings = ("--".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[beginning] for beginning in beginnings if beginning in known), None)


def _objects(share: Share) -> Collection[tuple[str, str]]:
    """What it has on a cluster, by type and name."""
    return {(item.type_token, item.resource) for item in of_share(share)} if share.plan.cluster else ()


def _servers(share: Share) -> Iterator[str]:
    return (server.name for server in share.plan.servers if server.name not in share.elsewhere)


def _stores(share: Share) -> Iterator[str]:
    yield from (store.name for store in share.plan.datastores)
    yield from (contract.name for contract in share.plan.contracts)


def _topics(share: Share) -> Iterator[str]:
    broker = share.plan.broker
    if broker:
        yield from (exchange.name for exchange in broker.exchanges)
        yield from (name for queue in broker.queues for name in (queue.name, queue.dead_letter))
        yield from (topic.name for topic in broker.topics)
        yield from (user.name for user in broker.users)
