"""What the rules over the map find, and what they let stand, told case by case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.rules.written import context, deployable, landscape, project

Files = dict[str, str]

_RATES = """apiVersion: plat/v1
kind: DataContract
name: rates
provider: {provider}
consumer: {consumer}
views: [{{name: current_rates, columns: {{amount: integer}}}}]
reason: It has to read them.
owners: {{provider: {provider}-team, consumer: {consumer}-team}}
expires: 2028-12-31
"""
_READS = "accesses: [{datastore: a, contract: rates}]\n"


def _teams(*names: str, rest: str = "") -> str:
    return landscape(*(f"{name}-team" for name in names), rest=rest)


def _calls(*callees: str, pattern: str = "") -> str:
    said = f", pattern: {pattern}" if pattern else ""
    return "upstreams:\n" + "".join(f"  - {{context: {name}, uses: [Ask]{said}}}\n" for name in callees)


_ASK = "exposes: {Ask: {}}\n"
_APART = "relations: [{between: [a, b], pattern: separate-ways}]\n"
_TRAIN = "release: {train: x}\n"

FOUND: dict[str, tuple[Files, list[str]]] = {
    "separate ways: an event": (
        {
            "landscape": _teams("a", "b", rest=_APART),
            "a": context("a", "publishes: {Done: {}}\n"),
            "b": context("b", "consumes: [{event: a.Done}]\n"),
        },
        ["separate-ways: a / b"],
    ),
    "separate ways: what the deployable calls that hosts one of the two": (
        {
            "landscape": _teams("a", "b", rest=_APART),
            "a": context("a", _ASK),
            "b": context("b", runs=False),
            "host": deployable("host", "b-team", "hosts: [b]\n" + _calls("a")),
        },
        ["separate-ways: a / b"],
    ),
    "separate ways: a look into the datastore, which rule 1 refuses too": (
        {
            "landscape": _teams("a", "b", rest=_APART),
            "a": context("a", "datastore: {type: postgresql}\n"),
            "b": context("b", "accesses: [{datastore: a}]\n"),
        },
        ["datastore-ownership: b", "separate-ways: a / b"],
    ),
    "separate ways: a contract between the two": (
        {
            "landscape": _teams("a", "b", rest=_APART),
            "a": context("a", "datastore: {type: postgresql}\n"),
            "b": context("b", _READS),
            "rates": _RATES.format(provider="a", consumer="b"),
        },
        ["separate-ways: a / b", "separate-ways: a / b"],
    ),
    "separate ways: as the pattern of a consumption": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", "publishes: {Done: {}}\n"),
            "b": context("b", "consumes: [{event: a.Done, pattern: separate-ways}]\n"),
        },
        ["separate-ways: a / b"],
    ),
    "a conformist by its role, whose upstream calls it": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", "publishes: {Done: {}}\n" + _calls("b")),
            "b": context("b", "consumes: [{event: a.Done, from-role: conformist}]\n" + _ASK),
        },
        ["consumes-only: a / b"],
    ),
    "a pattern and a role in one entry that exclude each other": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", "publishes: {Done: {offered-to: [b]}}\n"),
            "b": context("b", "consumes: [{event: a.Done, from-role: customer, pattern: conformist}]\n"),
        },
        ["contradictory-patterns: a / b"],
    ),
    "separate ways, and one that speaks of a partnership": (
        {
            "landscape": _teams("a", "b", rest=_APART),
            "a": context("a", _ASK),
            "b": context("b", _calls("a", pattern="partnership")),
        },
        ["partnership-undeclared: a / b", "separate-ways: a / b"],
    ),
    "a shared kernel by a contract that there is not": (
        {
            "landscape": _teams("a", "b", rest="relations: [{between: [a, b], pattern: shared-kernel, contract: rates}]\n"),
            "a": context("a"),
            "b": context("b"),
        },
        ["unknown-contract: shop"],
    ),
    "partners that go separate ways": (
        {
            "landscape": _teams(
                "a",
                "b",
                rest="relations: [{between: [a, b], pattern: separate-ways}, {between: [a, b], pattern: partnership}]\n",
            ),
            "a": context("a"),
            "b": context("b"),
        },
        ["contradictory-patterns: a / b"],
    ),
    "a deployable of its own is nobody's partner": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", _ASK),
            "b": deployable("b", "b-team", _calls("a", pattern="partnership")),
        },
        ["partnership-undeclared: a / b"],
    ),
    "a shared kernel by the contract of others": (
        {
            "landscape": _teams(
                "a", "b", "c", rest="relations: [{between: [a, b], pattern: shared-kernel, contract: rates}]\n"
            ),
            "a": context("a", "datastore: {type: postgresql}\n"),
            "b": context("b"),
            "c": context("c", _READS),
            "rates": _RATES.format(provider="a", consumer="c"),
        },
        ["shared-kernel-without-contract: a / b"],
    ),
    "an operation that is made for another": (
        {
            "landscape": _teams("a", "b", "c"),
            "a": context("a", "exposes: {Ask: {offered-to: [c]}}\n"),
            "b": context("b", _calls("a")),
            "c": context("c", _calls("a")),
        },
        ["not-offered: a / b"],
    ),
    "an event of a published language without a schema": (
        {
            "landscape": _teams("a"),
            "a": context("a", "offered-as: [published-language]\npublishes: {Done: {}, Gone: {status: retired}}\n"),
        },
        ["published-language-without-schema: a"],
    ),
    "two contexts of an enabling team's deployable": (
        {
            "landscape": landscape("a-team", "guild, type: enabling"),
            "a": context("a", _ASK),
            "front": deployable("front", "guild", _calls("a")),
        },
        ["owned-by-enabling-team: front"],
    ),
    "a circle of three, and a fourth that is caught in it": (
        {
            "landscape": _teams("a", "b", "c", "d", rest="limits: {relations-share: 1}\n"),
            "a": context("a", _ASK + _calls("b")),
            "b": context("b", _ASK + _calls("c", "d")),
            "c": context("c", _ASK + _calls("a")),
            "d": context("d", _ASK + _calls("a")),
        },
        ["synchronous-cycle: a / b / c / d"],
    ),
    "two circles, each by itself": (
        {
            "landscape": _teams("a", "b", "c", "d"),
            "a": context("a", _ASK + _calls("b")),
            "b": context("b", _ASK + _calls("a")),
            "c": context("c", _ASK + _calls("d")),
            "d": context("d", _ASK + _calls("c")),
        },
        ["synchronous-cycle: a / b", "synchronous-cycle: c / d"],
    ),
    "a circle through the deployable that hosts a context": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", _ASK, runs=False),
            "b": context("b", _ASK + _calls("a")),
            "host": deployable("host", "a-team", "hosts: [a]\n" + _calls("b")),
        },
        ["synchronous-cycle: a / b"],
    ),
    "a circle of two that share a kernel, and are no partners": (
        {
            "landscape": _teams("a", "b", rest="relations: [{between: [a, b], pattern: shared-kernel, contract: rates}]\n"),
            "a": context("a", "datastore: {type: postgresql}\n" + _ASK + _calls("b")),
            "b": context("b", _ASK + _calls("a") + _READS),
            "rates": _RATES.format(provider="a", consumer="b"),
        },
        ["synchronous-cycle: a / b"],
    ),
    "a circle of three among whom two are partners": (
        {
            "landscape": _teams("a", "b", "c", rest="relations: [{between: [a, b], pattern: partnership}]\n"),
            "a": context("a", _ASK + _calls("b")),
            "b": context("b", _ASK + _calls("c")),
            "c": context("c", _ASK + _calls("a")),
        },
        ["synchronous-cycle: a / b / c"],
    ),
    "one release of a monolith and a context that call each other": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", _ASK, runs=False),
            "host": deployable("host", "a-team", "hosts: [a]\n" + _TRAIN),
            "b": context("b", _TRAIN + _calls("a")),
        },
        ["distributed-monolith: b / host"],
    ),
    "one release in which modules exchange events and deployables call each other": (
        {
            "landscape": _teams("a", "b"),
            "a": context("a", "publishes: {Done: {}}\n" + _ASK, runs=False),
            "c": context("c", "consumes: [{event: a.Done}]\n", team="a-team", runs=False),
            "host": deployable("host", "a-team", "hosts: [a, c]\n" + _TRAIN),
            "b": context("b", _TRAIN + _calls("a")),
        },
        ["distributed-monolith: b / host"],
    ),
    "two alike in a release of three": (
        {
            "landscape": landscape("x-team"),
            "a": context("a", _TRAIN, team="x-team"),
            "b": context("b", _TRAIN, team="x-team"),
            "c": context("c", _TRAIN + "availability: critical\n", team="x-team"),
        },
        ["split-too-early: a / b"],
    ),
    "one deployable with a critical context and one that may be away": (
        {
            "landscape": _teams("a"),
            "a": context("a", "availability: critical\n", runs=False),
            "b": context("b", "availability: best-effort\n", team="a-team", runs=False),
            "host": deployable("host", "a-team", "hosts: [a, b]\n"),
        },
        ["split-due: host"],
    ),
    "partnerships are relations as well": (
        {
            "landscape": _teams("a", "b", "c", "d", rest="relations: [{between: [a, b, c, d], pattern: partnership}]\n"),
            **{name: context(name) for name in "abcd"},
        },
        ["big-ball-of-mud: shop"],
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_is_found(case: str, tmp_path: Path) -> None:
    files, expected = FOUND[case]
    findings = project(tmp_path, files).check("shop").findings
    assert sorted(f"{finding.rule}: {finding.subject}" for finding in findings) == expected


STANDS: dict[str, Files] = {
    "one that calls both of two that go separate ways": {
        "landscape": _teams("a", "b", "c", rest=_APART),
        "a": context("a", _ASK),
        "b": context("b", _ASK),
        "c": context("c", _calls("a", "b")),
        "front": deployable("front", "c-team", _calls("a", "b")),
    },
    "partners that call each other": {
        "landscape": _teams("a", "b", rest="relations: [{between: [a, b], pattern: partnership}]\n"),
        "a": context("a", _ASK + _calls("b", pattern="partnership")),
        "b": context("b", _ASK + _calls("a")),
    },
    "what is made for a deployable of its own": {
        "landscape": _teams("a", "b"),
        "a": context("a", "exposes: {Ask: {offered-to: [front]}}\n"),
        "front": deployable("front", "b-team", _calls("a")),
    },
    "a customer that translates": {
        "landscape": _teams("a", "b"),
        "a": context("a", "publishes: {Done: {offered-to: [b]}}\n"),
        "b": context("b", "consumes: [{event: a.Done, from-role: customer, pattern: anti-corruption-layer}]\n"),
    },
    "a generic context that keeps the core's model out": {
        "landscape": _teams("a", "b"),
        "a": context("a", "publishes: {Done: {}}\n"),
        "b": context("b", "consumes: [{event: a.Done, pattern: anti-corruption-layer}]\n", subdomain="generic"),
    },
    "two deployables of one context in one release": {
        "landscape": _teams("a"),
        "a": context("a", _TRAIN, runs=False)
        + "deployables:\n"
        + "".join(
            f"  - {{name: {name}, image: registry.example/x, command: [run]}}\n" for name in ("commands", "projections")
        ),
    },
    "two contexts of one team, each with a release of its own": {
        "landscape": landscape("x-team"),
        "a": context("a", _ASK, team="x-team"),
        "b": context("b", _calls("a"), team="x-team"),
    },
    "two contexts of one release on different machines": {
        "landscape": landscape("x-team"),
        "a": context("a", _TRAIN, team="x-team"),
        "b": context("b", _TRAIN + "runtime: {target: vm}\n", team="x-team"),
    },
    "one release of two teams in which one context takes no part in calls": {
        "landscape": _teams("a", "b", "c"),
        "a": context("a", _ASK + _TRAIN),
        "b": context("b", _TRAIN + _calls("a")),
        "c": context("c", _TRAIN),
    },
    "modules of a monolith that call each other, in one direction": {
        "landscape": _teams("a"),
        "a": context("a", _ASK, runs=False),
        "b": context("b", _calls("a"), team="a-team", runs=False),
        "host": deployable("host", "a-team", "hosts: [a, b]\n"),
    },
    "three contexts of which each is related to each": {
        "landscape": _teams("a", "b", "c"),
        "a": context("a", _ASK),
        "b": context("b", _ASK + _calls("a")),
        "c": context("c", _calls("a", "b")),
    },
    "four contexts with half of the relations that there could be": {
        "landscape": _teams("a", "b", "c", "d", rest="relations: [{between: [a, d], pattern: separate-ways}]\n"),
        "a": context("a", _ASK),
        "b": context("b", _ASK + _calls("a")),
        "c": context("c", _ASK + _calls("a", "b")),
        "d": context("d"),
        "front": deployable("front", "d-team", _calls("a", "b", "c")),
    },
}


@pytest.mark.parametrize("case", STANDS)
def test_stands(case: str, tmp_path: Path) -> None:
    checked = project(tmp_path, STANDS[case]).check("shop")
    assert checked.landscape
    assert [finding.render() for finding in checked.findings] == []


def test_a_finding_names_the_field_that_has_to_be_changed(tmp_path: Path) -> None:
    files, _ = FOUND["an operation that is made for another"]
    (finding,) = project(tmp_path, files).check("shop").findings
    assert finding.field == "upstreams[a].uses[Ask]"
    assert str(finding.location) == "contexts/shop/b.yaml:8:25"


def test_a_finding_about_what_is_not_written_names_what_would_hold_it(tmp_path: Path) -> None:
    files, _ = FOUND["partnerships are relations as well"]
    (finding,) = project(tmp_path, files).check("shop").findings
    assert finding.field == "limits.relations-share"
    assert str(finding.location) == "contexts/shop/landscape.yaml:1:1"
