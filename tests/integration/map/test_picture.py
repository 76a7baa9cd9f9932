"""Pictures that Graphviz really draws."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from bench import generated
from plat.landscape import Landscape, load_landscape
from plat.map import picture
from plat.map.build import Wishes, context_map
from plat.map.geometry import Box, Point
from plat.map.model import ContextMap
from tests.unit.map import atlas
from tests.unit.map.test_renderers import HOSTILE, hostile

SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.usefixtures("dot")


@pytest.fixture
def landscape(tmp_path: Path) -> Landscape:
    return atlas.load(tmp_path)


def svg_of(drawn: ContextMap) -> ET.Element:
    return ET.fromstring(picture.render(drawn, "svg"))  # noqa: S314 - drawn here


def texts(svg: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]


def test_a_picture_names_everything_and_explains_its_signs(landscape: Landscape) -> None:
    shown = texts(svg_of(context_map(landscape, Wishes(databases=True, topics=True))))

    assert {"Everything at once", "ordering", "warehouse", "U OHS PL", "D CF ACL", "OrderPlaced", "redis", "bank"} <= set(
        shown
    )
    assert any("anti-corruption layer" in text for text in shown)


def test_the_same_map_is_the_same_picture(landscape: Landscape) -> None:
    drawn = context_map(landscape, Wishes(databases=True, topics=True))

    assert picture.render(drawn, "svg") == picture.render(drawn, "svg")


def test_a_picture_in_dots_is_fine_enough_to_print(landscape: Landscape) -> None:
    drawn = context_map(landscape)
    content = picture.render(drawn, "png")
    width, height = struct.unpack(">II", content[16:24])
    points = svg_of(drawn).attrib["width"].removesuffix("pt")

    assert content.startswith(b"\x89PNG\r\n")
    assert width >= 1.9 * float(points)
    assert height > 400


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(databases=True), Wishes(topics=True, databases=True)])
def test_no_label_covers_another_or_a_node(landscape: Landscape, wishes: Wishes) -> None:
    svg = svg_of(context_map(landscape, wishes))
    pills = [_box(shape) for group in _groups(svg, "edge") for shape in group.iter(f"{SVG}polygon") if _is_pill(shape)]
    nodes = [_box(shape) for group in _groups(svg, "node") for shape in list(group.iter(f"{SVG}polygon"))[:1]]

    assert len(pills) > 15
    assert [pair for pair in combinations(pills, 2) if pair[0].shared(pair[1]) > 1] == []
    assert [(pill, node) for pill in pills for node in nodes if pill.shared(node) > 1] == []


@pytest.mark.parametrize("contexts", [50, 150])
def test_a_large_map_is_drawn_too_and_every_context_is_on_it(tmp_path: Path, contexts: int) -> None:
    landscape = load_landscape(generated.write(tmp_path, contexts)).landscape
    assert landscape is not None

    shown = texts(svg_of(context_map(landscape)))

    assert {context.name for context in landscape.contexts} <= set(shown)


def test_what_dot_cannot_draw_is_one_message(landscape: Landscape, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dot").write_text(
        f"#!/bin/sh\ncat > {tmp_path}/read\necho 'Error: trouble' >&2\necho more >&2\nexit 1\n", encoding="utf-8"
    )
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(picture.PictureProblem) as failed:
        picture.render(context_map(landscape), "svg")
    assert str(failed.value) == ("`dot` could not draw the map (Error: trouble): draw a part of it with --team or --around")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_drawn_as_it_is(text: str) -> None:
    svg = svg_of(hostile(text))

    assert " ".join(text.split()) in {" ".join(shown.split()) for shown in texts(svg)}
    assert list(svg.iter(f"{SVG}script")) == []


def _groups(svg: ET.Element, kind: str) -> list[ET.Element]:
    return [group for group in svg.iter(f"{SVG}g") if group.get("class") == kind]


def _is_pill(shape: ET.Element) -> bool:
    return shape.get("stroke") == "#90a4ae"


def _box(shape: ET.Element) -> Box:
    points = [Point(*map(float, pair.split(","))) for pair in shape.attrib["points"].split()]
    return Box(
        min(point.x for point in points),
        min(point.y for point in points),
        max(point.x for point in points),
        max(point.y for point in points),
    )
