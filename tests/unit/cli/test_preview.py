"""What `plat preview` and `plat up` say of a report before they look at anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("words", [("preview", "shop", "--check"), ("up", "shop", "--only-as")])
def test_a_report_that_cannot_be_read_is_told_at_once(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(*words, str(tmp_path / "report.json")) == 2
    assert "report.json cannot be read: No such file or directory" in capsys.readouterr().err


def test_no_unit_can_be_named_where_one_stack_holds_all(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("preview", "shop", "goods") == 1
    assert "`stacks: unit` in stacks/environments/local.yaml gives each unit its own" in capsys.readouterr().err


def test_a_landscape_that_is_refused_has_no_report(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goods = tmp_path / "contexts" / "shop" / "goods.yaml"
    goods.write_text(goods.read_text().replace("sales.OrderTaken", "sales.OrderTakn"))
    report = tmp_path / "report.json"

    assert run("preview", "shop", "--format", "markdown", "--report", str(report)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "OrderTakn" in told.err
    assert not report.exists()
