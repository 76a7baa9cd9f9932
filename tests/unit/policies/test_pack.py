"""The pack as the engine meets it: every policy mandatory, no configuration that weakens, everything refused in doubt."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_policy
import pytest
from google.protobuf import struct_pb2  # type: ignore[import-untyped] # no type hints are published for it
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel
from pulumi_policy import policy as sdk

from plat.project import CONTEXTS_VARIABLE, Refusal
from policies import pack, unbending
from policies.bench import Bench
from policies.ground import Ground

ROOT = Path(__file__).resolve().parents[3]
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
Analyzer = Any  # the SDK's own type is private
ROLE = "postgresql:index/role:Role"


class Aborted(Exception):  # noqa: N818 - named for what happens
    pass


class Call:
    def abort(self, code: object, details: str) -> None:
        raise Aborted(details, code)


def servicer(convene: Callable[[], Bench]) -> Analyzer:
    return unbending.UnbendingServicer("plat", "1", pack.policies(convene), EnforcementLevel.MANDATORY)


def request(type_: str, **properties: object) -> proto.AnalyzeRequest:
    inputs = struct_pb2.Struct()
    inputs.update(properties)
    return proto.AnalyzeRequest(type=type_, properties=inputs, urn=f"urn:pulumi:market.local::plat::{type_}::x", name="x")


def judged(analyzer: Analyzer, *requests: proto.AnalyzeRequest) -> list[tuple[str, str]]:
    responses = [analyzer.Analyze(item, Call()) for item in requests]
    return [(proto.EnforcementLevel.Name(item.enforcementLevel), item.message) for item in responses[-1].diagnostics]


@pytest.fixture
def analyzer(ground: Ground) -> Analyzer:
    return servicer(lambda: Bench(ground))


def configuration(**levels: proto.EnforcementLevel.ValueType) -> proto.ConfigureAnalyzerRequest:
    return proto.ConfigureAnalyzerRequest(
        policyConfig={name.replace("_", "-"): proto.PolicyConfig(enforcementLevel=level) for name, level in levels.items()}
    )


def test_every_policy_is_mandatory_and_says_so_itself(ground: Ground) -> None:
    levels = {policy.name: policy.enforcement_level for policy in pack.policies(lambda: Bench(ground))}
    assert levels == {"fences": EnforcementLevel.MANDATORY, "fences-stand": EnforcementLevel.MANDATORY}


def test_what_passes_is_reported_by_nobody(analyzer: Analyzer) -> None:
    assert judged(analyzer, request("plat:index:BoundedContext")) == []


def test_what_is_refused_is_refused_as_mandatory(analyzer: Analyzer) -> None:
    assert [level for level, _ in judged(analyzer, request("command:local:Command"))] == ["MANDATORY"]


def test_an_unknown_value_is_a_refusal_and_no_advice(analyzer: Analyzer) -> None:
    assert [level for level, _ in judged(analyzer, request(ROLE, name=UNKNOWN_TEXT))] == ["MANDATORY"]


def test_a_configuration_without_changes_is_taken(analyzer: Analyzer) -> None:
    mandatory = proto.MANDATORY
    analyzer.Configure(configuration(fences=mandatory, fences_stand=mandatory), Call())
    assert [level for level, _ in judged(analyzer, request("command:local:Command"))] == ["MANDATORY"]


WEAKER = {"advice": proto.ADVISORY, "nothing": proto.DISABLED, "repair": proto.REMEDIATE}


@pytest.mark.parametrize("level", WEAKER.values(), ids=WEAKER.keys())
def test_a_configuration_that_turns_rules_into_something_weaker_is_refused(
    analyzer: Analyzer, level: proto.EnforcementLevel.ValueType
) -> None:
    with pytest.raises(Aborted) as refused:
        analyzer.Configure(configuration(fences=level, fences_stand=level), Call())
    assert refused.value.args[0] == (
        "the configuration of the policy pack weakens fences, fences-stand: what keeps contexts apart is not to be switched "
        "off. Leave --policy-pack-config out, and change the landscape where it is wrong"
    )


def test_no_resource_is_changed_by_the_pack(analyzer: Analyzer) -> None:
    assert analyzer.Remediate(request(ROLE, name="ordering"), Call()) == proto.RemediateResponse()


def test_a_landscape_that_cannot_be_loaded_refuses_everything_and_says_why_once() -> None:
    def refuse() -> Bench:
        raise Refusal(["contexts/x/y.yaml:1:1: error[z]: it is wrong"])

    analyzer = servicer(refuse)
    first = judged(analyzer, request("plat:index:BoundedContext"))
    second = judged(analyzer, request("plat:index:BoundedContext"))
    introduction = "Contexts own what is theirs, and touch nothing else without a declared relation.\n"
    reason = "the landscape could not be loaded, so that nothing can be judged"
    assert (first, second) == (
        [("MANDATORY", f"{introduction}{reason}:\ncontexts/x/y.yaml:1:1: error[z]: it is wrong")],
        [("MANDATORY", f"{introduction}{reason} (the first refusal says why)")],
    )


def test_the_landscape_is_loaded_once(ground: Ground) -> None:
    benches = iter([Bench(ground)])
    analyzer = servicer(lambda: next(benches))
    component = request("plat:index:BoundedContext")
    assert judged(analyzer, component, component) == []


def test_any_other_failure_to_load_refuses_as_well() -> None:
    def fail() -> Bench:
        raise RuntimeError("disk")

    levels = [level for level, _ in judged(servicer(fail), request("plat:index:BoundedContext"))]
    assert levels == ["MANDATORY"]


def test_a_judge_that_fails_refuses_and_quotes_nothing(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("canary-0d1e")

    monkeypatch.setattr(Bench, "findings", fail)
    ((level, message),) = judged(servicer(lambda: Bench(ground)), request(ROLE, name="ordering"))
    assert (level, "canary" in message, "ValueError" in message) == ("MANDATORY", False, True)


def test_the_stack_is_judged_at_the_end(analyzer: Analyzer) -> None:
    resource = proto.AnalyzerResource(type="pulumi:pulumi:StackReference", urn="urn:pulumi:s::p::t::n", name="n")
    response = analyzer.AnalyzeStack(proto.AnalyzeStackRequest(resources=[resource]), Call())
    assert [(item.urn, item.enforcementLevel) for item in response.diagnostics] == [("urn:pulumi:s::p::t::n", proto.MANDATORY)]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `policies/__main__.py` hands to the SDK, whose own PolicyPack would serve and never return."""
    arguments: dict[str, Any] = {}
    monkeypatch.setattr(pulumi_policy, "PolicyPack", lambda **given: arguments.update(given))
    monkeypatch.setattr(sdk, "_PolicyAnalyzerServicer", sdk._PolicyAnalyzerServicer)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
    monkeypatch.setenv("PULUMI_STACK", "market.local")
    runpy.run_path(str(ROOT / "policies"), run_name="__main__")
    return arguments


def test_the_pack_is_mandatory_and_unbending(started: dict[str, Any]) -> None:
    assert (started["name"], started["enforcement_level"]) == ("plat", EnforcementLevel.MANDATORY)
    assert sdk._PolicyAnalyzerServicer is unbending.UnbendingServicer


def test_the_pack_loads_the_landscape_that_the_stack_is_named_for(started: dict[str, Any]) -> None:
    assert (
        judged(
            unbending.UnbendingServicer("plat", "1", started["policies"], EnforcementLevel.MANDATORY),
            request(
                "platlocal:index:Process",
                name="ordering",
                command=["true"],
                labels={"team": "orders-team", "contexts": "ordering"},
            ),
        )
        == []
    )
