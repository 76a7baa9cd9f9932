"""A checkout of its own, as somebody who cloned the project has it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]
PYTHON = "/usr/bin/python3.11" if Path("/usr/bin/python3.11").exists() else "python3.11"

KILLS = int(os.environ.get("PLAT_TEST_KILLS", "3"))
"""How many updates are killed at random moments."""

# What the caller's own set-up says about another checkout must not leak into this one.
FOREIGN = (
    "PULUMI_",
    "PLAT_KAFKA",
    "PLAT_RABBITMQ",
    "PLAT_HOME",
    "PLAT_CONTEXTS",
    "LANDSCAPE",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "VAULT_",
)


@dataclass(frozen=True)
class Checkout:
    """Everything below `root`, with servers on ports of its own."""

    root: Path

    def run(self, *words: str, timeout: float = 400) -> subprocess.CompletedProcess[str]:
        """Runs a program in the checkout's own environment; both streams come back as one text."""
        return subprocess.run(
            self._activated(words),
            cwd=self.root,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Starts a program in a session of its own."""
        return subprocess.Popen(
            self._activated(words),
            cwd=self.root,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def half_made(self, stack: str, backend: Path, *, begun: bool = True) -> None:
        """Leaves what Pulumi does when it is killed between beginning a stack and giving it a key: some milliseconds' work.

        One that is not even `begun` is locked, and nothing more.
        """
        ended = subprocess.Popen(["true"])
        ended.wait()
        (self.root / ".plat" / f"update-{stack}.pid").write_text(str(ended.pid), encoding="utf-8")
        held = {"pid": ended.pid, "username": "x", "hostname": socket.gethostname(), "timestamp": "2026-11-29T10:00:00Z"}
        left: dict[str, object] = {f"locks/organization/plat/{stack}/1.json": held}
        if begun:
            left[f"stacks/plat/{stack}.json"] = {"version": 0, "checkpoint": {"stack": f"organization/plat/{stack}"}}
        for name, content in left.items():
            path = backend / ".pulumi" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content), encoding="utf-8")

    def done(self, *words: str) -> str:
        """What a program printed that must succeed."""
        result = self.run(*words)
        assert result.returncode == 0, f"{' '.join(words)}:\n{result.stdout}"
        return result.stdout

    def status(self, landscape: str) -> dict[str, Any]:
        """What `plat status --json` says."""
        found: dict[str, Any] = json.loads(self.done("plat", "status", landscape, "--json"))
        return found

    def context(self, landscape: str, name: str) -> dict[str, Any]:
        """One context of it."""
        found: dict[str, Any] = next(item for item in self.status(landscape)["contexts"] if item["context"] == name)
        return found

    def state(self, stack: str) -> dict[str, Any]:
        """The stack's state as it is stored, secrets encrypted."""
        found: dict[str, Any] = json.loads(self.done("pulumi", "stack", "export", "-s", stack))
        return found

    def secrets(self, stack: str) -> Mapping[str, str]:
        """Every generated secret in plain text."""
        found: dict[str, str] = json.loads(self.done("pulumi", "stack", "output", "-s", stack, "--json", "--show-secrets"))[
            "secrets"
        ]
        return found

    def pid(self, stack: str, program: str) -> int:
        """The process of a server or deployable."""
        words = (
            "import sys; from pathlib import Path; from plat.home import Home; "
            "from providers.local.runtime import LocalRuntime; "
            "found = LocalRuntime(Home(Path.cwd()), sys.argv[1]).status(); "
            "print(next(process.pid for process in found if process.name == sys.argv[2]))"
        )
        return int(self.done(".venv/bin/python", "-c", words, stack, program))

    def _activated(self, words: tuple[str, ...]) -> list[str]:
        return ["/bin/sh", "-c", '. .plat/activate && exec "$@"', "sh", *words]


def changes(output: str) -> str:
    """The engine's own count of what an update did."""
    lines = output.partition("Resources:")[2].partition("Duration:")[0].strip().splitlines()
    return "; ".join(line.strip() for line in lines)


def environment() -> dict[str, str]:
    """The variables that a fresh shell would have."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


def clone(to: Path, first: int = 18000, last: int = 19999) -> Checkout:
    """Copies what belongs to the project (and nothing that git ignores), moves its ports, and sets it up.

    Two clones that run at one time need ports `first` to `last` of their own.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, target = PROJECT / name, to / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    environment_file = to / "stacks" / "environments" / "local.yaml"
    text = environment_file.read_text()
    assert "first: 20000" in text
    environment_file.write_text(text.replace("first: 20000", f"first: {first}").replace("last: 29999", f"last: {last}"))
    subprocess.run([PYTHON, "-m", "toolchain.bootstrap"], cwd=to, env=environment(), check=True)
    return Checkout(to)


def remove(checkout: Checkout) -> None:
    """Stops everything and leaves nothing, also not what lies elsewhere because the checkout cannot be traversed."""
    checkout.run("plat", "down")
    digest = hashlib.sha256(str((checkout.root / ".plat").resolve()).encode()).hexdigest()[:12]
    elsewhere = [(checkout.root / ".plat").resolve(), Path("/var/lib/plat") / digest]
    for folder in elsewhere:
        if folder.is_relative_to("/var/lib/plat"):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(checkout.root, ignore_errors=True)


def kill_session(process: subprocess.Popen[str]) -> None:
    """Ends a program at once, and nothing of what it had started in sessions of their own."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
