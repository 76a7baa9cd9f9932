"""What of a listing counts as its rules."""

from __future__ import annotations

import copy
import json
from typing import Any

from providers.machine.firewall import digest_of

LISTING: dict[str, Any] = {
    "nftables": [
        {"metainfo": {"version": "1.0.6"}},
        {"table": {"family": "inet", "name": "plat", "handle": 1}},
        {"set": {"name": "seen", "handle": 2, "flags": ["dynamic"], "elem": ["192.0.2.1"]}},
        {"set": {"name": "known", "handle": 3, "elem": ["192.0.2.2"]}},
        {"rule": {"handle": 4, "expr": [{"counter": {"packets": 1, "bytes": 60}}, {"accept": None}]}},
    ]
}


def changed(*path: str | int, to: object) -> dict[str, Any]:
    listing = copy.deepcopy(LISTING)
    inner: Any = listing["nftables"]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return listing


def digest(listing: dict[str, Any]) -> str:
    return digest_of(json.dumps(listing))


def test_what_traffic_time_and_versions_change_does_not_count() -> None:
    same = [
        changed(0, "metainfo", "version", to="2"),
        changed(1, "table", "handle", to=9),
        changed(2, "set", "elem", to=[]),
        changed(4, "rule", "expr", 0, "counter", to={"packets": 2, "bytes": 120}),
    ]
    assert {digest(listing) for listing in same} == {digest(LISTING)}


def test_what_lets_other_traffic_through_counts() -> None:
    others = [
        changed(3, "set", "elem", to=["192.0.2.3"]),
        changed(4, "rule", "expr", 1, to={"drop": None}),
        changed(4, "rule", "expr", 0, to={"accept": None}),
        changed(2, "set", "flags", to=["interval"]),
    ]
    assert len({digest(listing) for listing in (LISTING, *others)}) == 5


def test_no_table_has_no_digest() -> None:
    assert digest_of("") == ""
