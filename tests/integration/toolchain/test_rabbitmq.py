"""The broker that the set-up provides runs as an unprivileged user, from its `bin` folder alone."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.toolchain.made import Toolchain

PORTS = {"amqp": 31672, "management": 31673, "distribution": 31674, "epmd": 31675}
PATIENCE_SECONDS = 120


@pytest.fixture
def commands(toolchain: Toolchain) -> Path:
    return Path(toolchain.variables["PLAT_RABBITMQ_BIN"])


@pytest.fixture
def start(commands: Path, folder: Path, servant: str | None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(program: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [str(commands / program), *arguments],
            env=settings(folder),
            cwd=folder,
            user=servant,
            group=servant,
            extra_groups=[] if servant else None,
            start_new_session=True,
            stdout=(folder / f"{program}.log").open("w", encoding="utf-8"),
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in reversed(started):
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def settings(folder: Path) -> dict[str, str]:
    (folder / "plugins").write_text("[rabbitmq_management].\n", encoding="utf-8")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{PORTS['amqp']}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {PORTS['management']}\n",
        encoding="utf-8",
    )
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(PORTS["epmd"]),
        "RABBITMQ_NODENAME": "plat-toolchain@localhost",
        "RABBITMQ_DIST_PORT": str(PORTS["distribution"]),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
    }


def overview(server: subprocess.Popen[str]) -> dict[str, object]:
    """What the management interface tells; asked until it answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert server.poll() is None, "the broker has ended"
        try:
            answer = httpx.get(f"http://127.0.0.1:{PORTS['management']}/api/overview", auth=("guest", "guest"))
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the management interface does not answer"
            time.sleep(0.5)
        else:
            found: dict[str, object] = answer.raise_for_status().json()
            return found


def test_the_broker_answers_runs_unprivileged_and_stops_when_told_to(
    start: Callable[..., subprocess.Popen[str]], commands: Path, folder: Path, servant: str | None
) -> None:
    start("epmd")
    server = start("rabbitmq-server")

    assert overview(server)["node"] == "plat-toolchain@localhost"
    assert (folder / "data").owner() == (servant or pwd.getpwuid(os.geteuid()).pw_name)
    status = subprocess.run(
        [str(commands / "rabbitmq-diagnostics"), "--quiet", "check_running"],
        env=settings(folder),
        user=servant,
        group=servant,
        extra_groups=[] if servant else None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (status.returncode, status.stderr) == (0, "")
