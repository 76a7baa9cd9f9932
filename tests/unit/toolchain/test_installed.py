"""What is installed is used as it is. The `pulumi` here are scripts: only what the set-up decides is judged."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from toolchain import gomodule, mariadb
from toolchain.engine import Engine
from toolchain.errors import MissingToolError
from toolchain.graphviz import Graphviz
from toolchain.mariadb import MariaDB
from toolchain.parts import Part
from toolchain.plugins import Plugins, sdk_versions
from toolchain.progress import Progress, Step
from toolchain.site import Site

CHECKOUT = Path(__file__).resolve().parents[3]
LISTED = ", ".join(f'{{"name": "{name}", "version": "{version}"}}' for name, version in sdk_versions(CHECKOUT))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A copy of what the set-up reads in a checkout, and an empty cache."""
    copy = tmp_path / "checkout"
    for module in ("await", "engine", "kafka", "plugins"):
        shutil.copytree(CHECKOUT / "toolchain" / "go" / module, copy / "toolchain" / "go" / module)
    shutil.copy(CHECKOUT / "pyproject.toml", copy)
    (tmp_path / "cache").mkdir()
    return Site(copy, tmp_path / "cache", root=False)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs on a machine without Go."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for tool in ("sh", "timeout"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(gomodule, "_USUAL_PLACE", tmp_path / "none")
    return folder


def install(programs: Path, version: str = "v3.240.1", listed: str = "", download: str = "exit 0") -> None:
    cases = f"version) echo {version} ;; 'plugin ls --json') echo '[{listed}]' ;; plugin\\ install*) {download} ;;"
    script(programs / "pulumi", f'case "$*" in {cases} esac')


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def outcome(part: Part) -> str:
    assert part.lacks() == []
    with Progress(io.StringIO()) as progress, progress.step(part.name) as step:
        part.provide(step)
    return step.outcome


def test_an_installed_engine_with_its_language_host_needs_nothing_in_front_of_the_path(site: Site, programs: Path) -> None:
    install(programs)
    script(programs / "pulumi-language-python", "")
    engine = Engine(site, str(programs))
    assert outcome(engine) == f"pulumi: installed v3.240.1 at {programs}/pulumi, used as it is"
    assert engine.folders == []


@pytest.mark.parametrize(
    ("version", "remark"),
    [("v3.100.0", ", older than 3.230.0, the oldest that was tried"), ("v3.230.0", ""), ("", "")],
)
def test_an_old_engine_is_used_with_a_remark(site: Site, programs: Path, version: str, remark: str) -> None:
    install(programs, version)
    script(programs / "pulumi-language-python", "")
    expected = f"pulumi: installed {version or 'of unknown version'} at {programs}/pulumi, used as it is{remark}"
    assert outcome(Engine(site, str(programs))) == expected


def test_an_engine_without_a_language_host_gets_ours_which_needs_go(site: Site, programs: Path) -> None:
    install(programs)
    engine = Engine(site, str(programs))
    (missing,) = engine.lacks()
    assert str(missing).startswith("Go 1.25.8 or newer is missing: it builds the Pulumi engine")
    assert [folder.is_relative_to(site.cache) for folder in engine.folders] == [True]


def test_plugins_that_the_installed_engine_has_are_used_as_they_are(site: Site, programs: Path) -> None:
    install(programs, listed=LISTED, download="exit 1")
    plugins = Plugins(site, Engine(site, str(programs)), str(programs))
    assert outcome(plugins) == "plugins: postgresql, rabbitmq, random installed, used as they are"
    assert plugins.folders == []


def test_plugins_that_the_installed_engine_lacks_are_downloaded_by_it(site: Site, programs: Path, tmp_path: Path) -> None:
    install(programs, download=f'echo "$*" >> {tmp_path}/asked')
    plugins = Plugins(site, Engine(site, str(programs)), str(programs))
    assert outcome(plugins) == "plugins: postgresql, rabbitmq, random downloaded"
    assert plugins.folders == []
    asked = [f"plugin install resource {name} {version}" for name, version in sdk_versions(CHECKOUT)]
    assert (tmp_path / "asked").read_text(encoding="utf-8").splitlines() == asked


def test_plugins_that_cannot_be_downloaded_are_built_which_needs_go(site: Site, programs: Path) -> None:
    install(programs, download="exit 1")
    plugins = Plugins(site, Engine(site, str(programs)), str(programs))
    assert plugins.lacks() == []
    with pytest.raises(MissingToolError, match="it builds Pulumi's provider plugins"):
        plugins.provide(Step("plugins"))


MARIADB = ("mariadbd", "mariadb-install-db", "mariadb")


@pytest.mark.parametrize(
    ("variables", "arguments", "expected"),
    [
        ({}, "-e 'SELECT 1'", "mariadb: -e SELECT 1"),
        (
            {"MYSQL_USER": "sales", "MYSQL_DATABASE": "sales_eu"},
            "-e 'SELECT 1'",
            "mariadb: --user=sales --database=sales_eu -e SELECT 1",
        ),
        ({"MYSQL_USER": "sales"}, "--no-defaults", "mariadb: --no-defaults"),
    ],
)
def test_an_installed_mariadb_is_used_as_it_is_and_its_client_told_who_and_where(
    site: Site, programs: Path, variables: dict[str, str], arguments: str, expected: str
) -> None:
    for name in MARIADB:
        script(programs / name, f'echo "{name}: $*"')
    part = MariaDB(site, str(programs))
    assert outcome(part) == f"mariadb: installed in {programs}, used as it is"
    assert outcome(part) == f"mariadb: installed in {programs}, used as it is"
    said = subprocess.run(
        ["/bin/sh", "-c", f"{part.folder}/mariadb {arguments}"], env=variables, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"{expected}\n"
    assert (part.folder / "mariadbd").exists()


def test_a_mariadb_that_cannot_make_a_data_directory_counts_for_none(
    site: Site, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb, "_USUAL_FOLDERS", ())
    script(programs / "mariadbd", "")
    assert len(MariaDB(site, str(programs)).lacks()) == 1


def test_an_installed_dot_is_used_as_it_is(site: Site, programs: Path) -> None:
    script(programs / "dot", 'echo "dot: $*"')
    part = Graphviz(site, str(programs))
    assert outcome(part) == f"graphviz: installed in {programs}, used as it is"
    said = subprocess.run([str(part.folder / "dot"), "-V"], capture_output=True, text=True, check=True)
    assert said.stdout == "dot: -V\n"
