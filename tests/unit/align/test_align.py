"""The alignment table: what is recognised, why, and what is violated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from plat.align.markdown import render
from plat.align.model import Alignment, Row, rows
from plat.align.rationale import Reasons
from plat.findings import Finding
from plat.landscape import Landscape, load_landscape
from tests.unit.map import atlas

RELEASES = {
    "ordering.yaml": atlas.FILES["ordering.yaml"] + "release: {cadence: weekly}\n",
    "billing.yaml": atlas.FILES["billing.yaml"]
    + "release: {train: money, cadence: monthly}\nscaling: {profile: bursty}\navailability: critical\n",
    "warehouse.yaml": atlas.FILES["warehouse.yaml"] + "release: {cadence: biweekly}\n",
}


def loose(tmp_path: Path, changed: dict[str, str]) -> Landscape:
    """A landscape with something wrong in it."""
    loaded = load_landscape(atlas.write(tmp_path, changed)).landscape
    assert loaded is not None
    return loaded


def row(landscape: Landscape, name: str) -> Row:
    return next(row for row in rows(landscape) if row.name == name)


def table(landscape: Landscape, findings: tuple[Finding, ...] = ()) -> str:
    return render(landscape.title, [(row, Reasons(landscape).of(row)) for row in rows(landscape, findings)])


def test_the_table_in_markdown(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    assert table(atlas.load(tmp_path, RELEASES)) == snapshot


def test_the_rows_for_programs(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    landscape = atlas.load(tmp_path, RELEASES)

    assert json.dumps([row.to_dict(Reasons(landscape).of(row)) for row in rows(landscape)], indent=1) == snapshot


@pytest.mark.parametrize(
    ("name", "alignment"),
    [
        ("billing", Alignment.MICROSERVICE),
        ("stock", Alignment.MODULAR_MONOLITH),
        ("ordering", Alignment.SUB_SERVICES),
        ("shop", Alignment.AGGREGATOR),
        ("gateway", Alignment.ANTI_CORRUPTION_LAYER),
    ],
)
def test_each_alignment_is_recognised(tmp_path: Path, name: str, alignment: Alignment) -> None:
    assert row(atlas.load(tmp_path), name).alignment is alignment


def test_a_service_on_foreign_data_without_a_contract_shares_a_database(tmp_path: Path) -> None:
    landscape = loose(tmp_path, {"ledger.yaml": atlas.FILES["ledger.yaml"].replace(", contract: accounts", "")})
    found = row(landscape, "ledger")

    assert found.alignment is Alignment.SHARED_DATABASE
    assert Reasons(landscape).of(found) == (
        "A service of its own on the data of `billing` without a contract: it changes only when that does."
    )


def test_a_monolith_of_two_teams_is_told_as_what_it_is(tmp_path: Path) -> None:
    text = atlas.FILES["purchasing.yaml"].replace("team: goods-team", "team: orders-team")
    landscape = loose(tmp_path, {"purchasing.yaml": text})

    assert Reasons(landscape).of(row(landscape, "stock")) == (
        "Runs in `warehouse` with `purchasing`, so that no release goes out unless `goods-team` and `orders-team` all agree."
    )


def test_a_context_that_nothing_runs_is_told(tmp_path: Path) -> None:
    text = atlas.FILES["reviews.yaml"].replace('deployables:\n  - {name: reviews, image: "r.example/r:1", command: [r]}\n', "")
    landscape = loose(tmp_path, {"reviews.yaml": text})

    assert row(landscape, "reviews").alignment is Alignment.UNDEPLOYED
    assert "it has no deployable" in Reasons(landscape).of(row(landscape, "reviews"))


def test_violations_are_named_in_the_row_and_told_below_the_table(tmp_path: Path) -> None:
    landscape = atlas.load(tmp_path)
    findings = (
        Finding(rule="deployable-ownership", message="it carries\ntwo teams", subject="warehouse"),
        Finding(rule="separate-ways", message="they meet", subject="billing / reviews"),
    )

    text = table(landscape, findings)

    violating = [line.split("|")[1].strip() for line in text.splitlines() if "**Violates" in line]
    assert violating == ["billing", "purchasing", "reviews", "stock"]
    assert text.endswith("## Violations\n\n- `deployable-ownership`: it carries two teams\n- `separate-ways`: they meet\n")


def test_a_hostile_title_is_text(tmp_path: Path) -> None:
    landscape = atlas.load(
        tmp_path, {"landscape.yaml": atlas.FILES["landscape.yaml"].replace("Everything at once", "'<b>a|b</b> [x](y)'")}
    )

    assert table(landscape).splitlines()[0] == r"# \<b\>a\|b\</b\> \[x\](y): who owns what"
