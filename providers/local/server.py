"""`platlocal:index:Server`: a real server with a data directory and an administrator of its own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import ClassVar

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.local import ports, spec
from providers.local.errors import NameTaken
from providers.local.inputs import KIND_TITLES, ServerInputs
from providers.local.kinds import KINDS, Answer, Ping, Place
from providers.local.locks import locked
from providers.local.machine import Machine
from providers.local.reasons import not_ready
from providers.local.resource import forgotten_if_it_fails, with_restart
from providers.local.spec import Spec
from providers.local.supervision import RUNNING, Watch

_PATIENCE = 240.0
_SAFE_WAY = "declare the new store beside the old, copy the data, and retire the old one"


class Server:
    """The type of resource. Deleting one stops it and leaves its data directory where it is."""

    model = ServerInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"adminPassword"})
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"running": True}
    noted: ClassVar[frozenset[str]] = frozenset({"restartedAt"})
    fixed: ClassVar[Mapping[str, str]] = {
        "name": f"it names the data directory; {_SAFE_WAY}",
        "kind": f"no server can read another kind's data; {_SAFE_WAY}",
        "adminUser": "roles and rights hang on it; keep it, and change its password at will",
    }

    def check(self, machine: Machine, inputs: ServerInputs) -> None:
        """Raise LocalProblem where the server cannot run as asked for."""
        KINDS[inputs.kind].check(_place(machine, inputs, _nobody))

    def drift(self, machine: Machine, inputs: ServerInputs, known: Outputs) -> Drift:
        """Return `running` where the server does not."""
        del known
        return {} if _is_running(machine, inputs) else {"running": f"{inputs.name} is not running"}

    def create(self, machine: Machine, order: Order, inputs: ServerInputs) -> tuple[str, Outputs]:
        """Make and start the server; what a lost or interrupted run left of it is taken over with its data."""
        resource_id = f"{inputs.name}-{secrets.token_hex(4)}"
        with _exclusively(machine, inputs):
            there = spec.load(machine.paths.specs, inputs.name)
            if there and there.urn != order.urn and machine.supervisor.state(inputs.name).state in RUNNING:
                raise NameTaken(inputs.name, there.urn)
            with forgotten_if_it_fails(machine, inputs.name):
                return resource_id, _bring_up(machine, replace(order, resource_id=resource_id), inputs)

    def update(self, machine: Machine, order: Order, old: ServerInputs | None, new: ServerInputs) -> Outputs:
        """Start the server as `new` says; it is restarted only for what it reads as it starts."""
        with _exclusively(machine, new):
            if old and old.admin_password != new.admin_password and _is_running(machine, old):
                reachable = new.model_copy(update={"port": old.port, "host": old.host})
                KINDS[new.kind].change_password(reachable, old.admin_password)
            if not _place(machine, new, order.warn).data.exists():
                order.warn(
                    f"the data of {new.name} is gone: it starts empty, and `pulumi up --refresh` makes anew what was in it"
                )
            return _bring_up(machine, order, new)

    def read(self, machine: Machine, inputs: ServerInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return whether the server runs and since when. It stays in the state when it is down."""
        del warn
        running = _is_running(machine, inputs)
        ping = KINDS[inputs.kind].ping(inputs) if running else Ping(Answer.NOT_YET, "")
        found = _outputs(machine, inputs, running=running, version=ping.words if ping.answer is Answer.READY else None)
        return with_restart(found, known)

    def delete(self, machine: Machine, resource_id: str, inputs: ServerInputs) -> None:
        """Stop the server and forget it; its data directory stays."""
        with _exclusively(machine, inputs):
            programs = [item for item in spec.load_all(machine.paths.specs) if item.owner == inputs.name]
            # Taken over by another resource in the meantime, it is that one's to delete.
            mine = [item.name for item in reversed(programs) if item.resource_id == resource_id]
            machine.supervisor.unregister(mine)


def _bring_up(machine: Machine, order: Order, inputs: ServerInputs) -> Outputs:
    kind, place = KINDS[inputs.kind], _place(machine, inputs, order.warn)
    kind.check(place)
    kind.prepare(place)
    specs = tuple(replace(item, urn=order.urn, resource_id=order.resource_id) for item in kind.specs(place))
    machine.supervisor.register(specs)
    ping = _start(machine, inputs, specs)
    if ping.answer is Answer.REFUSED:
        # Its data is older than the state: the password in it is another one, and whoever owns the files may set it.
        place.stop()
        kind.reset_password(place)
        ping = _start(machine, inputs, specs)
    if ping.answer is not Answer.READY:
        raise not_ready(machine, specs[-1], f"does not let its administrator in ({ping.words})", [inputs.admin_password])
    return _outputs(machine, inputs, running=True, version=ping.words)


def _start(machine: Machine, inputs: ServerInputs, specs: tuple[Spec, ...]) -> Ping:
    for item in specs:
        if machine.supervisor.state(item.name).state not in RUNNING:
            # What a dead supervisord left of it still holds the port.
            machine.supervisor.stop(item.name)
            _require_ports(machine, inputs, item.name)
            machine.supervisor.start(item.name)
    return _await_answer(machine, inputs, specs)


def _require_ports(machine: Machine, inputs: ServerInputs, program: str) -> None:
    for name, listener, port in KINDS[inputs.kind].listeners(inputs):
        if name == program:
            ports.require_free(listener, inputs.host, port, machine.environment)


def _await_answer(machine: Machine, inputs: ServerInputs, specs: tuple[Spec, ...]) -> Ping:
    give_up = time.monotonic() + _PATIENCE
    watches = [Watch(item.name) for item in specs]
    while True:
        ping = KINDS[inputs.kind].ping(inputs)
        states = machine.supervisor.states()
        for program, watch in zip(specs, watches, strict=True):
            why = watch.ended(states)
            if why:
                raise not_ready(machine, program, why, [inputs.admin_password])
        if ping.answer is not Answer.NOT_YET:
            return ping
        if time.monotonic() > give_up:
            why = f"does not answer after {_PATIENCE:.0f} s ({ping.words})"
            raise not_ready(machine, specs[-1], why, [inputs.admin_password])
        time.sleep(0.1)


def _is_running(machine: Machine, inputs: ServerInputs) -> bool:
    states = machine.supervisor.states()
    programs = {name for name, _, _ in KINDS[inputs.kind].listeners(inputs)}
    if any(name not in states or states[name].state not in RUNNING for name in programs):
        return False
    return ports.answers(inputs.host, inputs.port)


def _outputs(machine: Machine, inputs: ServerInputs, *, running: bool, version: str | None) -> Outputs:
    outputs = {
        "running": running,
        "startedAt": machine.supervisor.state(inputs.name).started_at,
        "dataDirectory": f"data/{inputs.name}",
    }
    return outputs if version is None else {**outputs, "serverVersion": version}


def _place(machine: Machine, inputs: ServerInputs, warn: Warn) -> Place:
    def stop() -> None:
        for item in reversed(spec.load_all(machine.paths.specs)):
            if item.owner == inputs.name:
                machine.supervisor.stop(item.name)

    return Place(machine.paths, machine.account, inputs, machine.home.toolchain, warn, stop)


def _exclusively(machine: Machine, inputs: ServerInputs) -> AbstractContextManager[None]:
    machine.supervisor.make_folders()
    return locked(machine.paths.root / f".lock-{inputs.name}", f"{KIND_TITLES[inputs.kind]} {inputs.name}")


def _nobody(message: str) -> None:
    """Listen to a warning and do nothing: what is only checked will be warned of when it is done."""
