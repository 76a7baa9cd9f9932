"""The `dot` that the set-up provides draws, with a font to measure labels by."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.integration.toolchain.made import Toolchain

Draw = Callable[[str, str], bytes]


@pytest.fixture
def draw(toolchain: Toolchain, servant: str | None) -> Draw:
    def run(format_name: str, label: str) -> bytes:
        return subprocess.run(
            [f"{toolchain.variables['PLAT_GRAPHVIZ_BIN']}/dot", f"-T{format_name}"],
            input=f'digraph {{ node [fontname="DejaVu Sans"]; "{label}" }}'.encode(),
            env={"PATH": "/usr/bin:/bin"},
            user=servant,
            group=servant,
            extra_groups=[] if servant else None,
            capture_output=True,
            check=True,
        ).stdout

    return run


@pytest.mark.parametrize(("format_name", "beginning"), [("png", b"\x89PNG\r\n"), ("svg", b"<?xml ")])
def test_the_provided_dot_draws_pictures_for_any_user(draw: Draw, format_name: str, beginning: bytes) -> None:
    assert draw(format_name, "Bestellungen ändern").startswith(beginning)


def test_it_has_a_font_to_measure_labels_by(draw: Draw) -> None:
    narrow, wide = (float(draw("plain", letter * 20).split()[2]) for letter in "iM")
    assert narrow * 2 < wide
