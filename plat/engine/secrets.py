"""The generated secrets of a stack, as its state has them: there from the first resource on, unlike its outputs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from plat.pairing import derived

_GENERATED = "random:index/randomPassword:RandomPassword"


def generated(deployment: Mapping[str, Any], pairing: str, pairs: Collection[str]) -> Iterator[str]:
    """The values of all secrets that a stack has made, which was exported with its secrets in plain text.

    Those called `pairs` are derived from the one called `pairing`, and stand nowhere by themselves.
    """
    for resource in deployment.get("deployment", {}).get("resources") or ():
        result = resource.get("outputs", {}).get("result")
        if resource.get("type") == _GENERATED and isinstance(result, dict) and "plaintext" in result:
            value = str(json.loads(result["plaintext"]))
            yield value
            if resource["urn"].endswith(f"::{pairing}"):
                yield from (derived(value, name) for name in pairs)
