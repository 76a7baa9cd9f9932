"""What a landscape runs on its cluster, for the command line: look, read logs, run a command, remove."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plat.kubernetes import labels
from plat.kubernetes.flows import End
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.plan.model import Plan

_GONE = ("Failed", "Succeeded")
_POLICIES = "validatingadmissionpolicybindings,validatingadmissionpolicies"


@dataclass(frozen=True, slots=True)
class PodStatus:
    """One workload or server: `state` as on the local target, `reason` says why it does not run."""

    name: str
    state: str
    reason: str


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

    def status(self) -> list[PodStatus]:
        """Every server and workload of the plan with its state. Changes nothing."""
        pods = self.kubectl.listed("pods", "--all-namespaces", f"--selector={labels.PART_OF}={self._plan.landscape}")
        return [_status(end, [pod for pod in pods if _is_of(pod, end)]) for end in self._ends.values()]

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

    def command(self, name: str, words: Sequence[str], *, terminal: bool) -> list[str]:
        """The command line that runs `words` in a pod of the workload or server `name`, with that one's variables."""
        (end,) = self._of([name])
        found = self.kubectl.listed("pods", f"--namespace={end.namespace}", f"--selector={end.key}={end.value}")
        running = [pod["metadata"]["name"] for pod in found if _is_of(pod, end) and pod["status"].get("phase") == "Running"]
        if not running:
            msg = f"no pod of `{name}` runs: `plat status` says why"
            raise ClusterProblem(msg)
        options = ["--stdin", *(["--tty"] if terminal else []), f"--namespace={end.namespace}"]
        return self.kubectl.command("exec", *options, running[0], "--", *words)

    def remove_data(self) -> None:
        """Remove every namespace of the plan with all that is in it; volumes themselves stay, as their class retains them.

        Policies of admission come last: until then they hold.
        """
        names = [namespace.name for namespace in self._plan.namespaces]
        self.kubectl.run("delete", "namespace", "--ignore-not-found", *names, timeout=300)
        if self._plan.cluster and self._plan.cluster.admission:
            ours = f"--selector={labels.PART_OF}={self._plan.landscape}"
            self.kubectl.run("delete", _POLICIES, "--ignore-not-found", ours)

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


def _status(end: End, pods: Sequence[Mapping[str, Any]]) -> PodStatus:
    alive = [pod for pod in pods if pod["status"].get("phase") not in _GONE]
    ready = [pod for pod in alive if _condition(pod, "Ready")]
    if ready:
        return PodStatus(end.value, "RUNNING", "")
    reasons = [reason for pod in alive for reason in _reasons(pod)]
    return PodStatus(end.value, "STARTING" if alive else "STOPPED", "; ".join(dict.fromkeys(reasons)))


def _condition(pod: Mapping[str, Any], kind: str) -> bool:
    return any(item["type"] == kind and item["status"] == "True" for item in pod["status"].get("conditions", ()))


def _reasons(pod: Mapping[str, Any]) -> Iterator[str]:
    """Why a pod is not ready, in the cluster's words."""
    status = pod["status"]
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield condition.get("message", condition.get("reason", ""))
    for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        for state in (container.get("state", {}).get("waiting"), container.get("lastState", {}).get("terminated")):
            if state:
                yield f"{container['name']}: {state.get('reason', '')} {state.get('message', '')}".strip()
