from __future__ import annotations

import io
import re
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toolchain.commands import Runner
from toolchain.engine import Engine
from toolchain.errors import CommandFailedError, NoLandscapeError
from toolchain.gomodule import GoModule
from toolchain.lock import alone_in
from toolchain.needs import words_of
from toolchain.plugins import BY_KIND, DEFAULT, plugin_sets, sdk_versions
from toolchain.progress import Progress, Step
from toolchain.servers import servers
from toolchain.site import Site

CHECKOUT = Path(__file__).resolve().parents[3]


def test_a_step_that_ends_well_is_one_line_with_the_time_and_the_outcome() -> None:
    out = io.StringIO()
    with Progress(out) as progress, progress.step("pulumi") as step:
        step.note("3 of 4 packages")
        step.done("built from Go modules")
    assert re.fullmatch(r"\[ +0\.\d s\] pulumi: built from Go modules\n", out.getvalue())


def test_a_step_that_fails_prints_no_outcome() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="no"), Progress(out) as progress, progress.step("pulumi"):
        raise ValueError("no")
    assert out.getvalue() == ""


def test_a_failed_command_shows_its_last_lines_and_names_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "step.log"
    with pytest.raises(CommandFailedError) as failed:
        Runner("step", log).run(["sh", "-c", "seq 100; echo the reason >&2; exit 3"])
    assert str(failed.value).startswith("step: `sh -c seq 100; echo the reason >&2; exit 3` ended with exit code 3;")
    assert "\n    99\n    100\n    the reason\n" in str(failed.value)
    assert "\n    80\n" not in str(failed.value)
    assert str(log) in str(failed.value)


def test_logs_are_for_their_owner_alone(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "step.log"
    Runner("step", log).run(["true"])
    assert [stat.S_IMODE(path.stat().st_mode) for path in (log.parent, log)] == [0o700, 0o600]


def test_a_command_is_given_variables_and_its_lines_are_reported_as_they_come(tmp_path: Path) -> None:
    seen: list[str] = []
    runner = Runner("step", tmp_path / "step.log")
    lines = runner.run(["sh", "-c", "echo $COLOUR; echo two >&2"], variables={"COLOUR": "red"}, on_line=seen.append)
    assert (lines, seen) == (["red", "two"], ["red", "two"])


def test_a_second_set_up_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    out = io.StringIO()
    entered = threading.Event()

    def second() -> None:
        with alone_in(tmp_path, Progress(out)):
            entered.set()

    with alone_in(tmp_path, Progress(io.StringIO())):
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not entered.wait(0.2)
    waiting.join(10)
    assert entered.is_set()
    assert "lock: the other set-up has ended" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        pytest.param("broker: {type: rabbitmq}\n", True, id="a broker that is RabbitMQ"),
        pytest.param('broker: {"type":"rabbitmq"}\n', True, id="written as JSON"),
        pytest.param("broker: {type: kafka}\n", False, id="another broker"),
        pytest.param("broker: {type: kafka}  # not rabbitmq\n# rabbitmq\n", False, id="RabbitMQ in a comment only"),
        pytest.param("title: 'Shop # 1'\nbroker: {title: 'a # b', type: rabbitmq}\n", True, id="a number sign in quotes"),
    ],
)
def test_a_server_is_fetched_where_the_landscape_names_it(tmp_path: Path, text: str, *, needed: bool) -> None:
    (tmp_path / "contexts" / "town").mkdir(parents=True)
    (tmp_path / "contexts" / "town" / "landscape.yaml").write_text(text, encoding="utf-8")
    assert ("rabbitmq" in words_of(tmp_path, "town")) is needed


def test_a_server_is_fetched_where_any_descriptor_of_the_landscape_names_it_and_no_other_landscapes(tmp_path: Path) -> None:
    for place, text in {"town/landscape": "", "town/shops/sales": "datastore: {type: mysql}", "city/stock": "mongodb"}.items():
        file = tmp_path / "contexts" / f"{place}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert words_of(tmp_path, "town") == {"datastore", "type", "mysql"}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ({"broker", "rabbitmq"}, ["rabbitmq"]),
        ({"mysql", "postgresql"}, ["mariadb"]),
        ({"mongodb"}, ["ferretdb"]),
        ({"kafka"}, ["kafka"]),
        (set(), []),
    ],
)
def test_only_the_servers_that_are_named_are_wanted(tmp_path: Path, words: set[str], wanted: list[str]) -> None:
    assert [server.name for server in servers(Site(CHECKOUT, tmp_path, root=False), "", words)[0]] == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ({"kafka"}, ["plugins", "plugin of kafka"]),
        ({"rabbitmq"}, ["plugins"]),
        (None, ["plugins", "plugin of kafka", "plugins for machines"]),
    ],
)
def test_only_the_plugins_that_are_needed_are_wanted(tmp_path: Path, words: set[str] | None, wanted: list[str]) -> None:
    site = Site(CHECKOUT, tmp_path, root=False)
    assert [plugins.name for plugins in plugin_sets(site, Engine(site, ""), "", words)] == wanted


def test_where_no_landscape_is_meant_every_server_is_wanted(tmp_path: Path) -> None:
    assert servers(Site(CHECKOUT, tmp_path, root=False), "", None)[1] == []


@pytest.mark.parametrize("name", ["nowhere", "../town", ""])
def test_a_landscape_that_does_not_exist_is_named_with_those_that_do(tmp_path: Path, name: str) -> None:
    (tmp_path / "contexts" / "town").mkdir(parents=True)
    (tmp_path / "contexts" / "town" / "landscape.yaml").touch()
    with pytest.raises(NoLandscapeError) as unknown:
        words_of(tmp_path, name)
    assert str(unknown.value) == f"there is no landscape {name!r} below contexts/; there are: town"


SETS = [(which.module, *found) for which in (DEFAULT, *BY_KIND.values()) for found in sdk_versions(CHECKOUT, which.plugins)]


@pytest.mark.parametrize(("module", "name", "version"), SETS)
def test_each_plugin_has_the_version_of_its_sdk(module: str, name: str, version: str) -> None:
    source = CHECKOUT / "toolchain" / "go" / module / "internal" / name / f"{name}.go"
    assert f'const version = "{version}"\n' in source.read_text(encoding="utf-8")


def test_the_lock_file_names_no_registry() -> None:
    assert not re.search(r"://|index-url|find-links", (CHECKOUT / "requirements.txt").read_text(encoding="utf-8"))


def test_one_build_compiles_at_a_time_as_others_have_the_same_to_compile(tmp_path: Path) -> None:
    go, compiling = tmp_path / "go", tmp_path / "compiling"
    go.write_text(f"#!/bin/sh\n[ $1 = list ] && exit\nmkdir {compiling} && sleep 0.1 && rmdir {compiling}\n", encoding="utf-8")
    go.chmod(0o755)

    def build(number: int) -> None:
        folder = tmp_path / f"{number}"
        folder.mkdir()
        GoModule(folder, ("./cmd",)).build(f"{go}", folder / "bin", Runner("go", folder / "log"), Step("go"))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(build, range(3)))
