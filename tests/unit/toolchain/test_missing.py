from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from toolchain import gomodule, interpreter, mariadb, maven, rabbitmq
from toolchain.bootstrap import _provide
from toolchain.errors import MissingToolError, SetupError, SeveralErrors, UnexpectedFilesError
from toolchain.ferretdb import FerretDB
from toolchain.gomodule import GoModule
from toolchain.graphviz import Graphviz
from toolchain.interpreter import find_interpreter
from toolchain.java import find_java
from toolchain.kafka import Kafka
from toolchain.mariadb import MariaDB
from toolchain.nftables import Nftables
from toolchain.openssh import OpenSSH
from toolchain.packaged import OneProgram
from toolchain.parts import making
from toolchain.progress import Progress, Step
from toolchain.rabbitmq import RabbitMQ
from toolchain.site import Site

GO_REMEDY = (
    "unpack it into /usr/local/go (Debian 12's own package is older), "
    "or install `pulumi` with its plugins, which is then used as it is"
)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, on a machine without Go in its usual place."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(gomodule, "_USUAL_PLACE", tmp_path / "none")
    return folder


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def module(tmp_path: Path) -> GoModule:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "go.mod").write_text("module x\n\ngo 1.25.8\n", encoding="utf-8")
    return GoModule(tmp_path / "module", ())


@pytest.mark.usefixtures("programs")
def test_a_missing_go_is_named_with_what_needs_it_and_how_to_get_it(module: GoModule) -> None:
    with pytest.raises(MissingToolError) as missing:
        module.find_go("it builds the engine")
    assert str(missing.value) == f"Go 1.25.8 or newer is missing: it builds the engine. To get it: {GO_REMEDY}"


@pytest.mark.parametrize("said", ["go version go1.19.8 linux/amd64", "go version go1.25.7 linux/amd64", "nonsense"])
def test_an_older_go_is_named_as_such(module: GoModule, programs: Path, said: str) -> None:
    script(programs / "go", f"echo '{said}'")
    with pytest.raises(MissingToolError, match=f"it builds the engine, and {programs}/go is older"):
        module.find_go("it builds the engine")


@pytest.mark.parametrize("said", ["go version go1.25.8 linux/amd64", "go version go1.26rc1", "go version go2.0"])
def test_a_go_as_new_as_the_module_asks_for_will_do(module: GoModule, programs: Path, said: str) -> None:
    script(programs / "go", f"echo '{said}'")
    assert module.find_go("it builds the engine") == str(programs / "go")


def test_a_python_without_venv_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "python3.11"
    script(bare, 'case "$2" in *ensurepip*) exit 1 ;; *) echo 3.11 ;; esac')
    monkeypatch.setattr(interpreter, "_candidates", lambda: [bare])
    with pytest.raises(MissingToolError) as missing:
        find_interpreter(root=False)
    assert str(missing.value) == (
        "Python 3.11's venv with ensurepip is missing: it makes the environment of Plat's libraries. "
        "To get it: `apt-get install python3.11-venv` (as root)"
    )


def test_root_takes_no_python_that_the_servers_user_cannot_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    script(tmp_path / "python3.11", "echo 3.11")
    monkeypatch.setattr(interpreter, "_candidates", lambda: [tmp_path / "python3.11"])
    with pytest.raises(MissingToolError, match=r"Python 3\.11 is missing: Plat runs on it, as user plat too"):
        find_interpreter(root=True)


SERVERS = {
    "rabbitmq-server": (RabbitMQ, "it is the broker", "RabbitMQ"),
    "graphviz": (Graphviz, "it draws context maps as pictures", "Graphviz"),
    "mariadb-server-core": (MariaDB, "it runs datastores of type mysql", "MariaDB"),
    "nftables": (Nftables, "tests give machines their rules by it", "nftables"),
    "openssh-server": (OpenSSH, "tests enter machines through it", "an OpenSSH server"),
}


@pytest.mark.parametrize("package", SERVERS)
@pytest.mark.usefixtures("programs")
def test_a_machine_with_neither_the_server_nor_apt_is_told_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setattr(rabbitmq, "_DEBIAN_COMMANDS", tmp_path / "none")
    monkeypatch.setattr(mariadb, "_USUAL_FOLDERS", ())
    monkeypatch.setattr(OneProgram, "_usual_folders", ())
    part, needed_for, title = SERVERS[package]
    (missing,) = part(Site(tmp_path, tmp_path, root=False), os.environ["PATH"]).lacks()
    assert str(missing) == (
        f"{package} is missing: {needed_for}, and only Debian's package can be fetched without installing it. "
        f"To get it: install {title} with your system's package manager"
    )


