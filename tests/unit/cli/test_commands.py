from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from providers.local.runtime import LocalRuntime
from tests.thorough import thorough
from tests.unit.cli.conftest import Run

PROJECT = Path(__file__).parents[3]


@thorough
def test_no_command_loads_a_client_before_it_speaks_to_a_server() -> None:
    clients = ("confluent_kafka", "httpx", "pika", "psycopg", "pymongo", "pymysql", "redis")
    loaded = f"import sys, plat.cli; print([name for name in {clients} if name in sys.modules])"
    words = [sys.executable, "-c", loaded]
    assert subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True).stdout == "[]\n"


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


@pytest.mark.parametrize("words", [("exec", "nobody", "--", "true"), ("logs", "nobody")])
@pytest.mark.parametrize("option", ["-l", "--landscape"])
def test_a_landscape_can_be_named_where_several_know_a_name(
    run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], option: str
) -> None:
    command, *rest = words

    assert run(command, option, "shop", *rest) == 2
    assert "nothing called `nobody` runs in shop: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "logs"),
    [
        ("shop", ["shop", "shop--postgresql"]),
        ("sales", ["shop"]),
        ("shop--postgresql", ["shop--postgresql"]),
    ],
)
def test_logs_are_what_deployables_and_servers_wrote(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, logs: list[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(LocalRuntime, "print_logs", lambda _self, names, **_options: shown.extend(names))
    shutil.copytree(PROJECT / "contexts" / "e-commerce-phase-1", "contexts/e-commerce-phase-1")

    assert run("logs", "-l", "e-commerce-phase-1", name) == 0
    assert shown == logs
