"""The head of a state tells what all of it tells, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plat.engine.backend.outline import Outline, outline_at_the_head, outline_of

WRITTEN = "2026-11-28T12:14:39.420872339Z"
OUTPUTS = {"digest": "abc", "secrets": {"ciphertext": "v1:x"}}
STACK = {"urn": "urn:s", "custom": False, "type": "pulumi:pulumi:Stack", "outputs": OUTPUTS}
ROLE = {"urn": "urn:r", "type": "kubernetes:rbac.authorization.k8s.io/v1:Role", "outputs": {"verbs": ["get", "delete"]}}


def latest(*resources: object, **more: object) -> dict[str, Any]:
    provider = {"type": "passphrase", "state": {"salt": "v1:y"}}
    return {"manifest": {"time": WRITTEN}, "secrets_providers": provider, "resources": list(resources), **more}


def file(found: object, indent: int | None = 4) -> bytes:
    checkpoint = {"stack": "organization/plat/shop.latest.local", "latest": found}
    return json.dumps({"version": 3, "checkpoint": checkpoint}, indent=indent).encode()


@pytest.mark.parametrize("indent", [4, None])
@pytest.mark.parametrize("stack", [STACK, {**STACK, "outputs": {}}, {key: STACK[key] for key in ("urn", "type")}])
def test_it_is_that_of_the_whole(stack: dict[str, Any], indent: int | None) -> None:
    found = latest(stack, ROLE)
    head = outline_at_the_head(file(found, indent))
    assert head == outline_of(found) == Outline(WRITTEN, stack.get("outputs", {}), unfinished=False)


def test_it_is_told_of_a_state_that_is_longer_than_its_head() -> None:
    found = latest(STACK, *[ROLE] * 5000)
    assert outline_at_the_head(file(found)) == outline_of(found)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(latest(STACK, {**ROLE, "delete": True}), id="something to delete"),
        pytest.param(latest(STACK, ROLE, pending_operations=[{"type": "creating"}]), id="something pending"),
        pytest.param(latest(STACK, *[ROLE] * 5000, pending_operations=[{"type": "creating"}]), id="far behind"),
    ],
)
def test_what_is_unfinished_only_the_whole_tells(found: dict[str, Any]) -> None:
    whole = outline_of(found)
    assert outline_at_the_head(file(found)) is None
    assert whole
    assert whole.unfinished


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(file(None), id="no state"),
        pytest.param(file(latest()), id="no resource"),
        pytest.param(file(latest(ROLE, STACK)), id="another order"),
        pytest.param(file({"resources": [STACK], "manifest": {"time": WRITTEN}}), id="no time before"),
        pytest.param(file(latest({**STACK, "outputs": {"text": "x" * 70_000}})), id="a head that ends too early"),
        pytest.param(file(latest(STACK))[:200], id="half of it"),
    ],
)
def test_where_it_does_not_tell_there_is_none(text: bytes) -> None:
    assert outline_at_the_head(text) is None
