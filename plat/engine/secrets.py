"""The generated secrets of a stack, as its state has them: there from the first resource on, unlike its outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_GENERATED = "random:index/randomPassword:RandomPassword"


def generated(deployment: Mapping[str, Any]) -> Iterator[str]:
    """The values of all generated secrets of a stack that was exported with its secrets in plain text."""
    for resource in deployment.get("deployment", {}).get("resources") or ():
        result = resource.get("outputs", {}).get("result")
        if resource.get("type") == _GENERATED and isinstance(result, dict) and "plaintext" in result:
            yield str(json.loads(result["plaintext"]))