@pytest.mark.usefixtures("programs")
def test_a_machine_without_go_is_told_what_mongodb_is_built_with(tmp_path: Path) -> None:
    folder = tmp_path / "toolchain" / "go" / "ferretdb"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module x\n\ngo 1.25.8\n", encoding="utf-8")
    (missing,) = FerretDB(Site(tmp_path, tmp_path, root=False), os.environ["PATH"]).lacks()
    assert str(missing) == (
        "Go 1.25.8 or newer is missing: it builds FerretDB, which runs datastores of type mongodb. "
        "To get it: unpack it into /usr/local/go (Debian 12's own package is older)"
    )


class Lacking:
    """A part that cannot be made."""

    def __init__(self, name: str) -> None:
        self.name = name

    def lacks(self) -> list[SetupError]:
        return [MissingToolError(self.name, "it is needed", "look for it")]

    def provide(self, step: Step) -> None:
        raise AssertionError(step)


def test_all_that_is_missing_is_told_at_once_and_before_anything_is_made() -> None:
    with pytest.raises(SeveralErrors) as missing:
        _provide([Lacking("this"), Lacking("that")], Progress())
    assert str(missing.value) == (
        "this is missing: it is needed. To get it: look for it\nthat is missing: it is needed. To get it: look for it"
    )


def kafka_of(programs: Path, java: str | None) -> Kafka:
    checkout = Path(__file__).resolve().parents[3]
    if java:
        script(programs / "java", f"echo 'openjdk version \"{java}\" 2025-04-15' >&2")
    return Kafka(Site(checkout, programs / "cache", root=False), str(programs))


JAVA_MISSING = (
    "Java 17 or newer is missing: the broker kafka runs on it. To get it: `apt-get install openjdk-17-jre-headless` (as root)"
)
MAVEN_MISSING = (
    "mvn is missing: it fetches the broker kafka, which Debian does not have. To get it: `apt-get install maven` (as root)"
)


@pytest.mark.parametrize(
    ("java", "messages"),
    [
        (None, [JAVA_MISSING, MAVEN_MISSING]),
        ("1.8.0_392", [JAVA_MISSING, MAVEN_MISSING]),
        ("11.0.2", [JAVA_MISSING, MAVEN_MISSING]),
        ("17.0.15", [MAVEN_MISSING]),
        ("21", [MAVEN_MISSING]),
    ],
)
def test_a_missing_or_old_java_and_a_missing_maven_are_told_at_once(
    programs: Path, monkeypatch: pytest.MonkeyPatch, java: str | None, messages: list[str]
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    (programs / "sh").symlink_to("/bin/sh")
    assert [str(missing) for missing in kafka_of(programs, java).lacks()] == messages


def test_a_kafka_that_is_cached_needs_java_and_no_maven(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    part = kafka_of(programs, "17.0.15")
    with making(part.folder.parent):
        pass
    assert part.lacks() == []
    (programs / "java").unlink()
    assert [str(missing) for missing in kafka_of(programs, None).lacks()] == [JAVA_MISSING, MAVEN_MISSING]


def test_a_newer_java_beside_the_machines_own_is_found(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    (programs / "sh").symlink_to("/bin/sh")
    newer = programs / "newer"
    newer.mkdir()
    script(programs / "java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")
    script(newer / "java", "echo 'openjdk version \"25\" 2025-09-16' >&2")
    both = f"{programs}:{newer}"
    assert find_java(both, root=False) == (programs / "java").resolve()
    assert find_java(both, root=False, oldest=21) == (newer / "java").resolve()
    assert find_java(f"{programs}", root=False, oldest=21) is None


@pytest.mark.parametrize(
    ("sentence", "files"),
    [("another jar", {"a.jar": "b"}), ("one too many", {"a.jar": "a", "b.jar": "b"}), ("one too few", {})],
)
def test_jars_that_are_not_the_pinned_ones_are_not_used(tmp_path: Path, sentence: str, files: dict[str, str]) -> None:
    (tmp_path / "sums").write_text(f"{hashlib.sha256(b'a').hexdigest()}  a.jar\n", encoding="utf-8")
    (tmp_path / "libs").mkdir()
    for name, text in files.items():
        (tmp_path / "libs" / name).write_text(text, encoding="utf-8")
    with pytest.raises(UnexpectedFilesError, match="not what the checkout's sums say"):
        maven._verify("kafka", tmp_path / "libs", tmp_path / "sums")
    assert sentence
