"""What can be done with one landscape in one environment, for the command line to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from plat.engine import Engine, EngineProblem
from plat.home import Home
from plat.kubernetes import answer
from plat.kubernetes.kubectl import ClusterProblem
from plat.kubernetes.runtime import ClusterRuntime
from plat.kubernetes.waiting import Told
from plat.plan import variables
from plat.plan.model import Plan, SecretRef, Workload
from plat.plan.seen import seen_from
from plat.project import Project
from plat.verify import Report, in_cluster, verify
from providers.local.environment import resolve_environment
from providers.local.runtime import LocalRuntime


class Unconfirmed(Exception):  # noqa: N818 - named for what happens, not for Python
    """Data would be lost and nobody has said twice that it may be. The message is for the user."""


class Operations:
    """Everything on the stack `stack` of `project`; `say` gets each line of progress."""

    def __init__(self, project: Project, stack: str, say: Callable[[str], None]) -> None:
        self.stack = stack
        self.home = Home(project.root)
        self._project = project
        self._engine = Engine(self.home, stack, say)
        self._say = say

    @cached_property
    def plan(self) -> Plan:
        """The plan of the stack, from the descriptors as they are now. Raises Refusal."""
        return self._project.plan(self.stack)

    @cached_property
    def secrets(self) -> Mapping[SecretRef, str]:
        """The generated secrets by name, as the last update left them. Raises EngineProblem where there was none."""
        return {SecretRef(name): value for name, value in self._outputs["secrets"].items()}

    @property
    def runtime(self) -> LocalRuntime:
        """What runs for the stack on this machine."""
        return LocalRuntime(self.home, self.stack)

    @cached_property
    def cluster(self) -> ClusterRuntime | None:
        """What runs for the stack on a cluster; None where it is on this machine. Raises Refusal."""
        return ClusterRuntime(self.plan, self.home.root) if self.plan.cluster else None

    def states(self) -> Mapping[str, tuple[str, str]]:
        """The state of everything that runs, and why it does not where it does not, by name. Raises ClusterProblem."""
        found = self.cluster.status() if self.cluster else self.runtime.status()
        return {item.name: (item.state, item.reason) for item in found}

    def print_logs(self, names: Sequence[str], *, tail: int, follow: bool) -> None:
        """Prints what servers and deployables wrote. Raises ClusterProblem."""
        (self.cluster or self.runtime).print_logs(names, tail=tail, follow=follow)

    @property
    def is_current(self) -> bool:
        """Whether the descriptors are still what the last update applied. Raises EngineProblem where there was none."""
        return bool(self._outputs["digest"] == self.plan.digest)

    def up(self, *, refresh: bool = False) -> None:
        """Brings everything up. Raises Refusal, EngineProblem, ClusterProblem where its cluster does not answer."""
        plan = self.plan
        if plan.cluster:
            answer.ask(plan.cluster, self.home.root)
        self._say(f"{plan.landscape}: {len(plan.contexts)} contexts, {len(plan.workloads)} deployables")
        self._engine.ensure_stack()
        self._up(refresh=refresh)
        for cached in ("secrets", "_outputs"):
            self.__dict__.pop(cached, None)

    def _up(self, *, refresh: bool) -> None:
        if self.cluster is None:
            self._engine.up(refresh=refresh)
            return
        told = Told(self.cluster, self._generated, self._say)
        try:
            with told.while_waiting():
                self._engine.up(refresh=refresh)
        except EngineProblem:
            told.at_the_end()
            raise

    def _generated(self) -> Sequence[str]:
        try:
            return self._engine.generated()
        except EngineProblem as problem:
            raise ClusterProblem(str(problem)) from None

    def verify(self) -> Report:
        """Tries every right with every context's own credentials. Raises EngineProblem where nothing is up."""
        if not self.is_current:
            self._say("descriptors have changed since the last `plat up`: what differs below may be that")
        if self.cluster:
            return in_cluster.verify(self.plan, self.secrets, self.cluster.kubectl)
        return verify(self.plan, self.secrets)

    def variables(self, workload: Workload, context: str | None = None) -> Mapping[str, str]:
        """Exactly the variables that `workload` gets, secrets in plain text. Raises EngineProblem where nothing is up.

        Where it carries several contexts, the stores of the one that is meant by `context` are there without its prefix
        too, so that a client finds them.
        """
        stores = self.plan.datastores_of(context) if context in workload.contexts else ()
        servers = {server.name: seen_from(workload.target, server) for server in self.plan.servers}
        literal, refs = variables.of_datastores(stores, servers, "")
        secrets = {name: self._secret(ref) for name, ref in {**refs, **workload.secrets}.items()}
        tokens = {caller: self._secret(ref) for caller, ref in workload.callers.items()}
        return resolve_environment({**literal, **workload.environment}, secrets | variables.of_callers(tokens))

    def destroy(self, *, with_data: bool, confirmed: str | None) -> None:
        """Removes the runtime, and with `with_data` the data too. Raises Unconfirmed, EngineProblem."""
        landscape = self.stack.partition(".")[0]
        if with_data and confirmed != landscape:
            msg = (
                f"nothing was removed: --with-data destroys every datastore of {landscape} for good, so it wants the "
                f"landscape's name once more: --confirm {landscape}"
            )
            raise Unconfirmed(msg)
        if self._is_on_a_cluster:
            self._destroy_on_cluster(with_data=with_data)
            return
        runtime = self.runtime
        if with_data:
            # Everything of the local target lies in its runtime, so that this works whatever state things are in.
            if self._engine.exists():
                self._engine.remove_stack()
            runtime.purge()
            self._say(f"{self.stack}: everything is gone, data included")
            return
        if self._engine.exists():
            # What is inside of a server can only be removed while it runs.
            runtime.start()
            self._engine.destroy()
        self._say(
            f"{self.stack}: deployables, queues and rights are gone; datastores and their data are kept. "
            f"`plat up {landscape}` carries on, `plat destroy {landscape} --with-data` removes them too"
        )

    @property
    def _is_on_a_cluster(self) -> bool:
        return self._project.environment(self.stack).cluster is not None

    def _destroy_on_cluster(self, *, with_data: bool) -> None:
        if self._engine.exists():
            self._engine.destroy()
        if not with_data:
            self._say(f"{self.stack}: what runs is gone; namespaces with volumes, and what is on these, are kept")
            return
        if self.cluster is None:
            msg = f"{self.stack} is on no cluster"
            raise ClusterProblem(msg)
        self.cluster.remove_data()
        if self._engine.exists():
            self._engine.remove_stack()
        self._say(f"{self.stack}: everything is gone; volumes of a class that retains them still hold what was on them")

    def _secret(self, ref: SecretRef) -> str:
        if ref not in self.secrets:
            msg = f"descriptors of {self.stack} have changed since the last update: `plat up` applies them"
            raise EngineProblem(msg)
        return self.secrets[ref]

    @cached_property
    def _outputs(self) -> Mapping[str, Any]:
        again = f"`plat up {self.stack.partition('.')[0]}`"
        if not self._engine.exists():
            msg = f"{self.stack} has not been brought up here: {again} does"
            raise EngineProblem(msg)
        outputs = self._engine.outputs()
        if "secrets" not in outputs:
            msg = f"the last update of {self.stack} did not end well: run {again} again"
            raise EngineProblem(msg)
        return outputs
