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
    """Refuse fields beside `type: none`, and schemas in a store that has none."""
    others = sorted(set(given) - {"type"})
    if kind == "none" and others:
        reason = "says something about a datastore that there is not (type is `none`)"
        raise refused(errors.excludes(others[0], reason, "take it out, or give the type of the store"))
    if isolation == "schema" and kind != "postgresql":
        reason = f"is `schema`, which {kind} does not have"
        raise refused(errors.excludes("isolation", reason, "write `instance` or `database`"))


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


def runtime(target: str, *, dedicated: bool) -> None:
    """Refuse a dedicated machine where no machine is asked for."""
    if dedicated and target != "vm":
        reason = f"asks for a machine of its own, but target is `{target}`"
        raise refused(errors.excludes("dedicated", reason, "write `target: vm`, or take `dedicated` out"))


def scaling(profile: str, low: int | None, high: int | None) -> None:
    """Refuse a range that is empty, or that a fixed number of replicas contradicts."""
    if low is None or high is None:
        return
    if low > high:
        raise refused(errors.min_above_max(low, high))
    if profile == "fixed" and low != high:
        raise refused(errors.fixed_range(low, high))
