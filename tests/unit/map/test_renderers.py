"""The map in Mermaid, in Graphviz's language and as JSON."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from plat.findings import Finding
from plat.landscape import Landscape
from plat.map import dot, mermaid, picture
from plat.map.build import Wishes, context_map
from plat.map.findings import marked
from plat.map.identity import symbol
from plat.map.model import ContextMap, Edge, EdgeKind, MapTeam, Node, NodeKind

HOSTILE = [
    'say "no"',
    "a]b",
    "a) --> b",
    "<script>alert(1)</script>",
    "one\ntwo",
    "end",
    "%%{init: {}}%%",
    "#quot;",
    "a|b",
    "`code`",
    "\\N \\G",
    "1. first",
    "&amp;",
    "{rank=same}",
    "x:y",
]


@pytest.fixture
def everything(landscape: Landscape) -> ContextMap:
    findings = [
        Finding(rule="core-upstream-of-generic", message="", subject="ordering / reviews"),
        Finding(rule="split-due", message="", subject="warehouse"),
        Finding(rule="split-too-early", message="", subject="billing"),
    ]
    return marked(context_map(landscape, Wishes(databases=True, topics=True)), findings)


def hostile(text: str) -> ContextMap:
    """A map on which everything that can hold a text holds this one."""
    one = Node(
        id=f"context:{text}", kind=NodeKind.CONTEXT, name=text, details=(text,), team=text, subdomain="core", purpose=text
    )
    other = Node(id="context:other", kind=NodeKind.CONTEXT, name="other", team=text, host=text, subdomain="generic")
    edge = Edge(kind=EdgeKind.DEPENDENCY, source=one.id, target=other.id, calls=(text,), details=(text,), findings=(text,))
    teams = (MapTeam(name=text, type="platform"),)
    return ContextMap(name=text, title=text, teams=teams, hosts=(text,), nodes=(one, other), edges=(edge,), findings=(text,))


def test_the_map_in_mermaid(drawn: ContextMap, snapshot: SnapshotAssertion) -> None:
    assert mermaid.render(drawn) == snapshot


def test_everything_in_mermaid(everything: ContextMap, snapshot: SnapshotAssertion) -> None:
    assert mermaid.render(everything) == snapshot


def test_the_map_in_graphviz_language(drawn: ContextMap, snapshot: SnapshotAssertion) -> None:
    assert dot.render(drawn) == snapshot


def test_everything_in_graphviz_language(everything: ContextMap, snapshot: SnapshotAssertion) -> None:
    assert dot.render(everything) == snapshot


def test_the_map_for_programs(drawn: ContextMap, snapshot: SnapshotAssertion) -> None:
    assert json.dumps(drawn.to_dict(), indent=1) == snapshot


@pytest.mark.parametrize("text", HOSTILE)
def test_in_mermaid_a_hostile_text_is_plain_words_and_codes(text: str) -> None:
    lines = mermaid.render(hostile(text)).splitlines()[3:]  # the title is a string of YAML in front of the drawing
    quoted = [label for line in lines for label in re.findall(r'"([^"]*)"', line)]

    assert len(lines) == len(mermaid.render(hostile("calm")).splitlines()[3:])
    assert all(line.count('"') % 2 == 0 for line in lines)
    for label in quoted:
        shown = re.sub(r"</?b>|<br/>|#[0-9]+;", "", label)
        assert re.fullmatch(r"[\w ,.:()/=+'·→-]*", shown), label
    decoded = {re.sub(r"#([0-9]+);", lambda code: chr(int(code[1])), label) for label in quoted}
    assert any(" ".join(text.split()) in label for label in decoded)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_stays_a_string_of_yaml(text: str) -> None:
    beginning = mermaid.render(hostile(text)).splitlines()[:3]

    assert (beginning[0], beginning[2]) == ("---", "---")
    assert json.loads(beginning[1].removeprefix("title: ")) == " ".join(text.split())
    assert not set("<>%{}&#") & set(beginning[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_in_graphviz_language_a_hostile_text_stays_in_its_label(text: str) -> None:
    source = dot.render(hostile(text))

    assert source.count("\n") == dot.render(hostile("calm")).count("\n")
    assert html.escape(" ".join(text.split())).replace("\\", "&#92;&#92;") in source
    assert "=<script>" not in source  # it would be taken for markup


@pytest.mark.parametrize(
    ("one", "other"),
    [("context:a-b", "context:a:b"), ("event:a.B", "event:a-B"), ("context:ab", "event:ab"), ("x_y", "x-y"), ("ä", "a")],
)
def test_ids_of_different_things_stay_apart(one: str, other: str) -> None:
    assert re.fullmatch(r"\w+", symbol(one), re.ASCII)
    assert symbol(one) != symbol(other) or "." in one  # an event has one dot, and never a hyphen


def test_a_crowded_map_leaves_out_what_passes_over_its_lines_and_says_so(drawn: ContextMap) -> None:
    edge = next(edge for edge in drawn.edges if edge.calls == ("GetStock",))
    crowded = replace(drawn, edges=drawn.edges + (edge,) * 40)

    for render in (mermaid.render, dot.render):
        assert ">GetStock<" in render(drawn) or '<br/>GetStock"' in render(drawn)
        assert ">GetStock<" not in render(crowded)
        assert '<br/>GetStock"' not in render(crowded)
        assert "around a context" in render(crowded)


def test_a_map_of_nothing_is_no_picture(drawn: ContextMap) -> None:
    with pytest.raises(picture.PictureProblem, match="nothing to draw in atlas"):
        picture.render(replace(drawn, nodes=(), edges=()), "svg")


def test_more_than_anybody_can_read_is_no_picture(drawn: ContextMap) -> None:
    with pytest.raises(picture.PictureProblem, match="draw a part of it with --team or --around"):
        picture.render(replace(drawn, nodes=drawn.nodes * 100), "svg")


def test_without_dot_it_is_said_how_to_get_it(drawn: ContextMap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(picture.PictureProblem, match="`make setup` gets it, or install graphviz"):
        picture.render(drawn, "svg")
