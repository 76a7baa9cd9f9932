"""What a finding marks."""

from __future__ import annotations

import pytest

from plat.findings import Finding, Location
from plat.map.findings import marked
from plat.map.model import ContextMap, EdgeKind


def red(drawn: ContextMap) -> list[str]:
    nodes = [node.id for node in drawn.nodes if node.findings]
    return nodes + [f"{edge.source} - {edge.target}" for edge in drawn.edges if edge.findings]


@pytest.mark.parametrize(
    ("subject", "meant"),
    [
        ("billing", ["context:billing"]),
        ("gateway", ["deployable:gateway"]),
        ("bank", ["external:bank"]),
        ("billing / reviews", ["context:billing - context:reviews"]),
        ("billing / shop", ["context:billing", "deployable:shop"]),
    ],
)
def test_a_finding_marks_whom_its_subject_names(drawn: ContextMap, subject: str, meant: list[str]) -> None:
    assert red(marked(drawn, [Finding(rule="some-rule", message="", subject=subject)])) == meant


def test_a_finding_marks_the_relation_that_its_line_declares(drawn: ContextMap) -> None:
    edge = next(edge for edge in drawn.edges if edge.kind is EdgeKind.DATA)
    found = marked(drawn, [Finding(rule="some-rule", message="", location=edge.locations[-1])])

    assert red(found) == ["context:billing - context:ledger"]
    assert [each.findings for each in found.edges if each.findings] == [("some-rule",)]


def test_a_place_within_what_a_line_declares_is_meant_too(drawn: ContextMap) -> None:
    place = next(edge for edge in drawn.edges if edge.kind is EdgeKind.DATA).locations[-1]
    later = Location(place.file, place.line, place.column + 7)

    assert red(marked(drawn, [Finding(rule="some-rule", message="", location=later)])) == ["context:billing - context:ledger"]


def test_a_finding_without_a_subject_marks_the_context_whose_descriptor_it_is_in(drawn: ContextMap) -> None:
    place = Location("contexts/atlas/reviews.yaml", 2)

    assert red(marked(drawn, [Finding(rule="some-rule", message="", location=place)])) == ["context:reviews"]


def test_a_finding_about_nothing_on_the_map_is_about_the_whole(drawn: ContextMap) -> None:
    found = marked(drawn, [Finding(rule="big-ball-of-mud", message="", subject="atlas")])

    assert (red(found), found.findings) == ([], ("big-ball-of-mud",))


def test_each_rule_is_named_once_and_in_order(drawn: ContextMap) -> None:
    findings = [Finding(rule=rule, message=rule, subject="billing") for rule in ("b", "a", "b")]

    assert marked(drawn, findings).node("context:billing").findings == ("a", "b")
