from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from toolchain.errors import UnusableFolderError
from toolchain.gomodule import GoModule
from toolchain.parts import is_complete, key_of, making
from toolchain.site import Site, cache_folder, outside, this_site

FILES = {"go.mod": "module x\n\ngo 1.25.8\n", "go.sum": "y v1 h1:a\n", "cmd/main.go": "package main\n"}


def module(folder: Path, files: dict[str, str], packages: tuple[str, ...] = ("./cmd",)) -> GoModule:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return GoModule(folder, packages)


def test_the_same_module_has_the_same_key_wherever_it_lies(tmp_path: Path) -> None:
    assert module(tmp_path / "one", FILES).key == module(tmp_path / "two", FILES).key


@pytest.mark.parametrize("changed", FILES)
def test_a_change_of_sums_or_sources_is_another_key(tmp_path: Path, changed: str) -> None:
    before = module(tmp_path, FILES).key
    assert module(tmp_path, {changed: FILES[changed] + "\n"}).key != before


def test_a_changed_test_is_no_reason_to_build_again(tmp_path: Path) -> None:
    before = module(tmp_path, FILES).key
    assert module(tmp_path, {"cmd/main_test.go": "package main\n"}).key == before


def test_a_change_of_a_module_beside_that_it_takes_in_is_another_key(tmp_path: Path) -> None:
    sources = {**FILES, "go.mod": FILES["go.mod"] + "replace z => ../z\n"}
    module(tmp_path / "z", FILES)
    before = module(tmp_path / "x", sources).key
    module(tmp_path / "z", {"cmd/main.go": "package other\n"})
    assert module(tmp_path / "x", sources).key != before


def test_other_programs_of_a_module_are_another_key(tmp_path: Path) -> None:
    assert module(tmp_path, FILES).key != module(tmp_path, FILES, ("./other",)).key


def test_texts_that_are_only_cut_elsewhere_are_another_key() -> None:
    assert key_of([b"ab", b"c"]) != key_of([b"a", b"bc"])


def test_what_was_interrupted_does_not_count_and_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    with suppress(KeyboardInterrupt), making(folder):
        (folder / "half").touch()
        raise KeyboardInterrupt
    assert not is_complete(folder)
    with making(folder):
        assert not (folder / "half").exists()
    assert is_complete(folder)


@pytest.mark.parametrize(
    ("root", "variables", "expected"),
    [
        pytest.param(True, {}, "/var/cache/plat", id="root: the machine's"),
        pytest.param(False, {"XDG_CACHE_HOME": "/x"}, "/x/plat", id="a user: below the cache of their own"),
        pytest.param(True, {"PLAT_CACHE": "/y"}, "/y", id="root: what the variable says"),
        pytest.param(False, {"PLAT_CACHE": "/y"}, "/y", id="a user: what the variable says"),
    ],
)
def test_the_cache_is_outside_of_the_checkout(*, root: bool, variables: dict[str, str], expected: str) -> None:
    assert cache_folder(variables, root=root) == Path(expected)


def test_a_cache_with_spaces_in_its_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFolderError, match="Set PLAT_CACHE to a folder without spaces"):
        this_site(tmp_path, {"PLAT_CACHE": str(tmp_path / "my cache")}, root=False)


def test_a_cache_that_the_servers_user_cannot_enter_is_refused_for_root(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(UnusableFolderError, match="user plat, whom servers run as, cannot enter it"):
        this_site(tmp_path, {"PLAT_CACHE": str(tmp_path / "cache")}, root=True)


def test_what_the_set_up_made_is_not_taken_for_installed() -> None:
    site = Site(Path("/checkout"), Path("/cache"), root=False)
    path = "/checkout/.plat/bin:/checkout/.venv/bin:/cache/toolchain/engine-1/bin:/usr/local/bin::/usr/bin"
    assert outside(path, site) == "/usr/local/bin:/usr/bin"
