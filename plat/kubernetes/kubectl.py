"""The cluster, asked by `kubectl`: whoever works with one has it, and it speaks to every kind of cluster."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Protocol


class ClusterProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """The cluster cannot be asked, or refuses. The message is for the user."""


class Access(Protocol):
    """How a cluster is reached: as a plan and an environment both say."""

    @property
    def kubeconfig(self) -> str | None:
        """The kubeconfig's path; None for the one that kubectl finds."""

    @property
    def context(self) -> str | None:
        """The context in it; None for its current one."""


class Kubectl:
    """`kubectl` on one cluster; a kubeconfig's path counts from the project's `root`."""

    def __init__(self, cluster: Access, root: Path) -> None:
        self._options: list[str] = []
        if cluster.kubeconfig:
            self._options += ["--kubeconfig", str(root / cluster.kubeconfig)]
        if cluster.context:
            self._options += ["--context", cluster.context]

    def command(self, *words: str) -> list[str]:
        """The whole command line of a call. Raises ClusterProblem where there is no kubectl."""
        program = shutil.which("kubectl")
        if not program:
            msg = "kubectl is not on PATH: it is how the cluster is looked at (https://kubernetes.io/docs/tasks/tools/)"
            raise ClusterProblem(msg)
        return [program, *self._options, *words]

    def run(self, *words: str, given: str | None = None, timeout: float = 120) -> str:
        """What a call prints, which gets the text `given`. Raises ClusterProblem with the cluster's own words."""
        try:
            done = subprocess.run(
                self.command(*words),
                input=given,
                stdin=None if given is not None else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            msg = f"kubectl {words[0]}: no answer within {timeout:.0f} s"
            raise ClusterProblem(msg) from None
        if done.returncode:
            msg = f"kubectl {words[0]}: {done.stderr.strip() or f'exit code {done.returncode}'}"
            raise ClusterProblem(msg)
        return done.stdout

    def listed(self, kind: str, *words: str) -> list[dict[str, Any]]:
        """The objects of a kind that `words` select. Raises ClusterProblem."""
        found: list[dict[str, Any]] = json.loads(self.run("get", kind, "--output=json", *words))["items"]
        return found
