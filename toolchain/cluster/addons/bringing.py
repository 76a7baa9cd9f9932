"""Applies an add-on's objects in an order that works, and waits until it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from toolchain.cluster.addons.addon import Object
from toolchain.cluster.api import Api, path_of
from toolchain.cluster.waiting import Waiting

_FIRST = ("Namespace", "CustomResourceDefinition")
_CONDITIONS = {"APIService": "Available", "CustomResourceDefinition": "Established", "Deployment": "Available"}


def bring(api: Api, objects: Sequence[Object], waiting: Waiting) -> None:
    """Apply everything, namespaces and definitions first, and wait until it does what it is for."""
    first = [item for kind in _FIRST for item in objects if item["kind"] == kind]
    for item in first:
        api.apply(item)
    # An operator that starts in the second in which its definitions are made ends again.
    _wait_for(api, first, waiting)
    for item in objects:
        if item["kind"] not in _FIRST:
            api.apply(item)
    _wait_for(api, objects, waiting)


def _wait_for(api: Api, objects: Iterable[Object], waiting: Waiting) -> None:
    for item in objects:
        if item["kind"] in _CONDITIONS:
            waiting.until(f"{item['kind']} {item['metadata']['name']} gets ready", partial(is_there, api, item))


def is_there(api: Api, item: Object) -> bool:
    """Tell whether an object does what it is for; one of a kind that says nothing about that does once it exists."""
    found = api.get(path_of(item))
    wanted = _CONDITIONS.get(item["kind"])
    status, generation = found.get("status", {}), found["metadata"].get("generation")
    if status.get("observedGeneration", generation) != generation:
        return False  # it speaks of what was there before
    conditions = status.get("conditions") or []  # a definition's are null at first
    return wanted is None or any(each["type"] == wanted and each["status"] == "True" for each in conditions)
