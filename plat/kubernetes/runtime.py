"""What a landscape runs on its cluster, for the command line: look, read logs, run a command, remove."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plat.kubernetes import labels
from plat.kubernetes.flows import End
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.kubernetes.reasons import CONTROLLERS, OPERATED, Reason, reasons_of
from plat.plan.model import Plan
from plat.runtime import Status

_GONE = ("Failed", "Succeeded")
_POLICIES = "validatingadmissionpolicybindings,validatingadmissionpolicies"

_POSTGRESQL = "clusters.postgresql.cnpg.io"
_HIBERNATION = "cnpg.io/hibernation"  # an annotation, and the condition that tells of it
_WAITS = 300
"""Seconds that instances of a PostgreSQL have to end in order."""

_SPARE = 30


class ClusterRuntime:
    """What `plan` runs on its cluster. Every method may raise ClusterProblem."""

    def __init__(self, plan: Plan, root: Path) -> None:
        if not plan.cluster:
            msg = f"{plan.stack} is on no cluster"
            raise ClusterProblem(msg)
        self._plan = plan
        self._cluster = plan.cluster
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
        cluster = self._cluster
        nodes = {server.name: (cluster.nodes_of(server), cluster.needed_of(server)) for server in self._plan.servers}
        found = [_status(name, end, objects, reasons, nodes.get(name, (1, 1))) for name, end in self._ends.items()]
        copied = any(map(self._plan.backups_of, self._plan.servers))
        uncopied = dict(_uncopied(self._operated())) if copied else {}
        return [replace(each, reason="; ".join(filter(None, (each.reason, uncopied.get(each.name))))) for each in found]

    def hibernate(self) -> None:
        """End the instances of every PostgreSQL that an operator makes; what is on their volumes stays.

        They come back by `wake`. See https://cloudnative-pg.io/documentation/1.27/declarative_hibernation/.
        """
        awake = [_words(each) for each in self._operated() if not _hibernates(each)]
        for words in awake:
            self.kubectl.run("annotate", *words, "--overwrite", f"{_HIBERNATION}=on")
        for words in awake:
            limit = f"--timeout={_WAITS}s"
            self.kubectl.run("wait", *words, f"--for=condition={_HIBERNATION}", limit, timeout=_WAITS + _SPARE)

    def wake(self) -> None:
        """Let what `hibernate` has ended come back; whoever needs it waits for it."""
        for asleep in filter(_hibernates, self._operated()):
            self.kubectl.run("annotate", *_words(asleep), f"{_HIBERNATION}-")

    def _operated(self) -> list[dict[str, Any]]:
        """Each PostgreSQL that an operator makes, as it is there."""
        if not any(server.kind == "postgresql" and self._cluster.operates(server) for server in self._plan.servers):
            return []
        return self.kubectl.listed(_POSTGRESQL, "--all-namespaces", f"--selector={labels.PART_OF}={self._plan.landscape}")

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
        self.kubectl.run("delete", "namespace", "--ignore-not-found", *names, timeout=2 * _WAITS)
        if self._cluster.admission:
            ours = f"--selector={labels.PART_OF}={self._plan.landscape}"
            self.kubectl.run("delete", _POLICIES, "--ignore-not-found", ours)

    def _look(self) -> tuple[list[dict[str, Any]], list[Reason]]:
        kinds = ",".join([*CONTROLLERS, "Pod", "PersistentVolumeClaim", *self._asked()])
        # Not by the landscape's own label: an operator may say there that they are part of what it makes.
        found = self.kubectl.listed(kinds, "--all-namespaces", f"--selector={labels.UNIT}")
        here = {namespace.name for namespace in self._plan.namespaces}
        objects = [item for item in found if item["metadata"]["namespace"] in here]
        events = self.kubectl.listed("events", "--all-namespaces", "--field-selector=type=Warning")
        inside = {f"{server.name}--inside": End.inside(server) for server in self._plan.servers}
        poolers = {item.name: End.of_pooler(server, item) for server in self._plan.servers for item in server.poolers}
        return objects, reasons_of({**self._ends, **inside, **poolers}, objects, events)

    def _asked(self) -> Iterator[str]:
        """The kinds that an operator of this plan's answers for; others may have kinds of the same names."""
        cluster = self._plan.cluster
        for operator, (group, kinds) in OPERATED.items():
            if cluster and any(cluster.operator_of(server) == operator for server in self._plan.servers):
                yield from (f"{kind.lower()}.{group}" for kind in kinds)

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


def _words(operated: Mapping[str, Any]) -> tuple[str, ...]:
    metadata = operated["metadata"]
    return _POSTGRESQL, metadata["name"], f"--namespace={metadata['namespace']}"


def _hibernates(operated: Mapping[str, Any]) -> bool:
    return bool(operated["metadata"].get("annotations", {}).get(_HIBERNATION) == "on")


def _uncopied(operated: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The servers whose WAL does not reach its archive, and why: nobody else would notice before it is wanted."""
    for each in operated:
        for condition in each.get("status", {}).get("conditions", ()):
            if (condition["type"], condition["status"]) == ("ContinuousArchiving", "False"):
                name = each["spec"]["inheritedMetadata"]["labels"][labels.SERVER]
                yield name, f"what it writes is not copied: {condition.get('message', '')}"


def _status(
    name: str, end: End, objects: Sequence[Mapping[str, Any]], reasons: Sequence[Reason], nodes: tuple[int, int]
) -> Status:
    """The state of one, which has so many nodes and confirms nothing with fewer than so many of them."""
    wanted, needed = nodes
    pods = [item for item in objects if item["kind"] == "Pod" and _is_of(item, end)]
    alive = [pod for pod in pods if pod["status"].get("phase") not in _GONE]
    ready = sum(_is_ready(pod) for pod in alive)
    own = [f"{ready} of {wanted} nodes are ready"] if alive and ready < wanted and wanted > 1 else []
    if ready < needed or own:
        own += dict.fromkeys(reason.words for reason in reasons if reason.name == name)
    state = "RUNNING" if ready >= needed else "STARTING" if alive else "STOPPED"
    return Status(name, state, "; ".join(own))


def _is_ready(pod: Mapping[str, Any]) -> bool:
    return any(item["type"] == "Ready" and item["status"] == "True" for item in pod["status"].get("conditions", ()))
