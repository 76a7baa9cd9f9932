"""A stack of the real Pulumi with the real policy pack, in folders of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plat.backends import at_folder
from plat.home import HOME_VARIABLE, Home
from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from providers.local.runtime import LocalRuntime

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ROOT / "tests" / "landscapes"
PROGRAMS = Path(__file__).resolve().parent / "programs"

_VIOLATION = re.compile(r"- \[mandatory\]  (?P<policy>\S+)  \((?P<type>\S+): (?P<name>\S+)\)")


@dataclass(frozen=True)
class Run:
    """How a run of Pulumi ended, with all that it printed."""

    code: int
    text: str

    @property
    def refused(self) -> dict[str, str]:
        """What the policy pack says about each resource that it refuses, by the resource's name."""
        said: dict[str, list[str]] = defaultdict(list)
        name = ""
        for line in self.text.rpartition("\nPolicies:")[2].partition("\nDiagnostics:")[0].splitlines():
            found = _VIOLATION.search(line)
            name = found["name"] if found else name
            said[name] += [] if found else [line.strip()]
        return {name: "\n".join(lines) for name, lines in said.items() if name}


@dataclass(frozen=True)
class Stack:
    """The stack `name` of a program in `programs`; its project, state and servers lie below `folder`."""

    folder: Path
    name: str
    program: str

    def pulumi(self, *words: str, stories: str = "", variables: Mapping[str, str] | None = None) -> Run:
        """Run Pulumi to its end; `stories` are those that the program tells beside its landscape."""
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive", "--stack", self.name],
            cwd=self.folder,
            env={**self._environment, "STORIES": stories, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def preview(self, stories: str = "", *words: str, **variables: str) -> Run:
        """Preview with the policy pack."""
        return self.pulumi("preview", "--policy-pack", str(ROOT / "policies"), *words, stories=stories, variables=variables)

    def up(self, stories: str = "", *words: str) -> Run:
        """Update with the policy pack and without a preview, so that the update itself has to stop what it must not make."""
        pack = ("--policy-pack", str(ROOT / "policies"))
        return self.pulumi("up", "--yes", "--skip-preview", *pack, *words, stories=stories)

    def resources(self) -> set[str]:
        """The names of all resources in the state."""
        exported = json.loads(self.pulumi("stack", "export").text)
        return {item["urn"].rpartition("::")[2] for item in exported["deployment"].get("resources", [])}

    def secrets(self) -> dict[str, str]:
        """The stack's generated secrets by name."""
        exported: Any = json.loads(self.pulumi("stack", "export", "--show-secrets").text)
        found = [item for item in exported["deployment"]["resources"] if item["type"].endswith(":RandomPassword")]
        return {item["urn"].rpartition("::")[2]: json.loads(item["outputs"]["result"]["plaintext"]) for item in found}

    @property
    def plan(self) -> Plan:
        """The plan of the stack."""
        return Project(ROOT).plan(self.name)

    @property
    def runtime(self) -> LocalRuntime:
        """What the stack runs."""
        return LocalRuntime(Home(ROOT), self.name)

    @property
    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        return {
            **inherited,
            "PULUMI_BACKEND_URL": at_folder(self.folder / "state"),
            # The set-up's own, where it has put the plugins.
            "PULUMI_HOME": os.environ.get("PULUMI_HOME", str(self.folder / "pulumi-home")),
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


@contextmanager
def stack(name: str, program: str) -> Iterator[Stack]:
    """A new stack, which is ended with all that it runs."""
    # Below /tmp itself, where the service user may go: pytest's own folders are root's alone.
    folder = Path(tempfile.mkdtemp(prefix="plat-policies-"))
    folder.chmod(0o755)
    (folder / "state").mkdir()
    project = {
        "name": "plat",
        "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        "main": str(PROGRAMS / program),
        "plugins": {
            "providers": [
                {"name": "platlocal", "path": str(ROOT / "providers" / "local")},
                {"name": "machine", "path": str(ROOT / "providers" / "machine")},
            ]
        },
    }
    (folder / "Pulumi.yaml").write_text(json.dumps(project))
    made = Stack(folder, name, program)
    with _variables({HOME_VARIABLE: str(folder / "home"), CONTEXTS_VARIABLE: str(LANDSCAPES)}):
        ready = made.pulumi("stack", "init")
        assert ready.code == 0, ready.text
        try:
            yield made
        finally:
            made.runtime.purge()
            shutil.rmtree(folder)


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
