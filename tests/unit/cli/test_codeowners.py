"""Each descriptor is its team's, the rest of a landscape the platform team's; and the committed file says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.codeowners import BEGIN, END, differing, put_into
from tests.unit.cli.conftest import Run

LINES = f"""{BEGIN}
/contexts/shop/ @acme/platform-team
/contexts/shop/landscape.yaml @acme/platform-team
/contexts/shop/goods.yaml @acme/goods-team
/contexts/shop/sales.yaml @acme/sales-team
{END}
"""


def test_lines_follow_from_the_map(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("codeowners", "shop", "--organization", "acme") == 0
    assert capsys.readouterr().out == LINES


def test_without_an_organization_a_team_is_called_by_its_name(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("codeowners")

    assert "/contexts/shop/goods.yaml @goods-team\n" in capsys.readouterr().out


def test_what_is_written_is_current(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @acme/everybody\n")

    assert run("codeowners", "--organization", "acme", "--write") == 0
    assert (tmp_path / "CODEOWNERS").read_text() == f"* @acme/everybody\n\n{LINES}"
    assert run("codeowners", "--organization", "acme", "--check") == 0
    assert "is current" in capsys.readouterr().out


def test_lines_that_differ_are_told(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("codeowners", "--organization", "acme", "--write")
    goods = tmp_path / "contexts" / "shop" / "goods.yaml"
    goods.write_text(goods.read_text().replace("team: goods-team", "team: sales-team"))
    capsys.readouterr()

    assert run("codeowners", "--organization", "acme", "--check") == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "-/contexts/shop/goods.yaml @acme/goods-team",
        "+/contexts/shop/goods.yaml @acme/sales-team",
    ]
    assert "`plat codeowners --write --organization acme` makes it so" in told.err


def test_a_file_that_is_not_there_is_not_current(run: Run) -> None:
    assert run("codeowners", "--check") == 1


def test_what_others_wrote_stays_where_it_is() -> None:
    text = f"a @b\n\n{BEGIN}\nold\n{END}\nc @d\n"

    assert put_into(text, ["new"]) == f"a @b\n\n{BEGIN}\nnew\n{END}\nc @d\n"
    assert differing(put_into(text, ["new"]), ["new"]) == ()


def test_a_file_of_both_sides_needs_both(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = """
apiVersion: plat/v1
kind: DataContract
name: sales-orders
provider: sales
consumer: goods
views: [{name: orders, columns: {id: text}}]
reason: Goods are sent by what was ordered.
owners: {provider: sales-team, consumer: goods-team}
expires: 2999-01-01
"""
    (tmp_path / "contexts" / "shop" / "sales-orders.yaml").write_text(contract)
    run("codeowners", "--organization", "acme")

    assert "/contexts/shop/sales-orders.yaml @acme/sales-team @acme/goods-team\n" in capsys.readouterr().out


def test_writing_and_checking_at_once_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("codeowners", "--check", "--write") == 2
    assert "`--write` and `--check` at once" in capsys.readouterr().err
