"""The decision record of a context."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from plat.adr.facts import facts_of
from plat.adr.record import render, write
from plat.landscape import Landscape
from tests.unit.map import atlas

TODAY = date(2026, 11, 21)


@pytest.fixture
def landscape(tmp_path: Path) -> Landscape:
    return atlas.load(tmp_path / "contexts")


@pytest.mark.parametrize("name", ["ordering", "billing", "ledger", "stock", "reviews"])
def test_the_record_says_what_the_map_does(landscape: Landscape, name: str, snapshot: SnapshotAssertion) -> None:
    assert render(facts_of(landscape, name), 7, TODAY) == snapshot


def test_the_teams_that_must_agree_to_a_change_are_those_that_use_what_changes(landscape: Landscape) -> None:
    costs = {cost.change: cost.teams for cost in facts_of(landscape, "ordering").costs}

    assert costs == {
        "the operation `GetOrder`": ("money-team", "web-team"),
        "the operation `ListOrders`": ("web-team",),
        "the event `OrderForgotten`": (),
        "the event `OrderPlaced`": ("money-team", "web-team"),
    }


def test_records_are_numbered_after_those_that_are_there_and_replace_none(landscape: Landscape, tmp_path: Path) -> None:
    folder = tmp_path / "adr"
    folder.mkdir()
    (folder / "0041-something.md").write_text("as it was", encoding="utf-8")
    facts = facts_of(landscape, "billing")

    assert [write(facts, folder, TODAY).name for _ in range(2)] == ["0042-billing.md", "0043-billing.md"]
    assert (folder / "0041-something.md").read_text(encoding="utf-8") == "as it was"
    assert (
        (folder / "0042-billing.md")
        .read_text(encoding="utf-8")
        .startswith("# 42. `billing` is a bounded context of money-team")
    )


def test_a_record_in_a_folder_that_is_not_there_makes_it(landscape: Landscape, tmp_path: Path) -> None:
    assert write(facts_of(landscape, "stock"), tmp_path / "a" / "b", TODAY).name == "0001-stock.md"


def test_what_a_team_wrote_reads_as_text_and_not_as_markup(tmp_path: Path) -> None:
    hostile = "# no heading\\n<script>x</script> [a](b) | `c` *d*"
    text = atlas.FILES["billing.yaml"].replace("Sends invoices.", f'"{hostile}"')
    landscape = atlas.load(tmp_path / "contexts", {"billing.yaml": text})

    record = render(facts_of(landscape, "billing"), 1, TODAY)

    assert r"\# no heading \<script\>x\</script\> \[a\](b) \| \`c\` \*d\*" in record.splitlines()


def test_the_same_facts_give_the_same_record(landscape: Landscape) -> None:
    assert len({render(facts_of(landscape, "billing"), 1, TODAY) for _ in range(3)}) == 1
