"""`plat map`, `plat align` and `plat adr`, as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plat.cli import main
from tests.unit.map import atlas
from tests.unit.plan.conftest import write

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    write(tmp_path, {"Pulumi.yaml": "name: plat\n"})
    (tmp_path / "stacks").mkdir()
    atlas.write(tmp_path / "contexts")
    for name in ("PLAT_CONTEXTS", "LANDSCAPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLAT_TODAY", "2026-11-21")
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["plat", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0)

    return call


def test_the_map_is_mermaid_on_standard_output(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("map", "atlas") == 0
    assert capsys.readouterr().out.startswith('---\ntitle: "Everything at once"\n---\nflowchart LR\n')


@pytest.mark.parametrize(
    ("file", "beginning"),
    [
        ("map.mmd", "---\ntitle: "),
        ("map.md", "```mermaid\n---\ntitle: "),
        ("map.gv", "digraph atlas {"),
        ("map.dot", "digraph atlas {"),
        ("map.json", '{\n  "version": 1,'),
        ("map.txt", "---\ntitle: "),
    ],
)
def test_the_ending_of_a_file_says_what_is_written(run: Run, file: str, beginning: str) -> None:
    assert run("map", "atlas", "--output", file) == 0
    assert Path(file).read_text(encoding="utf-8").startswith(beginning)


def test_a_map_for_markdown_ends_its_block(run: Run) -> None:
    assert run("map", "atlas", "--output", "map.md") == 0
    assert Path("map.md").read_text(encoding="utf-8").endswith("\n```\n")


def test_the_format_that_is_asked_for_wins_over_the_ending(run: Run) -> None:
    assert run("map", "atlas", "--format", "json", "--output", "map.txt") == 0
    assert json.loads(Path("map.txt").read_text(encoding="utf-8"))["landscape"] == "atlas"


def test_a_view_with_everything_on_request_and_findings(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contexts/atlas/reviews.yaml").write_text(
        atlas.FILES["reviews.yaml"] + "accesses: [{datastore: ordering/postgresql}]\n", encoding="utf-8"
    )

    words = ("--around", "reviews", "--databases", "--topics", "--findings", "--format", "json")
    assert run("map", "atlas", *words) == 0

    found = json.loads(capsys.readouterr().out)
    (data,) = [edge for edge in found["edges"] if edge["kind"] == "data"]
    assert (data["source"], data["target"]) == ("datastore:ordering/postgresql/ordering", "context:reviews")
    assert "datastore-ownership" in data["findings"]
    assert {node["kind"] for node in found["nodes"]} == {"context", "datastore", "event"}


def test_without_being_asked_no_finding_is_marked(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("map", "atlas", "--format", "json") == 0
    assert all(not node["findings"] for node in json.loads(capsys.readouterr().out)["nodes"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("map", "atlas", "--team", "mony-team"), "there is no team `mony-team`: did you mean `money-team`?\n"),
        (("map", "atlas", "--around", "bilings"), "there is no context `bilings`: did you mean `billing`?\n"),
        (("adr", "new", "stokc", "-l", "atlas"), "there is no context `stokc`: did you mean `stock`?\n"),
        (("align", "atlsa"), "there is no landscape `atlsa`: contexts/atlsa does not exist (there are: atlas)\n"),
    ],
)
def test_a_wrong_name_gets_the_nearest_right_one(
    run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert run(*words) == 2
    assert capsys.readouterr().err == message


@pytest.mark.parametrize("words", [("map", "atlas"), ("align", "atlas"), ("adr", "new", "stock", "-l", "atlas")])
def test_what_cannot_be_read_is_not_drawn(run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    Path("contexts/atlas/reviews.yaml").write_text("a: [\n", encoding="utf-8")

    assert run(*words) == 2
    assert capsys.readouterr().err == "landscape `atlas` cannot be read as it is: `plat check atlas` says why\n"


def test_a_picture_without_dot_says_how_to_get_it_and_writes_nothing(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    assert run("map", "atlas", "--output", "map.svg") == 1
    assert "`make setup` gets it" in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["Pulumi.yaml", "contexts", "stacks"]


def test_a_file_that_cannot_be_written_is_one_message(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("map", "atlas", "--output", "nowhere/map.mmd") == 1
    assert capsys.readouterr().err.startswith("No such file or directory: nowhere/")


def test_align_prints_the_table_and_names_violations(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contexts/atlas/reviews.yaml").write_text(
        atlas.FILES["reviews.yaml"] + "accesses: [{datastore: ordering/postgresql}]\n", encoding="utf-8"
    )

    assert run("align", "atlas") == 0
    text = capsys.readouterr().out
    assert text.startswith("# Everything at once: who owns what\n\n| Context | Team | Services | Databases |")
    assert "`datastore-ownership`" in text

    assert run("align", "atlas", "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["context"]: row["pattern"] for row in rows}["reviews"] == "service per context with a shared database"


def test_adr_writes_a_record_beside_the_descriptors_which_the_landscape_does_not_mind(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = run("check", "atlas")

    assert run("adr", "new", "billing", "-l", "atlas") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("wrote contexts/atlas/adr/0001-billing.md: ")
    text = Path("contexts/atlas/adr/0001-billing.md").read_text(encoding="utf-8")
    assert "Date: 2026-11-21. Status: proposed." in text
    assert run("check", "atlas") == before


def test_adr_writes_into_another_folder_and_never_twice_into_one_file(run: Run) -> None:
    for _ in range(2):
        assert run("adr", "new", "billing", "--landscape", "atlas", "--output", "docs") == 0
    assert sorted(path.name for path in Path("docs").iterdir()) == ["0001-billing.md", "0002-billing.md"]
