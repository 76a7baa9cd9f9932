"""Writes landscapes of any size that look like real ones: teams with several contexts, events, calls, every kind of store.

The same size gives the same files. Relations lead to contexts of lower number, mostly near ones, so that there is no cycle and
a context has as many relations in a large landscape as in a small one. The context that is added to one, those that it is
related to, and the one that is changed are of the same shape in every size from nine on: what that costs can be compared.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

CONTEXTS_PER_TEAM = 3
_STORES = (
    {"type": "postgresql", "version": "16", "storage": "20Gi"},
    {"type": "postgresql", "isolation": "database"},
    {"type": "redis"},
    None,
)
_WEIGHTS = (5, 2, 1, 2)
_PROFILES = ("steady", "bursty", "queue-driven", "fixed")
_SUBDOMAINS = ("core", "supporting", "generic")
_NEAR = 30
_ADDED_LIKE = 9  # one with a PostgreSQL server of its own, as most have
_RELATIONS = 3
_VERSION = re.compile(r"(image: \S+:)\S+")
CHANGED = 5
"""The number of the context that `change` changes."""
FEWEST = CHANGED + 1
"""How many contexts a landscape has to have to be changed."""


def write(folder: Path, contexts: int) -> Path:
    """Write a landscape with that many contexts below `folder`, and return its own folder."""
    # No digits: a number in a name could be the port of somebody.
    root = folder / f"generated-{_letters(contexts)}"
    root.mkdir(parents=True)
    # The team of a context that is added is there already: a team adds one file.
    teams = [{"name": _team(number), "type": "stream-aligned"} for number in range(0, contexts + 1, CONTEXTS_PER_TEAM)]
    landscape = {
        "apiVersion": "plat/v1",
        "kind": "Landscape",
        "name": root.name,
        "teams": [*teams, {"name": "platform-team", "type": "platform"}],
        "platform-team": "platform-team",
        "broker": {"type": "rabbitmq"},
        "externals": [{"name": "payments", "host": "api.payments.example"}],
    }
    _dump(root / "landscape.yaml", landscape)
    for number in range(contexts):
        related = number >= contexts - _RELATIONS and number > CHANGED
        _dump(root / f"{_name(number)}.yaml", _like_what_is_added(number, number) if related else _context(number))
    return root


def add(root: Path, contexts: int, nth: int = 0) -> str:
    """Add a further context to a landscape that was written with so many, and return its name.

    Each that is added is related to the same ones and is its team's like the first: it costs what the first one does.
    """
    name = _name(contexts + nth)
    _dump(root / f"{name}.yaml", _like_what_is_added(contexts + nth, contexts) | {"team": _team(contexts)})
    return name


def called(contexts: int) -> str:
    """The context that those call which are added to a landscape of so many."""
    return _name(contexts - _RELATIONS)


def change(root: Path, version: str = "1.4.3") -> str:
    """Let one context of a landscape run another version of its image, and return its name."""
    path = root / f"{_name(CHANGED)}.yaml"
    path.write_text(_VERSION.sub(rf"\g<1>{version}", path.read_text(encoding="utf-8")), encoding="utf-8")
    return _name(CHANGED)


def _like_what_is_added(number: int, before: int) -> dict[str, object]:
    """A context that is related to the last ones before the one of the number `before`."""
    return _context(number, like=_ADDED_LIKE, earlier=range(before - _RELATIONS, before))


def _context(number: int, like: int | None = None, earlier: Sequence[int] = ()) -> dict[str, object]:
    """A context as its number has it, or of the shape of another and related to those that are given."""
    shape = number if like is None else like
    dice = random.Random(shape)  # noqa: S311 - a landscape is no secret
    name = _name(number)
    near = sorted({max(0, number - dice.randint(1, _NEAR)) for _ in range(_RELATIONS)}) if number else []
    earlier = earlier or near
    (store,) = dice.choices(_STORES, _WEIGHTS)
    found: dict[str, object] = {
        "apiVersion": "plat/v1",
        "kind": "Context",
        "name": name,
        "team": _team(number),
        "subdomain": dice.choice(_SUBDOMAINS),
        "purpose": f"Keeps what the business knows about matter {number}, and tells others when it changes.",
        "scaling": {"profile": dice.choice(_PROFILES)},
        "release": {"cadence": "weekly"},
        "deployables": [
            {
                "name": f"{name}-api",
                "image": f"registry.example/{name}:1.4.2",
                "command": ["python", "-m", "samples.generic"],
                "port": 8080,
                "environment": {"LOG_LEVEL": "info", "REGION": "north"},
                **({"externals": ["payments"]} if shape % 50 == 0 else {}),
            }
        ],
        "exposes": {"GetMatter": {}, "ChangeMatter": {"public": shape % 20 == 0}},
        "publishes": {"MatterChanged": {"version": 1}, "MatterClosed": {"retention": "14d"}},
    }
    if store:
        found["datastore"] = store
    if earlier:
        consumed = [("MatterChanged", "MatterClosed")[other % 2] for other in earlier]
        found["consumes"] = [{"event": f"{_name(other)}.{event}"} for other, event in zip(earlier, consumed, strict=True)]
        found["upstreams"] = [{"context": _name(earlier[0]), "uses": ["GetMatter"], "pattern": "anti-corruption-layer"}]
    return found


def _name(number: int) -> str:
    return f"matter-{_letters(number)}"


def _team(number: int) -> str:
    return f"team-{_letters(number // CONTEXTS_PER_TEAM)}"


def _letters(number: int) -> str:
    """A number as syllables: names that differ in one digit may differ by a look-alike."""
    letters = ""
    for _ in range(5):
        number, digit = divmod(number, 10)
        letters = "bcdfghkptv"[digit] + "aeaoueaoua"[digit] + letters
    return letters


def _dump(path: Path, document: Mapping[str, object]) -> None:
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
