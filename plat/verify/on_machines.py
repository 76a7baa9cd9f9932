"""Tries the matrix on machines: from the network of each container and of each machine, and from this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from plat.kubernetes.pods import USER
from plat.machines.runtime import MachinesRuntime
from plat.plan.model import Plan, SecretRef
from plat.verify import elsewhere, run, wire
from plat.verify.machine_network import HERE, Spot, placed
from plat.verify.model import Cell, Outcome
from plat.verify.report import Report

_CONFINED = (
    "--rm",
    "--interactive",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    f"--user={USER}:{USER}",
    "--tmpfs=/tmp",
    "--memory=256m",
    "--log-driver=none",
)
_SECONDS = 600


def verify(plan: Plan, secrets: Mapping[SecretRef, str], runtime: MachinesRuntime) -> Report:
    """Tries every right and every way of `plan`, and compares. Raises SshProblem where a machine cannot be entered.

    What tries on a machine is a container for itself in the network of another one, which ends with its task. That comes by
    its standard input, so that no secret is written down anywhere.
    """
    image = plan.fleet.images["plat"] if plan.fleet else ""
    with runtime.entered() as sessions, run.quiet(), ThreadPoolExecutor(run.WORKERS) as pool:
        running = {name: found for name, found in runtime.containers(sessions).items() if found.is_alive}
        items = placed(plan, {name: found.address for name, found in running.items() if found.address})

        def attempt(end: Spot, cells: Sequence[Cell]) -> Sequence[Outcome]:
            if end == HERE:
                return run.attempt(cells, secrets, pool)
            if end.container and end.container not in running:
                return _untried(cells, f"{end.container} does not run")
            network = f"container:{end.container}" if end.container else "host"
            program, *words = wire.PROVER
            command = ["docker", "run", *_CONFINED, f"--network={network}", f"--entrypoint={program}", image, *words]
            done = sessions[end.machine or ""].run(command, wire.task(cells, secrets).encode(), timeout=_SECONDS)
            return _untried(cells, done.why) if done.code else wire.read_answer(done.out)

        # Each machine tries one after another: they wait more than they work, but a small one has work enough with one.
        results = elsewhere.results(items, secrets, attempt, lane=lambda end: end.machine, at_once=len(sessions) + 1)
    return Report(plan.landscape, plan.environment, results)


def _untried(cells: Sequence[Cell], why: str) -> Sequence[Outcome]:
    return [Outcome(allowed=None, words=f"could not be tried: {why}") for _ in cells]
