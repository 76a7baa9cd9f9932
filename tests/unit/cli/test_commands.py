from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.plan.conftest import GOODS


def test_schema_of_a_kind_is_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", "Context") == 0
    assert json.loads(capsys.readouterr().out)["title"]


def test_schema_of_an_unknown_kind_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", "Contxet") == 2
    assert "Context, DataContract, Deployable, Landscape are the kinds of descriptors" in capsys.readouterr().err


@pytest.mark.parametrize("datastore", ["postgresql", "redis", "none"])
def test_a_new_context_passes_check_and_belongs_to_a_stream_aligned_team(run: Run, datastore: str) -> None:
    assert run("new", "context", "billing", "-l", "shop", "--datastore", datastore) == 0
    assert "team: goods-team" in Path("contexts/shop/billing.yaml").read_text()
    assert run("check") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("new", "context", "sales", "-l", "shop"), "contexts/shop/sales.yaml exists already: nothing was written"),
        (("new", "context", "billing", "-l", "shop", "--team", "nobody"), "there is no team `nobody` in shop/landscape.yaml"),
        (("new", "context", "Billing", "-l", "shop"), "Billing"),
        (("new", "context", "billing", "-l", "shpo"), "there is no landscape `shpo`"),
        (("exec", "sales"), "no command: plat exec sales -- COMMAND"),
    ],
)
def test_wrong_usage_is_one_message_and_exit_code_2(
    run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert run(*words) == 2
    assert message in capsys.readouterr().err


def test_plan_says_what_a_context_gets_and_which_line_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "shop") == 0
    lines = capsys.readouterr().out.splitlines()

    assert "goods (goods-team)" in lines
    assert (
        "  queue goods.sales.OrderTaken.v2 of sales.OrderTaken, with dead letters in goods.sales.OrderTaken.v2.dead"
        "  <- contexts/shop/goods.yaml:10:12"
    ) in lines
    assert "  route to sales, to call GetOrder  <- contexts/shop/goods.yaml:11:13" in lines
    assert "  exchange sales.events, to publish OrderTaken.v2  <- contexts/shop/sales.yaml:12:1" in lines
    assert "  operation GetOrder, for goods  <- contexts/shop/sales.yaml:11:38" in lines
    assert [line for line in lines if line.startswith("  postgresql sales--postgresql on 127.0.0.1:")]


def test_plan_for_programs_is_the_same_in_every_run_and_holds_no_secret(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "shop", "--format", "json") == 0
    first = capsys.readouterr().out
    assert run("plan", "shop", "--format", "json") == 0

    assert capsys.readouterr().out == first
    assert json.loads(first)["landscape"] == "shop"


def test_plan_of_a_landscape_that_breaks_a_rule_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contexts/shop/goods.yaml").write_text(GOODS + "accesses: [{datastore: sales/postgresql}]\n")

    assert run("plan", "shop") == 1
    assert "error[datastore-ownership]" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("exec", "nobody", "--", "true"), ("logs", "nobody")])
@pytest.mark.parametrize("option", ["-l", "--landscape"])
def test_a_landscape_can_be_named_where_several_know_a_name(
    run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], option: str
) -> None:
    command, *rest = words

    assert run(command, option, "shop", *rest) == 2
    assert "nothing called `nobody` runs in shop: " in capsys.readouterr().err
