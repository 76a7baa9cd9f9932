"""Files written whole, and never through a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.local import files


def test_a_file_is_written_with_its_mode_and_only_when_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    assert files.write(path, "one") is True
    assert (path.read_text(), oct(path.stat().st_mode & 0o777)) == ("one", "0o600")
    first = path.stat().st_mtime_ns
    assert files.write(path, "one") is False
    assert path.stat().st_mtime_ns == first
    assert [item.name for item in tmp_path.iterdir()] == ["spec.json"]


def test_a_link_in_the_files_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("theirs")
    (tmp_path / "spec.json").symlink_to(target)
    with pytest.raises(OSError, match="symbolic link"):
        files.read(tmp_path / "spec.json")
    assert files.last_lines(tmp_path / "spec.json", 5) == []


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="Not a directory"):
        files.write(tmp_path / "folder" / "x", "text")
    assert list((tmp_path / "real").iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    files.write(tmp_path / "x", "old")
    with pytest.raises(UnicodeEncodeError):
        files.write(tmp_path / "x", "\ud800")
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("x", "old")]


def test_the_last_lines_of_a_log_are_those_that_say_something(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("one\n\ntwo\n   \nthree\n")
    assert files.last_lines(tmp_path / "log", 2) == ["two", "three"]
    assert files.last_lines(tmp_path / "log", 0) == []
    assert files.last_lines(tmp_path / "absent", 2) == []
