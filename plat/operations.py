"""What can be done with one landscape in one environment, for the command line to offer."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cached_property
from typing import Any

from plat.compiled import Compiled
from plat.engine import Backend, Engine, EngineProblem, backend_of
from plat.environment import DEFAULT_ENVIRONMENT, Environment
from plat.garbage import uncollected
from plat.here import OnThisMachine
from plat.home import Home
from plat.kubernetes import answer
from plat.kubernetes.kubectl import ClusterProblem
from plat.kubernetes.runtime import ClusterRuntime
from plat.kubernetes.waiting import Told
from plat.machines import stored
from plat.machines.answer import ask as ask_machines
from plat.machines.runtime import MachinesRuntime
from plat.machines.ssh import Connection
from plat.plan import variables
from plat.plan.model import PAIRING, Plan, SecretRef, Workload
from plat.plan.seen import seen_from
from plat.plan.shares import Head, Share, shares, whole
from plat.preview import preview
from plat.preview.look import look
from plat.preview.made import made_of
from plat.preview.model import Report as Preview
from plat.project import Project
from plat.restack import Restack
from plat.rollout import PARALLEL, UNWATCHED, Result, Standing, State, UnitStacks, Watcher
from plat.rollout.heads import heads_of
from plat.rollout.ready import at_the_ready
from plat.runtime import Runtime, Status
from plat.stacks import StackName
from plat.verify import Report, in_cluster, on_machines, verify
from providers.local.environment import resolve_environment
from providers.local.runtime import LocalRuntime


class Unconfirmed(Exception):  # noqa: N818 - named for what happens, not for Python
    """Data would be lost and nobody has said twice that it may be. The message is for the user."""


def known(project: Project, environment: str) -> Sequence[str]:
    """The stacks in `environment` that were ever brought up, wherever what they made is. Raises Refusal, EngineProblem."""
    home, ending = Home(project.root), f".{environment}"
    backend = backend_of(home, project.environment(f"any{ending}").backend)
    return sorted(stack for stack in {*home.stacks(), *backend.states.stacks()} if stack.endswith(ending))


class Operations:
    """Everything on the stack `stack` of `project`; `say` gets each line of progress."""

    def __init__(self, project: Project, stack: str, say: Callable[[str], None]) -> None:
        self.stack = stack
        self.home = Home(project.root)
        self._project = project
        self._say = say
        self._by: Mapping[str, str] = {}
        self._worked_out: tuple[Mapping[str, Share], Mapping[str, Head]] | None = None

    @cached_property
    def _name(self) -> StackName:
        """Its name in parts; what is no stack's name, the project refuses."""
        landscape, _, environment = self.stack.partition(".")
        return StackName(landscape, environment)

    @cached_property
    def _settings(self) -> Environment:
        return self._project.environment(self.stack)

    @property
    def by_unit(self) -> bool:
        """Whether every unit has stacks of its own. Raises Refusal."""
        return self._settings.stacks == "unit"

    @cached_property
    def backend(self) -> Backend:
        """Where the states of the environment are. Raises Refusal."""
        found = backend_of(self.home, self._settings.backend, self._settings.secrets_provider)
        found.states.mend()
        return found

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self.home, self.backend, self.stack, self._say)

    @cached_property
    def plan(self) -> Plan:
        """The plan of the stack, from the descriptors as they are now. Raises Refusal."""
        if not self._compiled:
            return self._project.planned(self.stack)
        if self._compiled.is_there:
            return self._compiled.plan()
        # To keep it takes processors from the first stacks, and most are asked for once: who asks again finds heads, and
        # keeps it (docs/adr/0048).
        plan = self._compiled.make()
        if self._worked_out:
            self._compiled.keep_heads(self._worked_out[1])
        return plan

    @cached_property
    def _compiled(self) -> Compiled | None:
        return self._project.compiled(self.stack, self._work_out)

    def _work_out(self, plan: Plan) -> None:
        """Makes of a plan that is still being judged what is asked for next."""
        if self.by_unit:
            divided = shares(plan)
            self._worked_out = divided, heads_of(divided.values())

    @uncollected()
    def _keep_due(self, due: Sequence[str]) -> None:
        """Keeps what the programs of stacks will ask for that are `due`, where they do not find it at the ready."""
        if due and self._compiled and not self._by:
            self._compiled.keep(self.plan, [self._meant[name] for name in due])

    @cached_property
    def shares(self) -> Mapping[str, Share] | None:
        """What each stack holds, by name, where every unit has its own; None where one stack holds all. Raises Refusal."""
        if not self.by_unit:
            return None
        plan = self.plan
        return self._worked_out[0] if self._worked_out else shares(plan)

    @cached_property
    def heads(self) -> Mapping[str, Head]:
        """The heads of what each stack holds, by name; of one that holds all, too, which has none. Raises Refusal."""
        if kept := self._compiled.heads() if self._compiled else None:
            return kept
        meant = self._meant
        if self._worked_out:
            return self._worked_out[1]
        heads = heads_of(meant.values())
        if self._compiled:
            self._compiled.keep_heads(heads)
        return heads

    def unit_stacks(self, watcher: Watcher = UNWATCHED, parallel: int = PARALLEL) -> UnitStacks:
        """The stacks of all units. Raises Refusal, EngineProblem where one stack holds all."""
        if not self.by_unit:
            environment = self._name.environment
            msg = (
                f"{environment} has one stack for a whole landscape, {self.stack}, so that no unit can be named: "
                f"`stacks: unit` in stacks/environments/{environment}.yaml gives each unit its own"
            )
            raise EngineProblem(msg)
        return self._stacks(watcher, parallel)

    def _stacks(self, watcher: Watcher, parallel: int) -> UnitStacks:
        given = (self.heads, lambda: self._meant)
        return UnitStacks(self.home, self.backend, *given, self._standing, watcher, parallel, self._by)

    @contextlib.contextmanager
    def at_the_ready(self, *, everything: bool = False) -> Iterator[None]:
        """While the block runs, programs and policy packs of stacks that are not current find all loaded that they need.

        With `everything` those of the others do too; where one stack holds all, it does. Raises Refusal, EngineProblem.
        """
        with uncollected(for_good=True):
            self._standing.begin(self._name)
            # One stack that holds all is always worked on.
            is_needed = everything or not self.by_unit or len(self._standing.current()) < len(self.heads)
        if not is_needed:
            yield
            return
        with at_the_ready(self.home, self._name, self.plan, self._meant) as self._by:
            yield
        self._by = {}

    @cached_property
    def _standing(self) -> Standing:
        return Standing(self.home, self.backend, lambda: self.heads)

    @cached_property
    def _meant(self) -> Mapping[str, Share]:
        """What each stack holds, by name; one that holds all has none."""
        return self.shares if self.shares is not None else {"": whole(self.plan)}

    @cached_property
    def restack(self) -> Restack:
        """Brings what is there into the stacks that it belongs to. Raises Refusal."""
        return Restack(self.home, self.backend, self._name, lambda: self._meant, self._say, self._standing.current)

    @uncollected(for_good=True)
    def require_places(self) -> None:
        """Raises EngineProblem where something stands in another stack than the one that it belongs to."""
        self._standing.begin(self._name)
        if misplaced := self.restack.moves():
            landscape, environment = self._name.landscape, self._name.environment
            msg = (
                f"{misplaced[0].source} holds what belongs to {misplaced[0].dest}, and bringing that up would make it twice: "
                f"`plat restack {landscape} -e {environment}` shows what would move, and moves it without a loss"
            )
            raise EngineProblem(msg)

    @cached_property
    def secrets(self) -> Mapping[SecretRef, str]:
        """The generated secrets by name, as the last update left them. Raises EngineProblem where there was none."""
        if self.by_unit:
            return self.unit_stacks().secrets()
        return {SecretRef(name): value for name, value in self._outputs["secrets"].items()}

    @cached_property
    def runtimes(self) -> Sequence[Runtime]:
        """What runs for the stack, on each target that it is on. Raises Refusal."""
        first = self.cluster or OnThisMachine(self.plan, self._local, self.variables)
        return (first, self.machines) if self.machines else (first,)

    @cached_property
    def cluster(self) -> ClusterRuntime | None:
        """What runs for the stack on a cluster; None where it is on none. Raises Refusal."""
        return ClusterRuntime(self.plan.at("kubernetes"), self.home.root) if self.plan.cluster else None

    @cached_property
    def machines(self) -> MachinesRuntime | None:
        """What runs for the stack on machines; None where there are none. Raises Refusal."""
        fleet = self.plan.fleet
        return MachinesRuntime(self.plan, self.connections) if fleet and fleet.machines else None

    def status(self) -> Sequence[Status]:
        """Everything that runs, with its state. Raises ClusterProblem, EngineProblem."""
        return [item for runtime in self.runtimes for item in runtime.status()]

    def print_logs(self, names: Sequence[str], *, tail: int, follow: bool) -> None:
        """Prints what servers and deployables wrote. Raises what its targets' problems are called."""
        split = [(runtime, [name for name in names if name in runtime.names]) for runtime in self.runtimes]
        calls = [functools.partial(runtime.print_logs, own, tail=tail, follow=follow) for runtime, own in split if own]
        if not follow:
            for call in calls:
                call()
            return
        # None of them ends by itself.
        with ThreadPoolExecutor(len(calls)) as pool:
            for future in as_completed([pool.submit(call) for call in calls]):
                future.result()

    def execute(self, name: str, words: Sequence[str], *, context: str | None, terminal: bool) -> int:
        """Runs a command with the variables of a server or a deployable, and returns its exit code.

        Raises what its target's problems are called.
        """
        (runtime,) = (runtime for runtime in self.runtimes if name in runtime.names)
        return runtime.execute(name, words, context=context, terminal=terminal)

    @property
    def is_current(self) -> bool:
        """Whether the descriptors are still what the last update applied. Raises EngineProblem where there was none."""
        if self.by_unit:
            return all(map(self._standing.is_current, self.heads.values()))
        return bool(self._outputs["digest"] == self.plan.digest)

    def up(self, *, refresh: bool = False) -> None:
        """Brings everything up. Raises Refusal, EngineProblem, ClusterProblem where its cluster does not answer."""
        plan = self.plan
        if plan.cluster:
            answer.ask(plan.cluster, self.home.root)
        self._say(f"{plan.landscape}: {len(plan.contexts)} contexts, {len(plan.workloads)} deployables")
        self._up(refresh=refresh)
        for cached in ("secrets", "_outputs", "machines", "runtimes"):
            self.__dict__.pop(cached, None)

    def preview(self, names: Sequence[str] = (), watcher: Watcher = UNWATCHED, parallel: int = PARALLEL) -> Preview:
        """The report on what `up` would change, of the units that `names` mean. Raises Refusal, EngineProblem, NotThere."""
        if names and not self.by_unit:
            self.unit_stacks()
        self.require_places()
        stacks = self._stacks(watcher, parallel)
        self._keep_due(stacks.due(names))
        folder = self._project.landscapes / self.plan.landscape
        made = made_of(self.plan, self._project.root, folder)
        landscape = self._project.check_for(self.stack).landscape
        if landscape is None:
            # They have just been planned from: somebody is writing them.
            msg = f"the descriptors of {self.plan.landscape} have changed meanwhile: run this again"
            raise EngineProblem(msg)
        left = stacks.left() if self.by_unit else ()
        return preview(landscape, self.plan, look(stacks, names), made, sorted(names), left)

    def refresh(self) -> None:
        """Takes into the state what there is. Raises EngineProblem."""
        if not self._engine.exists():
            msg = f"{self.stack} has not been brought up here: `plat up {self._name.landscape}{self._option}` does"
            raise EngineProblem(msg)
        self._engine.refresh()

    def _up(self, *, refresh: bool) -> None:
        engine = Engine(self.home, self.backend, self.stack, self._say, by=self._by)
        if self.cluster is None:
            engine.up(refresh=refresh)
            return
        self.cluster.wake()
        told = Told(self.cluster, self._generated, self._say)
        try:
            with told.while_waiting():
                engine.up(refresh=refresh)
        except EngineProblem:
            told.at_the_end()
            raise

    def _generated(self) -> Sequence[str]:
        try:
            return self._engine.generated(PAIRING, self.plan.pairs)
        except EngineProblem as problem:
            raise ClusterProblem(str(problem)) from None

    def verify(self) -> Report:
        """Tries every right with every context's own credentials. Raises EngineProblem where nothing is up."""
        if not self.is_current:
            self._say("descriptors have changed since the last `plat up`: what differs below may be that")
        found = [in_cluster.verify(self.plan, self.secrets, self.cluster.kubectl)] if self.cluster else []
        found += [on_machines.verify(self.plan, self.secrets, self.machines)] if self.machines else []
        if not found:
            return verify(self.plan, self.secrets)
        return dataclasses.replace(found[0], results=tuple(result for report in found for result in report.results))

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
        landscape = self._name.landscape
        if with_data and confirmed != landscape:
            msg = (
                f"nothing was removed: --with-data destroys every datastore of {landscape} for good, so it wants the "
                f"landscape's name once more: --confirm {landscape}"
            )
            raise Unconfirmed(msg)
        if self.by_unit:
            # What runs of units is `destroy_units`' to remove.
            if self.cluster:
                self.cluster.remove_data()
            self.unit_stacks().remove()
            self._local.purge()
            self._say(f"{self.stack}: everything is gone, data included")
            return
        with_machines = self._settings.machines is not None and self._engine.exists()
        if self._settings.cluster:
            self._destroy_on_cluster(with_data=with_data, with_machines=with_machines)
            return
        if with_data:
            if with_machines:
                self._remove_machines_and_data()
            # Everything of the local target lies in its runtime, so that this works whatever state things are in.
            if self._engine.exists():
                self._engine.remove_stack()
            self._local.purge()
            self._say(f"{self.stack}: everything is gone, data included")
            return
        made = self._made_by_hypervisors() if with_machines else ()
        if self._engine.exists():
            # What is inside of a server can only be removed while it runs.
            self._local.start()
            self._destroy(made)
        gone = "deployables, queues, rights and machines that were made" if made else "deployables, queues and rights"
        self._say(
            f"{self.stack}: {gone} are gone; datastores and their data are kept. `plat up {landscape}{self._option}` carries "
            f"on, `plat destroy {landscape}{self._option} --with-data` removes them too"
        )

    def up_units(self, stacks: UnitStacks, names: Sequence[str], *, refresh: bool, force: bool) -> Result:
        """Brings up what of the units that `names` mean is not current, all by none.

        Raises NotThere, EngineProblem, ClusterProblem where its cluster does not answer.
        """
        due = stacks.due(names)
        self._keep_due(due)
        if self._settings.cluster:
            answer.ask(self._settings.cluster, self.home.root)
            # Of what is current nothing sleeps.
            if (due or refresh or force) and self.cluster:
                self.cluster.wake()
        result = stacks.up(names, refresh=refresh, force=force)
        if (failed := result.of(State.FAILED)) and self.cluster:
            secrets = functools.partial(self._secrets_of, stacks, [outcome.share for outcome in failed])
            Told(self.cluster, secrets, self._say).at_the_end()
        return result

    @staticmethod
    def _secrets_of(stacks: UnitStacks, names: Sequence[str]) -> Sequence[str]:
        try:
            return [value for name in names for value in stacks.secrets_of(name)]
        except EngineProblem as problem:
            raise ClusterProblem(str(problem)) from None

    def destroy_units(self, stacks: UnitStacks, names: Sequence[str], *, force: bool) -> Result:
        """Removes what runs of the units that `names` mean, all by none, and every right. Raises NotThere, EngineProblem."""
        if not self._settings.cluster:
            # What is inside of a server can only be removed while it runs.
            self._local.start()
            return stacks.destroy(names, force=force)
        answer.ask(self._settings.cluster, self.home.root)
        result = stacks.destroy(names, force=force)
        if result.ok and not names and self.cluster:
            self.cluster.hibernate()
        return result

    def _made_by_hypervisors(self) -> Collection[str]:
        """The machines that were made. Raises SshProblem where one that has something on it does not answer."""
        state = self._engine.exported()
        self._require_answers(state, stored.occupied(state))
        return stored.made(state)

    def _destroy(self, made: Collection[str]) -> None:
        self._engine.destroy()
        if made:
            # Now that nothing runs on them: what they still hold is on disks that stay.
            self._engine.rewrite(stored.without_machines)
            self._engine.destroy()

    def _remove_machines_and_data(self) -> None:
        state = self._engine.exported()
        # Those that were made go with their disks, and need not be asked.
        self._require_answers(state, stored.occupied(state) - stored.made(state))
        self._engine.rewrite(stored.without_anything)
        self._engine.destroy()

    def _require_answers(self, state: stored.State, machines: Collection[str]) -> None:
        found = {name: connection for name, connection in stored.connections(state).items() if name in machines}
        lost = f"`pulumi state delete -s {self.stack} --force --target-dependents` of its Reachable"
        ask_machines(found, f"start what does not run, and run this again. {lost} forgets a machine that is gone for good")

    @property
    def _option(self) -> str:
        """What names the environment on a command line."""
        environment = self._name.environment
        return "" if environment == DEFAULT_ENVIRONMENT else f" -e {environment}"

    @property
    def _local(self) -> LocalRuntime:
        return LocalRuntime(self.home, self.stack)

    def connections(self) -> Mapping[str, Connection]:
        """The ways into the stack's machines, by their names. Raises EngineProblem."""
        return stored.connections(self._engine.exported()) if self._engine.exists() else {}

    def _destroy_on_cluster(self, *, with_data: bool, with_machines: bool) -> None:
        if with_data and with_machines:
            self._remove_machines_and_data()
        elif self._engine.exists():
            self._destroy(self._made_by_hypervisors() if with_machines else ())
        if self.cluster is None:
            msg = f"{self.stack} is on no cluster"
            raise ClusterProblem(msg)
        if not with_data:
            self.cluster.hibernate()
            self._say(f"{self.stack}: what runs is gone; namespaces with volumes, and what is on these, are kept")
            return
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
        again = f"`plat up {self._name.landscape}`"
        if not self._engine.exists():
            msg = f"{self.stack} has not been brought up here: {again} does"
            raise EngineProblem(msg)
        outputs = self._engine.outputs()
        if "secrets" not in outputs:
            msg = f"the last update of {self.stack} did not end well: run {again} again"
            raise EngineProblem(msg)
        return outputs
