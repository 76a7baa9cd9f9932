"""What the fields of one descriptor say together: contradictions."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from plat.descriptors.errors import values as errors
from plat.descriptors.problems import refused


class _Store(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str | None: ...


_S = TypeVar("_S", bound=_Store)


def datastore(kind: str, isolation: str, given: Iterable[str]) -> None:
    """Refuse fields beside `type: none`, and schemas and poolers for a store that has none."""
    others = sorted(set(given) - {"type"})
    if kind == "none" and others:
        reason = "says something about a datastore that there is not (type is `none`)"
        raise refused(errors.excludes(others[0], reason, "take it out, or give the type of the store"))
    if isolation == "schema" and kind != "postgresql":
        reason = f"is `schema`, which {kind} does not have"
        raise refused(errors.excludes("isolation", reason, "write `instance` or `database`"))
    if "pooling" in given and kind != "postgresql":
        raise refused(errors.excludes("pooling", f"is given, but there is no pooler for {kind}", "take it out"))


def datastores(stores: tuple[_S, ...]) -> tuple[_S, ...]:
    """Refuse `none` beside a store, and two stores of one type and name."""
    seen: set[tuple[str, str | None]] = set()
    for index, store in enumerate(stores):
        if store.type == "none" and len(stores) > 1:
            reason = "is `none` beside another datastore"
            raise refused(errors.excludes("type", reason, "take this entry out", f"[{index}].type"))
        if (store.type, store.name) in seen:
            reason = f"holds a second {store.type} without another name"
            raise refused(errors.excludes("datastore", reason, "give it a `name` of its own", f"[{index}]"))
        seen.add((store.type, store.name))
    return stores


class _ExternalUse(Protocol):
    @property
    def external(self) -> str: ...


_X = TypeVar("_X", bound=_ExternalUse)


def externals(uses: tuple[_X, ...]) -> tuple[_X, ...]:
    """Refuse an external system that is listed twice."""
    seen: set[str] = set()
    for use in uses:
        if use.external in seen:
            raise refused(errors.repeated("external", use.external))
        seen.add(use.external)
    return uses


def broker(kind: str, partitions: int | None) -> None:
    """Refuse partitions where the broker has no topics."""
    if partitions is not None and kind != "kafka":
        raise refused(errors.excludes("partitions", f"is given, but {kind} has none", "take it out, or write `type: kafka`"))


def outbox(stores: tuple[_S, ...], *, wanted: bool) -> None:
    """Refuse an outbox where there is no relational store for it: it must be written in one transaction with the data."""
    if wanted and not any(store.type in {"postgresql", "mysql"} for store in stores):
        reason = "asks for an outbox, but there is no postgresql or mysql to keep it in"
        raise refused(errors.excludes("outbox", reason, "take it out, or add a relational datastore"))


def role(name: str | None, *, hosts: bool) -> None:
    """Refuse hosted contexts in what carries no business logic, and a monolith of nothing."""
    if name in {"backend-for-frontend", "anti-corruption-layer"} and hosts:
        reason = f"is `{name}`, which carries no context: it reaches surfaces and keeps no data"
        raise refused(errors.excludes("role", reason, "take `hosts` out, or write `role: modular-monolith`"))
    if name == "modular-monolith" and not hosts:
        raise refused(errors.excludes("role", "is `modular-monolith`, but it hosts nothing", "list its contexts in `hosts`"))


def relation(pattern: str, contract: str | None) -> None:
    """Refuse a contract where nothing is shared."""
    if contract is not None and pattern != "shared-kernel":
        raise refused(errors.excludes("contract", f"is given, but a {pattern} has none", "take it out"))


def body(views: tuple[object, ...], standard: str | None) -> None:
    """Refuse a data contract without views, and one with two bodies."""
    if views and standard:
        raise refused(errors.excludes("standard", "stands beside `views`: a contract has one body", "keep one of them"))
    if not views and not standard:
        raise refused(errors.excludes("views", "is missing, and so is `standard`", "name at least one view with its columns"))


def runtime(target: str, *, dedicated: bool, size: str | None) -> None:
    """Refuse a machine of its own, or of some size, where no machine is asked for."""
    for field, given in (("dedicated", dedicated), ("size", size)):
        if given and target != "vm":
            reason = f"speaks of a machine of its own, but target is `{target}`"
            raise refused(errors.excludes(field, reason, f"write `target: vm`, or take `{field}` out"))


def scaling(profile: str, low: int | None, high: int | None) -> None:
    """Refuse a range that is empty, or that a fixed number of replicas contradicts."""
    if low is None or high is None:
        return
    if low > high:
        raise refused(errors.min_above_max(low, high))
    if profile == "fixed" and low != high:
        raise refused(errors.fixed_range(low, high))
