"""Each rule over the map has a landscape that trips it, exactly as said here, and one that just does not."""

from __future__ import annotations

from datetime import date
from difflib import ndiff
from pathlib import Path

import pytest

from plat.project import CONTEXTS_VARIABLE, Checked, Project
from plat.rules.map import EXCEPTION_RULES, MAP_RULES

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ROOT / "tests" / "landscapes" / "rules"
TODAY = date(2027, 1, 31)

Found = tuple[str, str, str]

TRIPPED: dict[str, list[Found]] = {
    "big-ball-of-mud": [("big-ball-of-mud", "trips", "landscape.yaml:2")],
    "broker-without-owner": [("broker-without-owner", "trips", "landscape.yaml:8")],
    "consumes-only": [("consumes-only", "catalog / sales", "sales.yaml:11")],
    "context-without-owner": [("context-without-owner", "reviews", "reviews.yaml:1")],
    "contract-expired": [
        ("datastore-ownership", "billing", "billing.yaml:10"),
        ("contract-expired", "pricing-rates", "pricing-rates.yaml:10"),
    ],
    "contract-expires-soon": [("contract-expires-soon", "pricing-rates", "pricing-rates.yaml:10")],
    "contract-owner": [("contract-owner", "pricing-rates", "pricing-rates.yaml:9")],
    "contract-unused": [("contract-unused", "pricing-rates", "pricing-rates.yaml:5")],
    "contradictory-patterns": [("contradictory-patterns", "authentication / booking", "booking.yaml:10")],
    "core-upstream-of-generic": [("core-upstream-of-generic", "booking / notifications", "notifications.yaml:10")],
    "deprecated-event": [("deprecated-event", "billing", "billing.yaml:10")],
    "distributed-monolith": [("distributed-monolith", "basket / catalog / checkout", "checkout.yaml:9")],
    "event-version": [("event-version", "billing", "billing.yaml:10")],
    "exception-not-allowed": [
        ("datastore-ownership", "catalog", "catalog.yaml:11"),
        ("exception-not-allowed", "catalog", "landscape.yaml:9"),
    ],
    "expired-exception": [
        ("synchronous-cycle", "booking / catalog", "catalog.yaml:11"),
        ("expired-exception", "booking / catalog", "landscape.yaml:13"),
    ],
    "external-behind-acl": [("external-behind-acl", "credentialing", "credentialing.yaml:8")],
    "interface-as-upstream": [("interface-as-upstream", "advice / storefront", "advice.yaml:10")],
    "mutual-dependency": [("mutual-dependency", "billing / fulfillment", "billing.yaml:11")],
    "no-broker": [("no-broker", "sales", "sales.yaml:9")],
    "no-port": [("no-port", "sales", "sales.yaml:9")],
    "not-offered": [("not-offered", "billing / tracking", "billing.yaml:10")],
    "owned-by-enabling-team": [("owned-by-enabling-team", "coverage", "coverage.yaml:4")],
    "partnership-undeclared": [("partnership-undeclared", "booking / payment", "booking.yaml:10")],
    "published-language-without-schema": [("published-language-without-schema", "authentication", "authentication.yaml:11")],
    "retiring-with-consumers": [
        ("retired-event", "billing", "billing.yaml:10"),
        ("retiring-with-consumers", "sales", "sales.yaml:10"),
    ],
    "separate-ways": [("separate-ways", "sales / support", "support.yaml:10")],
    "shared-kernel-too-wide": [("shared-kernel-too-wide", "billing / pricing / support", "landscape.yaml:11")],
    "shared-kernel-without-contract": [("shared-kernel-without-contract", "billing / pricing", "landscape.yaml:9")],
    "split-due": [("split-due", "rota", "rota.yaml:9")],
    "split-too-early": [("split-too-early", "coverage / scheduling", "scheduling.yaml:9")],
    "synchronous-cycle": [("synchronous-cycle", "booking / catalog / reviews", "catalog.yaml:11")],
    "two-teams-one-context": [
        ("deployable-ownership", "swap-requests", "scheduling.yaml:9"),
        ("two-teams-one-context", "scheduling", "scheduling.yaml:9"),
    ],
    "unknown-context": [("unknown-context", "support", "support.yaml:10")],
    "unknown-event": [("unknown-event", "billing", "billing.yaml:10")],
    "unknown-operation": [("unknown-operation", "support", "support.yaml:10")],
    "unused-exception": [("unused-exception", "booking / catalog", "landscape.yaml:9")],
}
"""By rule: rule, subject, and file and line, of every finding in its landscape `trips`."""

LOADED = (
    "context-without-owner",
    "deprecated-event",
    "event-version",
    "no-broker",
    "no-port",
    "unknown-context",
    "unknown-event",
    "unknown-operation",
)
"""Rules that the loader knows: without what they demand there would be no map."""

RULES_HERE = (*(rule.id for rule in (*MAP_RULES, *EXCEPTION_RULES)), *LOADED)


def _check(rule: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> Checked:
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(LANDSCAPES / rule))
    return Project(ROOT, TODAY).check(folder)


@pytest.mark.parametrize("rule", RULES_HERE)
def test_a_landscape_trips_the_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = _check(rule, "trips", monkeypatch).findings
    places = [(one.rule, one.subject, one.location) for one in findings]
    assert [(name, subject, f"{Path(at.file).name}:{at.line}") for name, subject, at in places if at] == TRIPPED[rule]
    assert rule in {name for name, _, _ in TRIPPED[rule]}


@pytest.mark.parametrize("rule", RULES_HERE)
def test_a_landscape_just_does_not_trip_the_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = _check(rule, "just-not", monkeypatch)
    assert checked.landscape
    assert [finding.render() for finding in checked.findings] == []


@pytest.mark.parametrize("rule", RULES_HERE)
def test_the_two_landscapes_of_a_rule_differ_by_little(rule: str) -> None:
    trips, just_not = (_texts(LANDSCAPES / rule / folder) for folder in ("trips", "just-not"))
    lines = [line for line in ndiff(trips, just_not) if line[:1] in "+-" and not line[2:].startswith(("#", "name:"))]
    assert 0 < len(lines) <= 12


def _texts(folder: Path) -> list[str]:
    return [line for path in sorted(folder.rglob("*.yaml")) for line in path.read_text().splitlines()]


def test_every_landscape_here_belongs_to_a_rule() -> None:
    assert {folder.name for folder in LANDSCAPES.iterdir()} == {*RULES_HERE} == TRIPPED.keys()
