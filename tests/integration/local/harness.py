"""A stack of the real Pulumi with the real plugin, in folders of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psutil
import pytest
from pulumi.provider.experimental import provider as wire

from plat.backends import at_folder
from plat.home import HOME_VARIABLE, Home
from providers.common import values
from providers.common.log import EngineLog
from providers.local.provider import LocalProvider
from providers.local.runtime import LocalRuntime

ROOT = Path(__file__).resolve().parents[3]
STACK = "shop.test"
# Of this process alone: another worker's programs hold theirs, and a test looks for its own in all that runs.
PASSWORD = f"canary-{os.getpid():x}-admin"
OTHER_PASSWORD = f"canary-{os.getpid():x}-other"

Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """How a run of Pulumi ended, with all that it printed."""

    code: int
    text: str

    @property
    def summary(self) -> dict[str, int]:
        """What it says under "Resources:", as {"created": 2, "unchanged": 1}."""
        told = self.text.rpartition("Resources:")[2].partition("\n\n")[0]
        return {word: int(count) for count, word in re.findall(r"^\W*(\d+) (?:to )?(\w+)$", told, re.MULTILINE)}


@dataclass
class Stack:
    """A stack whose project lies in `folder` and whose `.plat` is `home`; the plugin is that of the checkout `root`."""

    folder: Path
    home: Path
    root: Path = ROOT
    more_environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plugin = self.folder / "plugin"
        plugin.mkdir(parents=True)
        runtime = f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
        # The real plugin's entry, with the interpreter that runs this test.
        (plugin / "__main__.py").symlink_to(self.root / "providers" / "local" / "__main__.py")
        (plugin / "PulumiPlugin.yaml").write_text(runtime)
        program = ROOT / "tests" / "integration" / "local" / "program"
        project = (
            f"name: plat\n{runtime}main: {program}\nplugins:\n  providers:\n    - name: platlocal\n      path: {plugin}\n"
        )
        (self.folder / "Pulumi.yaml").write_text(project)
        (self.folder / "state").mkdir()
        self.declare([])
        assert self.pulumi("stack", "init", STACK).code == 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables that Pulumi runs with."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PLAT_HOME"))}
        return {
            **inherited,
            HOME_VARIABLE: str(self.home),
            "PULUMI_BACKEND_URL": at_folder(self.folder / "state"),
            "PULUMI_HOME": str(self.folder / "pulumi-home"),
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "RESOURCES": str(self.folder / "resources.json"),
            **self.more_environment,
        }

    @property
    def runtime(self) -> LocalRuntime:
        """What the stack runs."""
        os.environ[HOME_VARIABLE] = str(self.home)
        return LocalRuntime(Home(self.root), STACK)

    @property
    def place(self) -> Path:
        """The folder of the runtime."""
        os.environ[HOME_VARIABLE] = str(self.home)
        return Home(self.root).runtime(STACK).root

    def declare(self, resources: Iterable[Resource]) -> None:
        """Have the program declare `resources` from now on."""
        (self.folder / "resources.json").write_text(json.dumps(list(resources)))

    def pulumi(self, *words: str) -> Run:
        """Run Pulumi to its end."""
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def up(self, *words: str) -> Run:
        """Update without a preview, whatever comes of it."""
        return self.pulumi("up", "--yes", "--skip-preview", *words)

    def must_up(self, *resources: Resource) -> Run:
        """Declare `resources`, if there are any, and update; it has to succeed."""
        if resources:
            self.declare(resources)
        run = self.up()
        assert run.code == 0, run.text
        return run

    def refresh(self) -> Run:
        """Look at everything; it has to succeed."""
        run = self.pulumi("refresh", "--yes", "--skip-preview", "--diff")
        assert run.code == 0, run.text
        return run

    def outputs(self, resource: str) -> dict[str, Any]:
        """The outputs of the resource with the program's id `resource`, secrets in plain text."""
        exported = json.loads(self.pulumi("stack", "export", "--show-secrets").text)
        found = {item["urn"].rpartition("::")[2]: item["outputs"] for item in exported["deployment"]["resources"][1:]}
        outputs: dict[str, Any] = found[resource]
        return outputs

    def check(self, type_name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
        """What the provider itself has against inputs `now` of a resource that had the inputs `before`."""
        os.environ[HOME_VARIABLE] = str(self.home)
        provider = LocalProvider(Home(self.root), Mock(spec=EngineLog))
        urn = f"urn:pulumi:{STACK}::plat::platlocal:index:{type_name}::x"

        async def ask() -> wire.CheckResponse:
            stack = values.from_python({"stack": STACK})
            await provider.configure(wire.ConfigureRequest({}, stack, accept_secrets=True, accept_resources=False))
            return await provider.check(wire.CheckRequest(urn, values.from_python(before), values.from_python(now), b""))

        return [failure.reason for failure in asyncio.run(ask()).failures or []]

    def pid(self, name: str) -> int:
        """The process id of the program `name`."""
        found = {item.name: item.pid for item in self.runtime.status()}
        pid = found[name]
        assert pid, f"{name} does not run"
        return pid

    def restarted(self, name: str, since: int) -> int:
        """Wait until the program `name` runs as another process than `since`, and give its id."""
        wait_for(lambda: bool({item.pid for item in self.runtime.status() if item.name == name} - {None, since}))
        return self.pid(name)

    def processes(self) -> list[psutil.Process]:
        """All processes that have to do with the runtime, by their command lines, and what they have started."""
        found: dict[int, psutil.Process] = {}
        for process in psutil.process_iter():
            try:
                if any(str(self.place) in word for word in process.cmdline()):
                    found |= {item.pid: item for item in (process, *process.children(recursive=True))}
            except psutil.NoSuchProcess:
                continue
        return living(found.values())

    def files_with(self, text: str) -> list[Path]:
        """The files below the runtime that hold `text`, without those that a server removes meanwhile."""
        return [path for path in self.place.rglob("*") if text.encode() in _content(path)]

    def end(self) -> None:
        """Stop everything and remove it."""
        self.runtime.purge()
        place = self.place
        if not place.is_relative_to(self.home.resolve()):
            shutil.rmtree(place.parents[1], ignore_errors=True)
        left = self.processes()
        assert left == []


def living(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those of `processes` that have not ended. One that nobody has waited for yet has."""
    return [item for item in processes if _lives(item)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        # It ended between the two questions.
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)


@contextmanager
def listener(port: int) -> Iterator[int]:
    """A process that listens on `port`, and its id."""
    code = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        other.stdout.readline()
        try:
            yield other.pid
        finally:
            other.kill()


def errors(text: str) -> list[str]:
    """The errors that a run told, without the engine's own."""
    told = text.rpartition("Diagnostics:")[2]
    return [line.strip() for line in told.splitlines() if "error:" in line and "update failed" not in line]


@contextmanager
def small_disk() -> Iterator[tuple[Path, Callable[[], None]]]:
    """A disk of 8 MB, and a function that makes it large enough."""
    folder = Path(tempfile.mkdtemp(prefix="plat-test-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8M,mode=755", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("mounting a small disk takes the right to mount, which this account has not")

    def grow() -> None:
        subprocess.run(["mount", "-o", "remount,size=500M", folder], check=True)

    try:
        yield folder, grow
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def server(kind: str, port: int, **inputs: Any) -> Resource:  # noqa: ANN401 - any property
    """A server called `<kind>-<port>` unless `name` says otherwise."""
    base = {"name": f"{kind}-{port}", "kind": kind, "port": port, "admin_user": "plat_admin", "admin_password": PASSWORD}
    return {"type": "Server", "id": f"{kind}-{port}", "inputs": {**base, **inputs}}


def process(name: str, code: str, **inputs: Any) -> Resource:  # noqa: ANN401 - any property
    """A deployable that is the Python program `code`."""
    return {"type": "Process", "id": name, "inputs": {"name": name, "command": ["python", "-c", code], **inputs}}
