"""What a plan runs on this machine, as all targets' runtimes are seen: with what the plan and the stack's secrets add."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence

from plat.plan.model import Plan, Workload
from plat.project import Unreadable
from plat.runtime import Status
from providers.local.runtime import LocalRuntime

_KEPT = ("HOME", "TERM", "LANG", "TZ")
"""What a shell needs to find programs and a terminal comes from the caller; nothing else of the caller's does."""

Variables = Callable[[Workload, str | None], Mapping[str, str]]
"""The variables that a workload gets, secrets in plain text, with one of its contexts in mind."""


class OnThisMachine:
    """What `plan` runs here. Every method may raise LocalProblem."""

    def __init__(self, plan: Plan, local: LocalRuntime, variables: Variables) -> None:
        here = plan.at("local")
        self._servers = {server.name for server in here.servers}
        self._workloads = {workload.name: workload for workload in here.workloads}
        self._local = local
        self._variables = variables

    @property
    def names(self) -> Collection[str]:
        """Its servers and workloads."""
        return self._servers | self._workloads.keys()

    def status(self) -> Sequence[Status]:
        """Every program with its state, the servers' helpers included. Changes nothing."""
        return [Status(item.name, item.state, item.reason) for item in self._local.status()]

    def print_logs(self, names: Sequence[str], *, tail: int, follow: bool) -> None:
        """Print what programs wrote."""
        self._local.print_logs(names, tail=tail, follow=follow)

    def execute(self, name: str, words: Sequence[str], *, context: str | None, terminal: bool) -> int:
        """Run a command on this machine. Raises Unreadable where there is no such program."""
        del terminal  # It has this one's.
        kept = {variable: os.environ[variable] for variable in _KEPT if variable in os.environ}
        variables = {**kept, **self._of(name, context), "PATH": os.environ.get("PATH", os.defpath)}
        try:
            return subprocess.run(words, env=variables, check=False).returncode
        except FileNotFoundError:
            msg = f"there is no program `{words[0]}` on PATH"
            raise Unreadable([msg]) from None

    def _of(self, name: str, context: str | None) -> Mapping[str, str]:
        workload = self._workloads.get(name)
        return self._variables(workload, context) if workload else self._local.environment(name)
