from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.plan.conftest import GOODS


def test_plan_says_what_a_context_gets_and_which_line_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "shop") == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("shop on local, plan ")
    assert "goods (goods-team)" in lines
    assert "platform (platform-team)" in lines
    assert "  right         may consume from goods.sales.OrderTaken.v2  <- contexts/shop/goods.yaml:10:12" in lines
    assert "  exchange     sales.events, to publish OrderTaken.v2  <- contexts/shop/sales.yaml:12:1" in lines


def test_plan_of_one_context_tells_of_it_alone(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "shop", "goods") == 0
    out = capsys.readouterr().out

    assert "\ngoods (goods-team)\n" in out
    assert "\nsales (" not in out
    assert "\nplatform (" not in out


def test_plan_of_nobody_names_the_nearest(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "shop", "godos") == 2
    assert capsys.readouterr().err == "nothing called `godos` gets anything here: did you mean `goods`?\n"
    assert run("plan", "shop", "xyz") == 2
    assert capsys.readouterr().err == "nothing called `xyz` gets anything here: there are: goods, sales, platform\n"


def test_plan_for_programs_is_the_same_in_every_run_and_holds_no_secret(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "shop", "--format", "json") == 0
    first = capsys.readouterr().out
    assert run("plan", "shop", "--format", "json") == 0

    assert capsys.readouterr().out == first
    found = json.loads(first)
    assert (found["version"], found["landscape"], found["environment"]) == (1, "shop", "local")
    assert [section["name"] for section in found["sections"]] == ["goods", "sales", "platform"]
    (right,) = [line for line in found["sections"][1]["gets"] if line["kind"] == "right" and line["name"] == "sales.events"]
    assert right["location"] == {"file": "contexts/shop/sales.yaml", "line": 12, "column": 13}


def test_plan_names_files_as_they_lie_where_landscapes_lie_elsewhere(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tests").mkdir()
    Path("contexts").rename("tests/maps")
    monkeypatch.setenv("PLAT_CONTEXTS", "tests/maps")

    assert run("plan", "shop", "goods") == 0
    assert "  <- tests/maps/shop/goods.yaml:11:13" in capsys.readouterr().out


def test_plan_of_a_landscape_that_breaks_a_rule_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contexts/shop/goods.yaml").write_text(GOODS + "accesses: [{datastore: sales/postgresql}]\n")

    assert run("plan", "shop") == 1
    assert "error[datastore-ownership]" in capsys.readouterr().err
