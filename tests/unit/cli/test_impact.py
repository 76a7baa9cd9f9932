from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES, write


def test_impact_says_who_is_affected_why_and_whom_to_talk_to(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("impact", "sales.OrderTaken") == 0
    assert capsys.readouterr().out.splitlines() == [
        "sales.OrderTaken: event of sales (sales-team)  <- contexts/shop/sales.yaml:12:13",
        "  runs in sales-api",
        "",
        "affected directly",
        "  goods (goods-team)",
        "    consumes OrderTaken of sales  <- contexts/shop/goods.yaml:10:12",
        "      may consume from goods.sales.OrderTaken.v2",
        "      may consume from goods.sales.OrderTaken.v2.dead",
        "    runs in goods",
        "",
        "teams to talk to",
        "  goods-team: goods",
    ]


def test_impact_on_nobody_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("impact", "goods") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nobody else in this landscape is affected"


def test_impact_gives_programs_the_same(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("impact", "sales", "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["version"], found["landscape"], found["target"]["kind"]) == (1, "shop", "context")
    assert [one["name"] for one in found["affected"]] == ["goods"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sale", "did you mean `sales`?"),
        ("sales.OrderTakne", "did you mean `sales.OrderTaken`?"),
        ("xyz", "there are: goods, sales"),
    ],
)
def test_impact_of_nothing_names_the_nearest(run: Run, capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    assert run("impact", name) == 2
    assert capsys.readouterr().err == f"there is no context, event, operation or contract `{name}` in shop: {hint}\n"


def test_impact_asks_which_landscape_where_several_know_a_name(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"landscape.yaml": LANDSCAPE.replace("name: shop", "name: depot"), "sales.yaml": SALES, "goods.yaml": GOODS}
    write(Path("contexts/depot"), files)

    assert run("impact", "sales") == 2
    assert capsys.readouterr().err == "`sales` is in several landscapes (depot, shop): say which with --landscape\n"
    assert run("impact", "sales", "-l", "depot") == 0


def test_impact_in_a_landscape_that_cannot_be_read_says_where_to_look(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contexts/shop/goods.yaml").write_text("a: [\n")

    assert run("impact", "sales") == 2
    assert capsys.readouterr().err == "shop cannot be read as it is: `plat check shop` says why\n"
