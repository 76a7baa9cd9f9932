"""A stack's servers and deployables on this machine, for the command line: start, stop, look, read logs, remove."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

import psutil

from plat.home import Home
from providers.local import files, leftovers, logs, ports, spec
from providers.local.errors import LocalProblem, NotReady, Unusable
from providers.local.machine import Machine
from providers.local.spec import Spec
from providers.local.supervision import ENDED, RUNNING, ProgramState, Supervisor

_PATIENCE = 120.0
_LINES = 5


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One program: `kind` is postgresql, redis, rabbitmq, epmd or process; `reason` says why it does not run."""

    name: str
    kind: str
    state: str
    pid: int | None
    started_at: str
    reason: str


class LocalRuntime:
    """What `stack` runs on this machine, whoever has started it. Every method may raise LocalProblem."""

    def __init__(self, home: Home, stack: str) -> None:
        self._machine = Machine(home, stack)

    def start(self) -> None:
        """Start all that has been declared, in order, waiting for each server before what needs it."""
        self._supervisor.ensure()
        for program in self._specs:
            if self._supervisor.state(program.name).state not in RUNNING:
                self._supervisor.stop(program.name)
                if program.port:
                    ports.require_free(program.name, program.host, program.port, self._machine.environment)
                self._supervisor.start(program.name)
                self._await(program)

    def stop(self) -> int:
        """Stop everything and return how many programs ran. Data stays, and so does what is declared."""
        if not self._machine.home.runtime(self._machine.stack).root.exists():
            return 0
        alive = self._processes()
        stopped = 0
        for program in reversed(self._specs):
            stopped += self._supervisor.state(program.name).state not in ENDED
            self._supervisor.stop(program.name)
        self._supervisor.shut_down()
        # What the programs had started themselves ends with them, or now.
        leftovers.end_all(alive, patience=10)
        return stopped

    def status(self) -> list[ProcessStatus]:
        """Return every declared program with its state, in the order in which they start. Changes nothing."""
        states = self._supervisor.states()
        return [_status(program, states.get(program.name)) for program in self._specs]

    def environment(self, name: str) -> Mapping[str, str]:
        """Return the variables of the program `name`, by which its own tools find it. Raises Unusable for no program."""
        found = {program.name: program.environment for program in self._specs}
        if name not in found:
            msg = f"nothing called {name} has been started in {self._machine.stack}"
            raise Unusable(msg)
        return found[name]

    def log(self, name: str) -> Path:
        """Return the log file of the program `name`. Raises Unusable where there is no such program."""
        if all(program.name != name for program in self._specs):
            known = ", ".join(program.name for program in self._specs) or "none"
            msg = f"nothing called {name} has been started in {self._machine.stack} (there are: {known})"
            raise Unusable(msg)
        return self._machine.paths.log(name)

    def logs(self, names: Sequence[str], *, tail: int = 50, follow: bool = False) -> Iterator[str]:
        """Return the last `tail` lines of each log of `names`, then with `follow` new ones as they come.

        With several names, each line begins with its program's.
        """
        paths = {name: self.log(name) for name in names}
        prefixes = {name: f"{name}: " if len(names) > 1 else "" for name in names}
        # Begun before the last lines are read, so that none falls between the two.
        new = logs.follow(paths) if follow else iter(())
        last = ((name, line) for name, path in paths.items() for line in files.last_lines(path, tail))
        for name, line in chain(last, new):
            yield prefixes[name] + line

    def print_logs(self, names: Sequence[str], *, tail: int = 50, follow: bool = False, to: TextIO | None = None) -> None:
        """Print what `logs` returns to `to`, or else to standard output."""
        for line in self.logs(names, tail=tail, follow=follow):
            print(line, file=to or sys.stdout, flush=True)

    def purge(self) -> None:
        """Stop everything and remove it from this machine: data, logs, configuration. This cannot be undone."""
        self.stop()
        paths = self._machine.home.runtime(self._machine.stack)
        if self._supervisor.socket.parent != paths.run:
            shutil.rmtree(self._supervisor.socket.parent, ignore_errors=True)
        if paths.root.exists():
            shutil.rmtree(paths.root)

    @property
    def _supervisor(self) -> Supervisor:
        return self._machine.supervisor

    @property
    def _specs(self) -> tuple[Spec, ...]:
        return spec.load_all(self._machine.home.runtime(self._machine.stack).specs)

    def _processes(self) -> list[psutil.Process]:
        roots = [self._pid(program.name) for program in self._specs]
        found: list[psutil.Process] = []
        for pid in filter(None, roots):
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
        return found

    def _pid(self, name: str) -> int | None:
        return leftovers.running(self._machine.paths.run / f"{name}.pid", self._machine.account)

    def _await(self, program: Spec) -> None:
        give_up = time.monotonic() + _PATIENCE
        while not (program.port is None or ports.answers(program.host, program.port)):
            state = self._supervisor.state(program.name)
            if state.state in ENDED or time.monotonic() > give_up:
                raise self._not_ready(program, state)
            time.sleep(0.1)

    def _not_ready(self, program: Spec, state: ProgramState) -> LocalProblem:
        path = self._machine.paths.log(program.name)
        # A deployable's secrets are not known here, so its words are left where they are; servers keep theirs.
        lines = [] if program.kind == "process" else files.last_lines(path, _LINES)
        return NotReady(program.name, state.why or "does not answer", self._machine.home.shown(path), lines)


def _status(program: Spec, state: ProgramState | None) -> ProcessStatus:
    known = state or ProgramState(program.name, "STOPPED")
    reason = "" if known.state in RUNNING else known.why
    # supervisord calls it STARTING for a second; who answers has started.
    answers = known.state == "STARTING" and program.port is not None and ports.answers(program.host, program.port)
    word = "RUNNING" if answers else known.state
    return ProcessStatus(program.name, program.kind, word, known.pid, known.started_at, reason)
