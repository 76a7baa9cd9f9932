from __future__ import annotations

from pathlib import Path

from plat.engine.backend.narrow import narrow

STATE = Path(".pulumi/stacks/plat/shop.local.json")


def states(root: Path) -> Path:
    made = root / "state"
    (made / ".pulumi").mkdir(parents=True)
    (made / ".pulumi" / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
    return made


def test_what_is_written_by_the_narrow_way_is_in_the_folder_of_states(tmp_path: Path) -> None:
    way = narrow(states(tmp_path), tmp_path / "updates")
    (way / STATE).write_text("{}", encoding="utf-8")
    assert (tmp_path / "state" / STATE).read_text(encoding="utf-8") == "{}"
    assert (way / ".pulumi" / "meta.yaml").read_text(encoding="utf-8") == "version: 1\n"


def test_nothing_can_be_listed_by_it(tmp_path: Path) -> None:
    way = narrow(states(tmp_path), tmp_path / "updates")
    assert [path for path in (way / ".pulumi" / "stacks").iterdir() if not path.is_symlink()] == []


def test_it_is_made_once_and_goes_with_its_folder(tmp_path: Path) -> None:
    before = tmp_path / "before"
    made = states(before)
    assert narrow(made, before / "updates") == narrow(made, before / "updates")
    (made / STATE).write_text("{}", encoding="utf-8")
    after = before.rename(tmp_path / "after")
    assert (after / "updates" / STATE).read_text(encoding="utf-8") == "{}"
