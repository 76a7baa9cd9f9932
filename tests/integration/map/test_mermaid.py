"""What Mermaid itself reads out of our maps."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from plat.findings import Finding
from plat.landscape import load_landscape
from plat.map import mermaid
from plat.map.build import Wishes, context_map
from plat.map.findings import marked
from plat.map.identity import symbol
from plat.map.model import ContextMap
from tests.integration.map.conftest import CHECKOUT, Parse
from tests.unit.map import atlas
from tests.unit.map.test_renderers import HOSTILE, hostile

EVERY_LANDSCAPE = sorted(
    path.parent for folder in ("contexts", "tests/landscapes") for path in (CHECKOUT / folder).glob("*/landscape.yaml")
)


def everything(root: Path) -> ContextMap:
    landscape = load_landscape(root).landscape
    assert landscape is not None
    findings = [Finding(rule="some-rule", message="", subject=context.name) for context in landscape.contexts]
    return marked(context_map(landscape, Wishes(databases=True, topics=True)), findings)


def words(label: str) -> str:
    return re.sub(r"<br ?/?>|</?b>", " ", label)


def test_it_refuses_what_is_no_mermaid(parse: Parse) -> None:
    (found,) = parse(["flowchart LR\n  a --> [b\n"])

    assert "Parse error" in found["error"]


def test_it_reads_every_node_edge_and_frame_of_a_map_with_everything(parse: Parse, tmp_path: Path) -> None:
    drawn = everything(atlas.write(tmp_path))

    (found,) = parse([mermaid.render(drawn)])

    assert set(found["nodes"]) == {symbol(node.id) for node in drawn.nodes} | {"legend"}
    assert [edge[:2] for edge in found["edges"]] == [[symbol(edge.source), symbol(edge.target)] for edge in drawn.edges]
    frames = {title: nodes for _, title, nodes in found["frames"]}
    assert {"context__ordering", "event__ordering_OrderPlaced"} <= set(frames["orders-team"])
    assert {"context__stock", "context__purchasing"} <= set(frames["warehouse · modular monolith"])


def test_it_reads_the_patterns_at_both_ends(parse: Parse, tmp_path: Path) -> None:
    landscape = atlas.load(tmp_path)

    (found,) = parse([mermaid.render(context_map(landscape))])

    labels = {(source, target): words(label).split("  ")[0] for source, target, label in found["edges"]}
    assert labels["context__ordering", "context__billing"].startswith("U OHS PL → D CF ACL")
    assert labels["external__bank", "deployable__gateway"] == "U → D ACL"


def test_it_reads_the_map_of_every_landscape_here(parse: Parse) -> None:
    drawn = {root.name: everything(root) for root in EVERY_LANDSCAPE}

    found = dict(zip(drawn, parse([mermaid.render(each) for each in drawn.values()]), strict=True))

    assert {name for name, each in found.items() if "error" in each} == set()
    assert {name: len(each["edges"]) for name, each in found.items()} == {
        name: len(each.edges) for name, each in drawn.items()
    }


def test_it_reads_a_map_on_which_nothing_is(parse: Parse) -> None:
    (found,) = parse([mermaid.render(replace(hostile("calm"), teams=(), hosts=(), nodes=(), edges=(), findings=()))])

    assert (found["nodes"], found["edges"]) == ({}, [])


def test_it_shows_hostile_texts_as_they_are(parse: Parse) -> None:
    texts = [text for text in HOSTILE if text]

    for text, found in zip(texts, parse([mermaid.render(hostile(text)) for text in texts]), strict=True):
        shown = " ".join(text.split())
        assert "error" not in found, text
        assert len(found["nodes"]) == 3, text
        assert shown in words(found["nodes"][symbol(f"context:{text}")]), text
        assert [shown in words(label) for _, _, label in found["edges"]] == [True], text
