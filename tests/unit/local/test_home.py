"""Where a checkout keeps what is this machine's alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from plat import home
from plat.home import HOME_VARIABLE, SHARED, Home, HomeProblem


def test_everything_lies_below_plat_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    assert Home(tmp_path).plat == tmp_path / ".plat"
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "elsewhere"))
    assert Home(tmp_path).state == tmp_path / "elsewhere" / "state"


def test_asking_for_paths_makes_nothing(tmp_path: Path) -> None:
    here = Home(tmp_path)
    assert (here.runtime("shop.local").root.name, here.stacks()) == ("shop.local", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stack", ["", ".", "..", "../shop", "a/b", "shop.local\n", "-x", "é", "a" * 101])
def test_a_stack_that_is_no_plain_name_has_no_runtime(tmp_path: Path, stack: str) -> None:
    with pytest.raises(HomeProblem):
        Home(tmp_path).runtime(stack)


def test_runtimes_lie_where_the_service_user_can_get_to(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    here = Home(closed)
    here.make_local()
    place = here.runtime("shop.local").root
    try:
        assert place.is_relative_to(SHARED) is (os.geteuid() == 0)
        assert place.parent == here.local.resolve()
        here.make_local()
        assert here.runtime("shop.local").root == place
    finally:
        if place.is_relative_to(SHARED):
            shutil.rmtree(place.parents[1])


def test_two_may_make_the_place_at_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "elsewhere"
    monkeypatch.setattr(Home, "_place", lambda _: place)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    here, link = Home(tmp_path), Path.symlink_to

    def behind_another(path: Path, target: Path) -> None:
        link(here.local, place)
        link(path, target)

    monkeypatch.setattr(Path, "symlink_to", behind_another)
    here.make_local()
    assert here.local.resolve() == place
    assert list(here.plat.iterdir()) == [here.local]


def test_a_path_is_shown_relative_to_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    here = Home(tmp_path)
    assert here.shown(tmp_path / ".plat" / "local" / "x.log") == ".plat/local/x.log"
    assert here.shown(Path("/var/log/x.log")) == "/var/log/x.log"


def test_root_without_a_service_user_is_told_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(home, "SERVICE_USER", "no-such-user")
    with pytest.raises(HomeProblem, match=r"^there is no user `no-such-user`, .* run `make up`, or `useradd --system"):
        home.service_user()


def test_anybody_else_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert home.service_user() is None
