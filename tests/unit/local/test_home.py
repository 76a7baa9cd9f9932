"""Where a checkout keeps what is this machine's alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from plat.home import HOME_VARIABLE, SHARED, Home, HomeProblem


def test_everything_lies_below_plat_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    assert Home(tmp_path).plat == tmp_path / ".plat"
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "elsewhere"))
    assert Home(tmp_path).state == tmp_path / "elsewhere" / "state"


def test_asking_for_paths_makes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert (home.runtime("shop.local").root.name, home.stacks()) == ("shop.local", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stack", ["", ".", "..", "../shop", "a/b", "shop.local\n", "-x", "é", "a" * 101])
def test_a_stack_that_is_no_plain_name_has_no_runtime(tmp_path: Path, stack: str) -> None:
    with pytest.raises(HomeProblem):
        Home(tmp_path).runtime(stack)


def test_runtimes_lie_where_the_service_user_can_get_to(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = Home(closed)
    home.make_local()
    place = home.runtime("shop.local").root
    try:
        assert place.is_relative_to(SHARED) is (os.geteuid() == 0)
        assert place.parent == home.local.resolve()
        home.make_local()
        assert home.runtime("shop.local").root == place
    finally:
        if place.is_relative_to(SHARED):
            shutil.rmtree(place.parents[1])


def test_a_path_is_shown_relative_to_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    home = Home(tmp_path)
    assert home.shown(tmp_path / ".plat" / "local" / "x.log") == ".plat/local/x.log"
    assert home.shown(Path("/var/log/x.log")) == "/var/log/x.log"
