from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES, write


def test_check_says_that_nothing_is_wrong(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 0
    assert capsys.readouterr().out == "shop: 2 context(s), 2 deployable(s), no warnings\n"


@pytest.mark.parametrize(
    ("sentence", "text", "code"),
    [
        ("a team that there is not", GOODS.replace("goods-team", "goods-taem"), 1),
        ("a field that there is not", GOODS + "owner: me\n", 1),
        ("no YAML", GOODS + "a: [\n", 2),
        ("not UTF-8", "\udcff", 2),
    ],
)
def test_check_tells_what_is_wrong_from_what_cannot_be_read(run: Run, sentence: str, text: str, code: int) -> None:
    Path("contexts/shop/goods.yaml").write_bytes(text.encode(errors="surrogateescape"))

    assert run("check") == code, sentence


def test_check_of_a_landscape_that_there_is_not_names_those_that_there_are(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", "shpo") == 2
    assert capsys.readouterr().err == "there is no landscape `shpo`: contexts/shpo does not exist (there are: shop)\n"


def test_check_prints_json_for_programs(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contexts/shop/goods.yaml").write_text(GOODS.replace("goods-team", "goods-taem"))

    assert run("check", "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["counts"]["error"]) == (False, 1)
    assert [finding["rule"] for finding in found["findings"]] == ["unknown-team"]


def test_check_takes_several_landscapes_each_once(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("depot", "other"):
        files = {"landscape.yaml": LANDSCAPE.replace("name: shop", f"name: {name}"), "sales.yaml": SALES}
        write(Path("contexts") / name, files)

    assert run("check", "shop", "depot", "shop") == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["shop", "depot"]


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
@pytest.mark.parametrize(
    ("sentence", "text", "code"),
    [("nothing is wrong", GOODS, 0), ("a finding", GOODS.replace("goods-team", "x-team"), 1), ("no YAML", "a: [\n", 2)],
)
def test_check_ends_in_the_same_way_in_every_format(run: Run, format: str, sentence: str, text: str, code: int) -> None:  # noqa: A002
    Path("contexts/shop/goods.yaml").write_text(text)

    assert run("check", "--format", format) == code, sentence


def test_check_names_files_as_the_repository_does_wherever_landscapes_lie(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("contexts/shop/goods.yaml").write_text(GOODS.replace("goods-team", "x-team"))
    Path("tests").mkdir()
    Path("contexts").rename("tests/maps")
    monkeypatch.setenv("PLAT_CONTEXTS", "tests/maps")

    assert run("check", "--format", "github") == 1
    assert capsys.readouterr().out.startswith("::error file=tests/maps/shop/goods.yaml,line=5,")
    assert run("check", "--format", "sarif") == 1
    run_of_sarif = json.loads(capsys.readouterr().out)["runs"][0]
    location = run_of_sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "tests/maps/shop/goods.yaml"
    assert run("check") == 1
    assert capsys.readouterr().err.startswith("tests/maps/shop/goods.yaml:5:")
