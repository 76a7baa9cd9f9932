from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import typer.main

from plat.cli import main
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES, write
from tests.unit.project.test_project import ENVIRONMENT

Run = Callable[..., int]

# Typer reads all commands' signatures each time that the command line starts; here it does hundreds of times in one process.
_command = cache(typer.main.get_command)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    write(tmp_path, {"Pulumi.yaml": "name: plat\n"})
    write(tmp_path / "stacks" / "environments", {"local.yaml": ENVIRONMENT})
    write(tmp_path / "contexts" / "shop", {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS})
    monkeypatch.delenv("PLAT_CONTEXTS", raising=False)
    monkeypatch.delenv("LANDSCAPE", raising=False)
    monkeypatch.delenv("PLAT_TODAY", raising=False)
    monkeypatch.setattr(typer.main, "get_command", _command)
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["plat", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0)

    return call
