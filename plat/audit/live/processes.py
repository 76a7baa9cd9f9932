"""What runs on this machine for a stack, compared with what the landscape has there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.findings import Finding, Severity
from plat.home import Home
from plat.manual.audits import KEPT, LEFT_OVER
from plat.plan.model import Plan
from providers.local import spec
from providers.local.spec import Spec


def ask(home: Home, plan: Plan) -> tuple[tuple[Spec, ...], tuple[str, ...]]:
    """Every program that has been declared here, and the servers that keep data here."""
    paths = home.runtime(plan.stack)
    kept = sorted(folder.name for folder in paths.data.iterdir() if folder.is_dir()) if paths.data.is_dir() else []
    return spec.load_all(paths.specs), tuple(kept)


def findings(programs: Iterable[Spec], kept: Iterable[str], plan: Plan) -> Iterator[Finding]:
    """What runs here, or keeps data, that no descriptor declares; a server's helpers are its own."""
    here = plan.at("local")
    known = {server.name for server in here.servers} | {workload.name for workload in here.workloads}
    servers = set()
    for program in programs:
        if program.owner in known:
            continue
        if program.kind == "process":
            yield _left(program, plan)
        elif program.owner not in servers:
            servers.add(program.owner)
            yield _kept(program.owner, plan, f"server `{program.owner}` runs here, and no descriptor declares it")
    for name in kept:
        if name not in known | servers:
            yield _kept(name, plan, f"data of `{name}` is kept here, and no descriptor declares such a server")


def _left(program: Spec, plan: Plan) -> Finding:
    message = f"process `{program.name}` is kept running here, and no descriptor declares such a deployable"
    hint = f"`plat up {plan.landscape} -e {plan.environment}` ends it where its stack still has it"
    return Finding(rule=LEFT_OVER.id, message=message, subject=f"process `{program.name}`", hint=hint)


def _kept(name: str, plan: Plan, message: str) -> Finding:
    hint = (
        "bring its descriptor back to use it again; once nobody needs its data, take it out of its stack, and remove what is "
        f"below data/{name} of {plan.stack}"
    )
    return Finding(rule=KEPT.id, severity=Severity.WARNING, message=message, subject=f"server `{name}`", hint=hint)
