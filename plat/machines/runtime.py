"""What a landscape runs on its machines, for the command line: look, read logs, run a command. Docker is asked over SSH."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from plat.grouping import grouped
from plat.machines.containers import FORMAT, Container, parsed, status
from plat.machines.problems import Failed, NotMade, SshProblem
from plat.machines.ssh import Connection, Session
from plat.plan.model import Plan
from plat.runtime import Status

_SECONDS = 60
_AT_ONCE = 8
_QUIET = "-oLogLevel=ERROR"  # else ssh tells whoever sits at a terminal that it hangs up
_ABSENT = "no such "


class MachinesRuntime:
    """What `plan` runs on its machines, which `connections` lead to. Every method may raise SshProblem."""

    def __init__(self, plan: Plan, connections: Callable[[], Mapping[str, Connection]]) -> None:
        self._plan = plan
        self._ways_in = connections
        self._machines = {
            **{server.name: server.machine for server in plan.servers if server.machine},
            **{workload.name: workload.machine for workload in plan.workloads if workload.machine},
        }

    @property
    def names(self) -> Collection[str]:
        """Its servers and workloads."""
        return self._machines.keys()

    def status(self) -> Sequence[Status]:
        """Every server and workload with its state, in the plan's order. Changes nothing, and raises nothing of SSH's."""
        by_machine = grouped(self._machines, lambda name: self._machines[name])
        known = self._connections
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            states = pool.map(lambda machine: self._states(machine, by_machine[machine], known.get(machine)), by_machine)
            found = {one.name: one for some in states for one in some}
        return [found[name] for name in self._machines]

    def print_logs(self, names: Sequence[str], *, tail: int = 50, follow: bool = False) -> None:
        """Print what the containers of `names` wrote last, then with `follow` what they write."""
        options = [f"--tail={tail}", *(["--follow"] if follow else [])]
        with self.entered(self._machines[name] for name in names) as sessions:
            calls = {name: sessions[self._machines[name]].call(["docker", "logs", *options, name], "-T") for name in names}
            started = {name: _writing(call) for name, call in calls.items()}
            try:
                # Who is followed does not end: each needs a hand of its own then.
                with ThreadPoolExecutor(len(names) if follow else 1) as pool:
                    shown = pool.map(lambda name: _show(started[name], f"{name}: " if len(names) > 1 else ""), names)
                    codes = dict(zip(names, shown, strict=True))
            finally:
                for process in started.values():
                    process.terminate()
                    process.wait()
            for name in (name for name, code in codes.items() if code):
                where = sessions[self._machines[name]].connection.where
                raise Failed(where, f"the log of {name}", "it could not be read to its end")

    def execute(self, name: str, words: Sequence[str], *, context: str | None = None, terminal: bool = False) -> int:
        """Run a command in the container of `name`, and return its exit code."""
        del context  # The variables of a container are those of all that it carries.
        machine = self._machines[name]
        command = ["docker", "exec", "--interactive", *(["--tty"] if terminal else []), name, *words]
        with self.entered([machine]) as sessions:
            call = sessions[machine].call(command, "-t" if terminal else "-T", _QUIET)
            return subprocess.run(call, check=False).returncode

    @contextlib.contextmanager
    def entered(self, machines: Iterable[str] | None = None) -> Iterator[Mapping[str, Session]]:
        """Enter machines by name, all of the plan for None, for as long as the block runs."""
        if machines is None:
            machines = [machine.name for machine in self._plan.fleet.machines] if self._plan.fleet else []
        with contextlib.ExitStack() as stack:
            sessions: dict[str, Session] = {}
            for machine in dict.fromkeys(machines):
                if machine not in self._connections:
                    raise self._not_made(machine)
                sessions[machine] = stack.enter_context(self._connections[machine].opened())
            yield sessions

    def containers(self, sessions: Mapping[str, Session]) -> Mapping[str, Container]:
        """The containers of the plan that there are on entered machines, running or not, by name."""
        by_machine = grouped(self._machines, lambda name: self._machines[name])
        asked = {machine: names for machine, names in by_machine.items() if machine in sessions}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(lambda machine: _inspected(sessions[machine], asked[machine]), asked)
            return {name: container for some in found for name, container in some.items()}

    @cached_property
    def _connections(self) -> Mapping[str, Connection]:
        """Read once, since that takes a run of Pulumi."""
        return self._ways_in()

    def _not_made(self, machine: str) -> NotMade:
        return NotMade(machine, f"`plat up {self._plan.landscape} -e {self._plan.environment}`")

    def _states(self, machine: str, names: Sequence[str], connection: Connection | None) -> Sequence[Status]:
        if connection is None:
            return [Status(name, "STOPPED", str(self._not_made(machine))) for name in names]
        try:
            with connection.opened() as session:
                found = _inspected(session, names)
        except SshProblem as problem:
            return [Status(name, "UNKNOWN", str(problem)) for name in names]
        return [status(name, found.get(name)) for name in names]


def _inspected(session: Session, names: Sequence[str]) -> Mapping[str, Container]:
    done = session.run(["docker", "container", "inspect", f"--format={FORMAT}", *names], timeout=_SECONDS)
    complaints = [line for line in done.err.splitlines() if line.strip() and _ABSENT not in line.lower()]
    if done.code and complaints:
        raise Failed(session.connection.where, "docker inspect", complaints[-1])
    return parsed(done.out)


def _writing(call: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        call,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # what containers complain of is a part of their log
        text=True,
        errors="replace",
    )


def _show(process: subprocess.Popen[str], prefix: str) -> int:
    """Print what a process writes, and return its exit code."""
    for line in process.stdout or ():
        sys.stdout.write(f"{prefix}{line}")
        sys.stdout.flush()
    return process.wait()
