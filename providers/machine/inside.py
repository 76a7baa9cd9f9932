"""`machine:index:Inside`: what is inside of a server in a container, made by a container beside it in its network.

The whole task is one document that goes there by standard input, so that it stands in no file, no variable and no command
line; what is done with it is what a Job does on a cluster (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from plat.machines.problems import SshProblem
from providers.common.resource import Drift, Order, Outputs, Warn
from providers.machine import entering
from providers.machine.entering import MachineProblem
from providers.machine.inputs import InsideInputs

_SECONDS = 600


class Inside:
    """The type of resource. What is made inside stays when it is deleted: it is its server's."""

    model = InsideInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"privateKey", "document"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, _: None, inputs: InsideInputs) -> None:
        """Find nothing wrong: who carries the document out judges it."""

    def drift(self, _: None, inputs: InsideInputs, known: Outputs) -> Drift:
        """Find nothing: `plat verify` tries what is inside."""
        del inputs, known
        return {}

    def create(self, _: None, order: Order, inputs: InsideInputs) -> tuple[str, Outputs]:
        """Make it."""
        return inputs.container, _carry_out(inputs, order)

    def update(self, _: None, order: Order, old: InsideInputs | None, new: InsideInputs) -> Outputs:
        """Make it as it is now to be."""
        del old
        return _carry_out(new, order)

    def read(self, _: None, inputs: InsideInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return what is known: only who tries it knows more."""
        del inputs, warn
        return known

    def delete(self, _: None, resource_id: str, inputs: InsideInputs) -> None:
        """Do nothing."""


def command(inputs: InsideInputs) -> list[str]:
    """The container that does the work: confined as all others are, and gone when it is done."""
    return [
        *("docker", "run", "--rm", "--interactive", "--network", f"container:{inputs.container}"),
        *("--user", inputs.run_as, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"),
        *("--memory", "256m", "--memory-swap", "256m", "--tmpfs", "/tmp", "--log-driver", "none"),  # noqa: S108 - its own
        *("--entrypoint", "python3", inputs.image, "-m", "providers.cluster", "-"),
    ]


def _carry_out(inputs: InsideInputs, order: Order) -> Outputs:
    order.note(f"making what is inside of {inputs.container}")
    try:
        with entering.connection(inputs).opened() as session:
            done = session.run(command(inputs), inputs.document.encode(), _SECONDS)
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None
    if done.code:
        msg = f"inside of {inputs.container} on {inputs.address}: {done.why}"
        raise MachineProblem(msg)
    return {}
