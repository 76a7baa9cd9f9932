"""What a landscape runs on its cluster, for the command line: look, read logs, run a command, remove."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from plat.kubernetes import labels
from plat.kubernetes.flows import End
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.kubernetes.reasons import CONTROLLERS, Reason, reasons_of
from plat.plan.model import Plan
from plat.runtime import Status

_GONE = ("Failed", "Succeeded")
_POLICIES = "validatingadmissionpolicybindings,validatingadmissionpolicies"


class ClusterRuntime:
    """What `plan` runs on its cluster. Every method may raise ClusterProblem."""

    def __init__(self, plan: Plan, root: Path) -> None:
        if not plan.cluster:
            msg = f"{plan.stack} is on no cluster"
            raise ClusterProblem(msg)
        self._plan = plan
        self.kubectl = Kubectl(plan.cluster, root)
        ends = [*map(End.of_server, plan.servers), *map(End.of_workload, plan.workloads)]
        self._ends = {end.value: end for end in ends}

    @property
    def names(self) -> Collection[str]:
        """Its servers and workloads."""
        return self._ends.keys()

    def status(self) -> Sequence[Status]:
        """Every server and workload of the plan with its state. Changes nothing."""
        objects, reasons = self._look()
        return [_status(name, end, objects, reasons) for name, end in self._ends.items()]

    def reasons(self) -> list[Reason]:
        """Why what does not start does not, those who work inside of servers included. Changes nothing."""
        return self._look()[1]

    def last_words(self, reason: Reason, tail: int) -> str:
        """The last lines that the pod of `reason` wrote."""
        words = ["logs", f"--namespace={reason.namespace}", str(reason.pod), f"--tail={tail}", "--all-containers"]
        return self.kubectl.run(*words, *(["--previous"] if reason.previous else []))

    def print_logs(self, names: Sequence[str], *, tail: int = 50, follow: bool = False) -> None:
        """Print what the pods of `names` wrote last, then with `follow` what they write."""
        running = [subprocess.Popen(self._logs(end, tail, follow=follow)) for end in self._of(names)]
        try:
            for each in running:
                each.wait()
        finally:
            for each in running:
                each.terminate()

    def _logs(self, end: End, tail: int, *, follow: bool) -> list[str]:
        words = ["logs", f"--namespace={end.namespace}", f"--selector={end.key}={end.value}", f"--tail={tail}", "--prefix"]
        return self.kubectl.command(*words, "--all-containers", *(["--follow"] if follow else []))

    def execute(self, name: str, words: Sequence[str], *, context: str | None = None, terminal: bool = False) -> int:
        """Run a command in a pod of the workload or server `name`, and return its exit code."""
        del context  # The variables of a pod are those of all that it carries.
        (end,) = self._of([name])
        found = self.kubectl.listed("pods", f"--namespace={end.namespace}", f"--selector={end.key}={end.value}")
        running = [pod["metadata"]["name"] for pod in found if _is_of(pod, end) and pod["status"].get("phase") == "Running"]
        if not running:
            msg = f"no pod of `{name}` runs: `plat status` says why"
            raise ClusterProblem(msg)
        options = ["--stdin", *(["--tty"] if terminal else []), f"--namespace={end.namespace}"]
        return subprocess.run(self.kubectl.command("exec", *options, running[0], "--", *words), check=False).returncode

    def remove_data(self) -> None:
        """Remove every namespace of the plan with all that is in it; volumes themselves stay, as their class retains them.

        Policies of admission come last: until then they hold.
        """
        names = [namespace.name for namespace in self._plan.namespaces]
        self.kubectl.run("delete", "namespace", "--ignore-not-found", *names, timeout=300)
        if self._plan.cluster and self._plan.cluster.admission:
            ours = f"--selector={labels.PART_OF}={self._plan.landscape}"
            self.kubectl.run("delete", _POLICIES, "--ignore-not-found", ours)

    def _look(self) -> tuple[list[dict[str, Any]], list[Reason]]:
        kinds = ",".join([*CONTROLLERS, "Pod", "PersistentVolumeClaim"])
        objects = self.kubectl.listed(kinds, "--all-namespaces", f"--selector={labels.PART_OF}={self._plan.landscape}")
        events = self.kubectl.listed("events", "--all-namespaces", "--field-selector=type=Warning")
        inside = {f"{server.name}--inside": End.inside(server) for server in self._plan.servers}
        return objects, reasons_of({**self._ends, **inside}, objects, events)

    def _of(self, names: Sequence[str]) -> list[End]:
        unknown = [name for name in names if name not in self._ends]
        if unknown:
            msg = f"nothing called {unknown[0]} runs in {self._plan.stack} (there are: {', '.join(self._ends)})"
            raise ClusterProblem(msg)
        return [self._ends[name] for name in names]


def _is_of(pod: Mapping[str, Any], end: End) -> bool:
    metadata = pod["metadata"]
    own = metadata["namespace"] == end.namespace and metadata.get("labels", {}).get(end.key) == end.value
    # Those that `plat verify` tries the fences from bear the same label, and nobody made them but that.
    return own and bool(metadata.get("ownerReferences"))


def _status(name: str, end: End, objects: Sequence[Mapping[str, Any]], reasons: Sequence[Reason]) -> Status:
    pods = [item for item in objects if item["kind"] == "Pod" and _is_of(item, end)]
    alive = [pod for pod in pods if pod["status"].get("phase") not in _GONE]
    if any(_is_ready(pod) for pod in alive):
        return Status(name, "RUNNING")
    own = dict.fromkeys(reason.words for reason in reasons if reason.name == name)
    return Status(name, "STARTING" if alive else "STOPPED", "; ".join(own))


def _is_ready(pod: Mapping[str, Any]) -> bool:
    return any(item["type"] == "Ready" and item["status"] == "True" for item in pod["status"].get("conditions", ()))
