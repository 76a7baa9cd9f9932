from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from plat.descriptors.errors.reading import UNREADABLE_RULES
from plat.descriptors.files import Found
from plat.descriptors.source import Source
from plat.descriptors.validate import validate
from plat.descriptors.yaml import read_document
from plat.explanation import Explanation, Group
from plat.manual import MANUAL
from plat.manual.page import as_dict, as_markdown, as_text
from plat.rules import RULES
from plat.rules.map import MAP_RULES
from tests.unit.manual import produced

_COMMON = {"apiVersion": "plat/v1", "name": "thing"}
_OWNED = {"team": "shop-team", "purpose": "Is there."}
LEAST: dict[str, dict[str, object]] = {
    "Landscape": {**_COMMON, "kind": "Landscape", "teams": [{"name": "shop-team"}]},
    "Context": {**_COMMON, **_OWNED, "kind": "Context", "subdomain": "core", "datastore": {"type": "postgresql"}},
    "Deployable": {**_COMMON, **_OWNED, "kind": "Deployable", "image": "registry.example/x:1", "command": ["x"]},
    "DataContract": {
        **_COMMON,
        "kind": "DataContract",
        "provider": "one",
        "consumer": "other",
        "views": [{"name": "all", "columns": {"id": "integer"}}],
        "reason": "It has to be.",
        "owners": {"provider": "one-team", "consumer": "other-team"},
        "expires": "2030-01-01",
    },
}
RULE = Explanation(
    id="one-rule",
    title="There is one rule",
    severity=MANUAL["deprecated-event"].severity,
    why="Because.",
    fix="do it",
    source="Somebody",
    example="a: 1\n",
    exceptable=True,
)


def test_every_finding_that_the_product_can_make_is_explained() -> None:
    made = produced.named()

    assert {rule: modules for rule, modules in made.items() if rule not in MANUAL} == {}
    assert len(made) > 70, "the search finds what is made"


def test_every_explanation_that_is_written_anywhere_stands_in_the_manual() -> None:
    assert produced.explained() - set(MANUAL) == set()


def test_nothing_is_explained_that_cannot_be_found() -> None:
    assert set(MANUAL) - set(produced.named()) - produced.explained() == set()


def test_no_two_rules_have_one_id() -> None:
    ids = [rule.id for rule in (*RULES, *MAP_RULES)]

    assert sorted(ids) == sorted(set(ids))
    assert all(name == rule.id for name, rule in MANUAL.items())


@pytest.mark.parametrize("rule", MANUAL.values(), ids=list(MANUAL))
def test_an_explanation_says_everything_in_full(rule: Explanation) -> None:
    assert all(text.strip() == text != "" for text in (rule.title, rule.why, rule.fix, rule.source))
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")


@pytest.mark.parametrize("rule", [rule for rule in MANUAL.values() if rule.example], ids=lambda rule: rule.id)
def test_an_example_is_a_part_of_a_descriptor_that_complies(rule: Explanation) -> None:
    example = yaml.safe_load(rule.example)
    found = {kind: _findings({**least, **example}) for kind, least in LEAST.items()}

    assert [] in found.values(), found


def _findings(descriptor: dict[str, object]) -> list[str]:
    document = read_document("example.yaml", yaml.safe_dump(descriptor).encode())
    assert document.tree is not None
    _, findings = validate(Source.of(Found(Path("example.yaml"), "example.yaml", "example.yaml"), document.tree))
    return [finding.message for finding in (*document.findings, *findings)]


def test_only_findings_of_rules_over_the_map_are_ever_accepted() -> None:
    assert {rule.group for rule in MANUAL.values() if rule.exceptable} <= {Group.MAP}


def test_what_makes_a_run_unreadable_is_known_by_name() -> None:
    assert set(MANUAL) >= UNREADABLE_RULES


def test_a_page_for_a_terminal_has_a_part_for_each_question() -> None:
    assert as_text(RULE) == (
        "one-rule (warning): There is one rule\n\n"
        "Why\n  Because.\n\n"
        "How to comply\n  do it\n\n"
        "Example\n  a: 1\n\n"
        "Where it comes from\n  Somebody\n\n"
        "Exceptions\n  an entry of `exceptions` in landscape.yaml accepts a finding for a while, with a reason and an\n  owner"
    )


def test_a_page_in_markdown_shows_the_example_as_yaml() -> None:
    assert "**Example**\n\n```yaml\na: 1\n```\n\n**Where it comes from**: Somebody" in as_markdown(RULE)


def test_a_page_for_programs_has_every_key() -> None:
    assert as_dict(RULE) == {
        "id": "one-rule",
        "group": "Fences around contexts",
        "title": "There is one rule",
        "severity": "warning",
        "why": "Because.",
        "fix": "do it",
        "example": "a: 1\n",
        "source": "Somebody",
        "exceptable": True,
    }
