from __future__ import annotations

import shutil
from pathlib import Path
from types import MappingProxyType

import pytest

from plat.contents import Contents, contents_of
from plat.descriptors import loader
from plat.descriptors.yaml import read_document
from plat.findings import Finding
from plat.landscape import Landscape, LoadResult, load_landscape
from plat.parsed import Parsed
from plat.pickled import unpickled
from plat.recalled import recalled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "contexts" / "parcel-shipping", tmp_path / "parcel-shipping"))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "plans" / "parcel-shipping.parsed"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read out, by name."""
    found: list[str] = []

    def noted(shown: str, data: bytes) -> object:
        found.append(Path(shown).name)
        return read_document(shown, data)

    monkeypatch.setattr(loader, "read_document", noted)
    return found


def load(folder: Path, kept: Path, program: str = "program", contents: Contents = MappingProxyType({})) -> LoadResult:
    with recalled(kept) as before:
        return load_landscape(folder, Parsed(before, program, contents))


def said(loaded: LoadResult) -> tuple[Landscape | None, tuple[Finding, ...]]:
    return loaded.landscape, loaded.findings


def test_what_has_not_changed_is_not_read_again_and_says_the_same(folder: Path, kept: Path, read: list[str]) -> None:
    first = load(folder, kept)
    assert first.ok
    assert len(read) == len([*folder.glob("*.yaml")])
    read.clear()
    assert said(load(folder, kept)) == said(first) == said(load_landscape(folder))
    assert kept.parent.stat().st_mode & 0o777 == 0o700


def test_a_place_is_found_when_somebody_asks_for_it(folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def places(loaded: LoadResult) -> list[str]:
        assert loaded.landscape
        return [f"{context.at('team')} {context.source.key_at('', 'name')}" for context in loaded.landscape.contexts]

    asked = places(load(folder, kept))
    made: list[bytes] = []

    def noted(content: bytes) -> object:
        made.append(content)
        return unpickled(content)

    monkeypatch.setattr("plat.parsed.unpickled", noted)
    loaded = load(folder, kept)
    assert len(made) < len(asked)
    assert places(loaded) == places(loaded) == asked
    assert len(made) == len(set(made)) >= len(asked)


def test_what_has_changed_is_read_and_what_is_gone_is_forgotten(folder: Path, kept: Path, read: list[str]) -> None:
    load(folder, kept)
    file = folder / "pricing.yaml"
    file.write_text(f"# again\n{file.read_text()}")
    read.clear()
    changed = load(folder, kept)
    assert read == ["pricing.yaml"]
    assert said(changed) == said(load_landscape(folder))

    text = file.read_text()
    file.unlink()
    load(folder, kept)
    file.write_text(text)
    read.clear()
    load(folder, kept)
    assert read == ["pricing.yaml"]


def test_who_has_read_the_files_is_not_told_what_somebody_writes_then(
    folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    contents = contents_of(Path(folder.name))
    first = load(folder, kept, contents=contents)
    assert first.ok
    for file in folder.glob("*.yaml"):
        file.write_text(file.read_text().replace("purpose:", "team: nobody #"))
    assert load(folder, kept, contents=contents).landscape == first.landscape
    assert load(folder, kept).landscape != first.landscape


def test_a_file_that_is_too_long_is_refused_whoever_reads_it(folder: Path, kept: Path) -> None:
    (folder / "pricing.yaml").write_bytes(b"#" * 10_000_000)
    found = load(folder, kept, contents=contents_of(folder)).findings
    assert found == load(folder, kept).findings
    assert [finding.rule for finding in found if finding.location and finding.location.file.endswith("pricing.yaml")]


def test_what_is_wrong_is_read_every_time(folder: Path, kept: Path, read: list[str]) -> None:
    (folder / "pricing.yaml").write_text("apiVersion: plat/v1\nkind: Context\nname: pricing\n")
    findings = load(folder, kept).findings
    assert findings
    read.clear()
    assert load(folder, kept).findings == findings
    assert read == ["pricing.yaml"]


def test_another_program_reads_everything_itself(folder: Path, kept: Path, read: list[str]) -> None:
    load(folder, kept)
    read.clear()
    load(folder, kept, "another")
    assert len(read) == len([*folder.glob("*.yaml")])


def test_whatever_cannot_be_read_is_made_anew(folder: Path, kept: Path, read: list[str]) -> None:
    first = load(folder, kept)
    kept.write_bytes(b"no database")
    assert said(load(folder, kept)) == said(first)
    read.clear()
    assert said(load(folder, kept)) == said(first)
    assert read == []


def test_where_nothing_can_be_kept_everything_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert load(folder, tmp_path / "file" / "plans" / "x.parsed").ok
