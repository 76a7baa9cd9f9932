"""What the engine's log of events says of a run, without what must not be shown."""

from __future__ import annotations

import json
from typing import Any

from plat.engine.steps import Log

STACK = "urn:pulumi:shop.local::plat"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def line(name: str, event: dict[str, Any]) -> str:
    return json.dumps({"sequence": 1, "timestamp": 1, name: event})


def pre(op: str, old: dict[str, Any] | None, new: dict[str, Any] | None, **more: Any) -> str:  # noqa: ANN401 - fields of an event
    urn = f"{STACK}::platlocal:index:Process::sales"
    sides = {
        side: inputs and {"urn": urn, "parent": f"{STACK}::plat:index:BoundedContext::sales", "inputs": inputs, **more}
        for side, inputs in (("old", old), ("new", new))
    }
    metadata = {"op": op, "urn": urn, "type": "platlocal:index:Process", **sides, "diffs": more.get("diffs")}
    return line("resourcePreEvent", {"metadata": metadata, "planning": True})


def taken(*lines: str) -> Log:
    log = Log()
    for one in lines:
        log.take(one)
    return log


def test_a_step_names_the_inputs_that_differ_and_shows_no_secret() -> None:
    old = {"environment": {"URL": "a", "SAME": "b"}, "secrets": SECRET, "command": ["x"], "__defaults": []}
    new = {"environment": {"URL": "c", "SAME": "b", "NEW": UNKNOWN}, "secrets": SECRET, "command": ["x"]}
    (step,) = taken(pre("update", old, new, diffs=["environment", "secrets"])).steps

    assert step.keys == ("environment.NEW", "environment.URL", "secrets")
    assert step.old == {"environment": {"URL": "a", "SAME": "b"}, "command": ["x"]}
    assert step.new == {"environment": {"URL": "c", "SAME": "b"}, "command": ["x"]}


def test_a_secret_in_a_list_is_hidden_too() -> None:
    (step,) = taken(pre("create", None, {"envs": ["A=b", "[secret]", SECRET]})).steps

    assert step.new == {"envs": ["A=b", "(hidden)", "(hidden)"]}


def test_a_replacement_is_one_step() -> None:
    told = [pre(op, {"a": 1}, {"a": 2}) for op in ("create-replacement", "replace", "delete-replaced")]

    assert [step.op for step in taken(*told).steps] == ["replace"]


def test_what_stays_is_no_step_but_tells_its_parent() -> None:
    log = taken(pre("same", {"a": 1}, {"a": 1}))

    assert log.steps == []
    assert log.parents == {f"{STACK}::platlocal:index:Process::sales": f"{STACK}::plat:index:BoundedContext::sales"}


def test_what_was_protected_and_retained_is_known() -> None:
    (step,) = taken(pre("delete", {"a": 1}, None, protect=True, retainOnDelete=True)).steps

    assert (step.protected, step.retained) == (True, True)


def test_violations_problems_and_the_end_are_taken() -> None:
    found = {"resourceUrn": f"{STACK}::x:y:Z::z", "message": "<{%red%}>no<{%reset%}>\n", "policyName": "fences"}
    log = taken(
        line("policyEvent", {**found, "enforcementLevel": "mandatory"}),
        line("diagnosticEvent", {"severity": "error", "message": "preview failed\n"}),
        line("diagnosticEvent", {"severity": "debug", "message": "beginning\n"}),
        line("summaryEvent", {"resourceChanges": {"create": 2}, "isPreview": True}),
        '{"cut',
    )

    assert [(one.policy, one.level, one.message) for one in log.violations] == [("fences", "mandatory", "no")]
    assert (log.problems, log.counts, log.whole) == (["preview failed"], {"create": 2}, True)


def test_a_log_that_was_cut_off_is_not_whole() -> None:
    assert not taken(pre("create", None, {"a": 1})).whole
