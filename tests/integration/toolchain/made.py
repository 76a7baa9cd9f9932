"""What the set-up made, and Pulumi run with it in a project of a test's own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from plat.backends import at_folder

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Toolchain:
    """The environment of the set-up."""

    folders: list[Path]
    variables: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([*map(str, self.folders), os.environ["PATH"]])
        return {**os.environ, **self.variables, "PATH": path}


def read_toolchain() -> Toolchain:
    document = json.loads((CHECKOUT / ".plat" / "toolchain.json").read_text(encoding="utf-8"))
    return Toolchain([Path(folder) for folder in document["path"]], document["environment"])


@dataclass(frozen=True)
class Project:
    """A Pulumi project with one stack and a state of its own."""

    folder: Path
    toolchain: Toolchain
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "PULUMI_BACKEND_URL": at_folder(self.folder),
            "PULUMI_CONFIG_PASSPHRASE": "only for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        inherited = self.toolchain.environment
        inherited.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
        return {**inherited, **own, **self.extra}

    def write(self, program: str) -> None:
        options = f"{{name: python, options: {{virtualenv: {CHECKOUT / '.venv'}}}}}"
        (self.folder / "Pulumi.yaml").write_text(f"name: trial\nruntime: {options}\n", encoding="utf-8")
        (self.folder / "__main__.py").write_text(program, encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = ["pulumi", *arguments, "--stack", "trial", "--non-interactive", "--cwd", str(self.folder)]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run to the end: exit code and output."""
        process = self.start(*arguments)
        output, _ = process.communicate()
        return process.returncode, output
