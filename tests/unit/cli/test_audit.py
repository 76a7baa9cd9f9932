from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from plat.audit import live, stacks
from plat.engine import EngineProblem, backend_of
from plat.home import Home
from plat.operations import Operations
from plat.stacks import StackName
from tests.unit.audit.states import State
from tests.unit.cli.conftest import Run


def states(patched: pytest.MonkeyPatch, *found: State) -> None:
    exported = {state.stack: state.exported for state in found}
    patched.setattr(stacks, "states", lambda *_: exported)


def left_over() -> State:
    state = State("shop.local")
    labels = {"team": "sales-team", "contexts": "sales"}
    state.add("platlocal:index:Process", "old", state.context("sales"), inputs={"name": "old", "labels": labels})
    return state


def test_nothing_found_is_exit_code_0(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    states(monkeypatch, State("shop.local"))

    assert run("audit", "shop") == 0
    assert "read: 1 stack(s)" in capsys.readouterr().out


def test_findings_are_exit_code_1_in_any_format(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states(monkeypatch, left_over())

    assert run("audit", "shop") == 1
    assert "error[left-over]: shop.local: platlocal:Process `old`: no descriptor declares" in capsys.readouterr().err
    assert run("audit", "shop", "--format", "json") == 1
    assert [item["rule"] for item in json.loads(capsys.readouterr().out)["findings"]] == ["left-over"]
    assert run("audit", "shop", "--format", "github") == 1
    assert "plat audit: 1 landscape(s), 1 error(s)" in capsys.readouterr().out
    assert run("audit", "shop", "--format", "sarif") == 1
    (sarif,) = json.loads(capsys.readouterr().out)["runs"]
    assert sarif["automationDetails"]["id"] == "plat/audit/shop/"
    assert [item["ruleId"] for item in sarif["results"]] == ["left-over"]


def test_data_that_is_kept_is_told_and_no_error(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = State("shop.local")
    gone = state.context("loyalty")
    state.add("platlocal:index:Server", "loyalty--redis", gone, protect=True, retainOnDelete=True, inputs={"name": "l"})
    states(monkeypatch, state)

    assert run("audit", "shop") == 0
    assert "warning[kept-data]" in capsys.readouterr().err


def test_what_was_never_brought_up_is_exit_code_2(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "shop") == 2
    assert "shop.local has not been brought up here, so that there is nothing to read" in capsys.readouterr().err


def test_a_state_that_cannot_be_read_is_exit_code_2(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreadable(*_: object) -> Mapping[StackName, Any]:
        msg = "pulumi stack of shop.local failed"
        raise EngineProblem(msg)

    monkeypatch.setattr(stacks, "states", unreadable)

    assert run("audit", "shop") == 2
    assert "pulumi stack of shop.local failed" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_exit_code_2_and_what_was_found_elsewhere_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states(monkeypatch, left_over())
    monkeypatch.setattr(Operations, "secrets", {})
    monkeypatch.setattr(live, "look", lambda *_: live.Looked((), ("one",), ("two does not answer",)))

    assert run("audit", "shop", "--live") == 2
    told = capsys.readouterr()
    assert "two does not answer" in told.err
    assert "error[left-over]" in told.err
    assert "read: 1 stack(s), one" in told.out


def test_every_stack_of_the_landscape_in_the_environment_is_read_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / ".plat" / "state" / ".pulumi" / "stacks" / "plat"
    folder.mkdir(parents=True)
    named = ("shop.units", "shop.sales.units", "shop.gone_access.units", "shop.local", "other.sales.units", "odd")
    for name in named:
        (folder / f"{name}.json").write_text("{}")
    found = stacks.names(backend_of(Home(tmp_path)), StackName("shop", "units"))

    assert [str(name) for name in found] == ["shop.units", "shop.gone_access.units", "shop.sales.units"]
