"""The MongoDB-compatible server that the set-up builds: where it listens, what it refuses to be, how it ends."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.integration.local.harness import small_disk, wait_for
from tests.integration.toolchain.made import CHECKOUT, Toolchain
from toolchain.commands import Runner
from toolchain.gomodule import GoModule

PORT = 31690
VERIFIER = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:c2VydmVy"


@pytest.fixture
def start(toolchain: Toolchain, folder: Path, servant: str | None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    (folder / "verifier").write_text(VERIFIER)

    def run(*changed: str) -> subprocess.Popen[str]:
        program = Path(toolchain.variables["PLAT_MONGODB_BIN"]) / "plat-ferretdb"
        usual = ("-listen", f"127.0.0.1:{PORT}", "-data", f"{folder}", "-administrator", "admin", "-verifier")
        process = subprocess.Popen(
            [str(program), *usual, f"{folder / 'verifier'}", *changed],
            cwd=folder,
            env={},
            user=servant,
            group=servant,
            extra_groups=[] if servant else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def answers() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


def test_it_opens_one_port_on_loopback_calls_nobody_and_ends_when_told_to(start: Callable[..., subprocess.Popen[str]]) -> None:
    server = start()
    wait_for(lambda: server.poll() is not None or answers())
    found = {(each.laddr.ip, each.laddr.port, each.status) for each in psutil.Process(server.pid).net_connections()}
    assert {each for each in found if each[1] != PORT} == set()
    assert ("127.0.0.1", PORT, psutil.CONN_LISTEN) in found
    server.send_signal(signal.SIGTERM)
    output, _ = server.communicate(timeout=30)
    assert (server.returncode, "level=ERROR" in output) == (0, False)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (("-listen", f"0.0.0.0:{PORT}"), "0.0.0.0 is no loopback address, and without TLS the server listens on nothing else"),
        (("-listen", f":{PORT}"), "is no loopback address"),
        (("-administrator", ""), "the administrator's account: it needs -administrator and -verifier"),
        (("-verifier", "nowhere"), "the administrator's account: open nowhere: no such file"),
        (("-data", ""), "it needs -data"),
    ],
)
def test_what_would_leave_it_open_is_refused(
    start: Callable[..., subprocess.Popen[str]], changed: tuple[str, ...], message: str
) -> None:
    server = start(*changed)
    output, _ = server.communicate(timeout=30)
    assert server.returncode == 1
    assert message in output


def test_a_verifier_that_is_none_is_refused_and_not_quoted(start: Callable[..., subprocess.Popen[str]], folder: Path) -> None:
    (folder / "verifier").write_text("canary-password")
    output, _ = start("-verifier", f"{folder / 'verifier'}").communicate(timeout=30)
    assert "it holds no verifier of SCRAM-SHA-256" in output
    assert "canary" not in output


def test_a_disk_that_is_full_as_it_starts_is_called_so(
    start: Callable[..., subprocess.Popen[str]], servant: str | None
) -> None:
    with small_disk() as (disk, _):
        if servant:
            shutil.chown(disk, servant, servant)
        with pytest.raises(OSError, match="No space"):
            (disk / "filler").write_bytes(b"x" * 10_000_000)
        output, _ = start("-data", f"{disk}").communicate(timeout=30)
    assert "No space left on device" in output


def test_it_says_which_ferretdb_it_is(start: Callable[..., subprocess.Popen[str]]) -> None:
    assert start("-version").communicate(timeout=30)[0] == "FerretDB 1.24.2\n"


def test_the_guard_judges_right_in_the_small(tmp_path: Path) -> None:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if not go:
        pytest.skip("the server was not built on this machine: it has no Go")
    GoModule(CHECKOUT / "toolchain" / "go" / "ferretdb", ()).test(go, Runner("ferretdb", tmp_path / "log"))
