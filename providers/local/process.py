"""`platlocal:index:Process`: a deployable, run with exactly the variables that it was declared to get."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import ClassVar

import httpx

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import ports, source, spec
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.environment import resolve_environment
from providers.local.errors import NameTaken
from providers.local.inputs import ProcessInputs
from providers.local.interpreter import FOLDER, PYTHON
from providers.local.locks import locked
from providers.local.machine import Machine
from providers.local.reasons import not_ready
from providers.local.resource import forgotten_if_it_fails, with_restart
from providers.local.spec import Spec
from providers.local.supervision import RUNNING, Watch

_PATIENCE = 60.0
_NO_SUCH_PAGE = frozenset({404, 405})


class Process:
    """The type of resource."""

    model = ProcessInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"secrets"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset({"name"})
    foreseen: ClassVar[Outputs] = {"running": True}
    noted: ClassVar[frozenset[str]] = frozenset({"restartedAt"})

    def check(self, machine: Machine, inputs: ProcessInputs) -> None:
        """Raise LocalProblem where variables cannot be resolved or the folder to run in is not there."""
        resolve_environment(inputs.environment, inputs.secrets)
        source.require_inside(machine.home.root, inputs.workdir, inputs.name)

    def drift(self, machine: Machine, inputs: ProcessInputs, known: Outputs) -> Drift:
        """Return `running` where the process does not."""
        del known
        running = machine.supervisor.state(inputs.name).state in RUNNING
        return {} if running else {"running": f"{inputs.name} is not running"}

    def create(self, machine: Machine, order: Order, inputs: ProcessInputs) -> tuple[str, Outputs]:
        """Start the process; what a lost or interrupted run left of it is taken over."""
        resource_id = f"{inputs.name}-{secrets.token_hex(4)}"
        with _exclusively(machine, inputs):
            there = spec.load(machine.paths.specs, inputs.name)
            if there and there.urn != order.urn and machine.supervisor.state(inputs.name).state in RUNNING:
                raise NameTaken(inputs.name, there.urn)
            with forgotten_if_it_fails(machine, inputs.name):
                return resource_id, _bring_up(machine, replace(order, resource_id=resource_id), inputs)

    def update(self, machine: Machine, order: Order, old: ProcessInputs | None, new: ProcessInputs) -> Outputs:
        """Start the process as `new` says; it is restarted only where its command, folder or variables change."""
        del old
        with _exclusively(machine, new):
            return _bring_up(machine, order, new)

    def read(self, machine: Machine, inputs: ProcessInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return whether the process runs, since when, and where its log is."""
        del warn
        return with_restart(_outputs(machine, inputs), known)

    def delete(self, machine: Machine, resource_id: str, inputs: ProcessInputs) -> None:
        """Stop the process and forget it."""
        with _exclusively(machine, inputs):
            there = spec.load(machine.paths.specs, inputs.name)
            # Taken over by another resource in the meantime, it is that one's to delete.
            if there and there.resource_id == resource_id:
                machine.supervisor.unregister([inputs.name])


def to_spec(machine: Machine, order: Order, inputs: ProcessInputs) -> Spec:
    """Return what the launcher has to do for `inputs`. Raises LocalProblem."""
    program, *arguments = inputs.command
    interpreter = program in {"python", "python3"}
    basics = {
        **BASIC_ENVIRONMENT,
        "PATH": f"{FOLDER}:{BASIC_ENVIRONMENT['PATH']}",
        "HOME": str(machine.paths.run),
        # Lines reach the log as they are written.
        "PYTHONUNBUFFERED": "1",
    }
    return Spec(
        name=inputs.name,
        owner=inputs.name,
        kind="process",
        order=20,
        command=(PYTHON if interpreter else program, *arguments),
        environment={**basics, **resolve_environment(inputs.environment, inputs.secrets)},
        workdir=source.workdir(machine, inputs.workdir),
        host=inputs.host,
        port=inputs.port,
        stop_as_group=True,
        resource_id=order.resource_id,
        urn=order.urn,
        labels=inputs.labels,
    )


def _bring_up(machine: Machine, order: Order, inputs: ProcessInputs) -> Outputs:
    registered = to_spec(machine, order, inputs)
    supervisor = machine.supervisor
    supervisor.register((registered,))
    if supervisor.state(inputs.name).state not in RUNNING:
        # What a dead supervisord left of it still holds the port.
        supervisor.stop(inputs.name)
        if inputs.port:
            ports.require_free(inputs.name, inputs.host, inputs.port, machine.environment)
        supervisor.start(inputs.name)
    why = _why_not_ready(machine, inputs)
    if why:
        # It would go on crashing for nobody.
        supervisor.stop(inputs.name)
        raise not_ready(machine, registered, why, inputs.secrets.values())
    return _outputs(machine, inputs)


def _why_not_ready(machine: Machine, inputs: ProcessInputs) -> str | None:
    """Wait until the process is ready and return None, or why it will not be."""
    give_up = time.monotonic() + _PATIENCE
    watch = Watch(inputs.name)
    while True:
        states = machine.supervisor.states()
        ended = watch.ended(states)
        if ended:
            return ended
        words = _answer(inputs) if inputs.port else ""
        if not words and states[inputs.name].state == "RUNNING":
            return None
        if time.monotonic() > give_up:
            return f"is not ready after {_PATIENCE:.0f} s ({words or watch.why})"
        time.sleep(0.1)


def _answer(inputs: ProcessInputs) -> str:
    """Return nothing where the process says it is ready, else what it says."""
    url = f"http://{inputs.host}:{inputs.port}/ready"
    try:
        # trust_env off: a proxy of the user's has no business here.
        response = httpx.get(url, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        return f"GET {url}: {error or type(error).__name__}"
    if response.is_success or response.status_code in _NO_SUCH_PAGE:
        return ""
    return f"GET {url}: {response.status_code} {response.text[:200].strip()}"


def _outputs(machine: Machine, inputs: ProcessInputs) -> Outputs:
    state = machine.supervisor.state(inputs.name)
    return {
        "running": state.state in RUNNING,
        "startedAt": state.started_at,
        "logFile": f"logs/{inputs.name}.log",
    }


def _exclusively(machine: Machine, inputs: ProcessInputs) -> AbstractContextManager[None]:
    machine.supervisor.make_folders()
    return locked(machine.paths.root / f".lock-{inputs.name}", f"the process {inputs.name}")
