"""What the stack's configuration gives the program, judged before anything is registered."""

from __future__ import annotations

from pathlib import Path

import pulumi
from pulumi.runtime import config

from plat.plan.model import Plan, SecretRef

_OURS = "plat:"


def setting(ref: SecretRef) -> str:
    """What the configuration calls a secret that it gives."""
    return ref.replace("/", "-")


def require_configuration(plan: Plan, root: Path) -> None:
    """Raises pulumi.RunError where the stack's configuration has what it may not have, or lacks what `plan` is given."""
    values, needed = config.CONFIG.get(), [setting(ref) for ref in plan.given]
    if not needed and not any(key.startswith(_OURS) for key in values):
        return
    from plat.configuration import ConfigurationProblem, require  # noqa: PLC0415 - which few stacks need

    secret = {key for key in values if config.is_config_secret(key)}
    try:
        require(pulumi.get_stack(), values, secret, needed, root)
    except ConfigurationProblem as problem:
        for line in problem.lines[:-1]:
            pulumi.log.error(line)
        raise pulumi.RunError(problem.lines[-1]) from None
